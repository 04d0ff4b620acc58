/** How workloads and programs are written. */
import { z } from 'zod';
import { choice, duration, frequency, list, name, real, record, selector, size, whole } from './fields.ts';

export const distributionSchema = z
  .union(
    [
      z.enum(['constant', 'exponential']),
      record({ lognormal: real('standard deviation over mean', 0.001, 100) }),
      record({ pareto: real('the shape', 1.001, 100) }),
    ],
    { error: 'expected constant, exponential, {lognormal: 0.5} or {pareto: 2}' },
  )
  .meta({ description: 'how it varies about its mean' });

const pattern = () => choice('uniform', 'zipf', 'sequential').optional();
const skew = () => real('the exponent of zipf', 0.1, 10).optional();
const ioBytes = () => size({ least: 1, most: 1_073_741_824, words: 'up to 1GiB' });

/** A size alone, or a map with more to say. */
function sizeOr<Shape extends z.ZodRawShape>(shape: Shape) {
  const more = record({ bytes: ioBytes(), ...shape });
  return z.preprocess(
    (value) => (typeof value === 'object' && value !== null ? value : { bytes: value }),
    more,
  );
}

const timing = {
  count: whole('operations', 1, 1_000_000).optional(),
  pattern: pattern(),
  skew: skew(),
};

const cpuSchema = z
  .preprocess(
    (value) => (typeof value === 'object' && value !== null ? value : { time: value }),
    record({ time: duration({ least: 1, words: 'from 1ns' }), distribution: distributionSchema.optional() }),
  )
  .meta({ shorthand: 'a duration alone' });

export const callSchema = record({
  to: selector('a VM, a group or a glob (web-*), or a list of them'),
  program: name(),
  timeout: duration({ least: 1, words: 'from 1ns' }).optional(),
  retries: whole('tries after the first', 0, 1000).optional(),
  request: size().optional(),
});

const stepNames = ['cpu', 'read', 'write', 'sync-write', 'memory', 'call'] as const;

/** A step has one key: what it does. */
export const stepSchema = record({
  cpu: cpuSchema.optional(),
  read: sizeOr({ ...timing, parallel: whole('reads at once', 1, 1024).optional() }).optional(),
  write: sizeOr(timing).optional(),
  'sync-write': sizeOr(timing).optional(),
  memory: size({ least: 1 }).optional(),
  call: callSchema.optional(),
}).refine((step) => Object.values(step).filter((value) => value !== undefined).length === 1, {
  error: `expected a step with one of ${stepNames.join(', ')}`,
});

export const programSchema = record({
  steps: list(stepSchema, 'steps').min(1, { error: 'expected at least one step' }),
  reply: size().optional(),
});

export const workloadSchema = record({
  name: name(),
  from: selector('outside, or the VMs that ask').optional(),
  to: selector('a VM, a group or a glob (web-*), or a list of them'),
  program: name(),
  rate: frequency().optional(),
  arrival: distributionSchema.optional(),
  clients: whole('clients', 1, 1_000_000).optional(),
  think: duration().optional(),
  think_distribution: distributionSchema.optional(),
  request: size().optional(),
  timeout: duration({ least: 1, words: 'from 1ns' }).optional(),
  retries: whole('tries after the first', 0, 1000).optional(),
  start: duration().optional(),
  stop: duration().optional(),
});

export type DistributionEntry = z.output<typeof distributionSchema>;
export type ProgramEntry = z.output<typeof programSchema>;
export type StepEntry = z.output<typeof stepSchema>;
export type WorkloadEntry = z.output<typeof workloadSchema>;
