/** How a scenario is written. */
import { z } from 'zod';
import {
  choice,
  duration,
  durationWords,
  flag,
  list,
  name,
  named,
  real,
  record,
  selector,
  text,
  whole,
} from './fields.ts';
import { datacenterSchema } from './datacenter-schema.ts';
import { payloadRef, vmSchema } from './vm-schema.ts';

export const timelineSchema = record({
  at: duration(),
  inject: name().optional(),
  revert: name().optional(),
  repair: text('a repair').optional(),
  vm: choice('create', 'start', 'stop', 'reboot', 'destroy').optional(),
  /** The part, or the VM. */
  on: text('the address of a part (for instance cn-0001/disk/c0t2d0), or a VM').optional(),
  with: z
    .record(z.string(), z.union([z.string(), z.number(), z.boolean()], { error: 'expected a value' }), {
      error: 'expected a map of parameters',
    })
    .optional(),
  for: duration({ least: 1, words: 'from 1ns' }).optional(),
  id: name().optional(),
  payload: payloadRef.optional(),
  entry: vmSchema.optional(),
  server: text('a node').optional(),
  count: whole('VMs alike', 1, 100_000).optional(),
}).refine((entry) => verbs.filter((verb) => entry[verb] !== undefined).length === 1, {
  error: 'expected one of inject, revert, repair, vm',
});

const verbs = ['inject', 'revert', 'repair', 'vm'] as const;

export const phaseSchema = record({ from: duration(), to: duration().optional() });

const bound = () => form(`${durationWords}, or a multiple of another phase (for instance 2x before)`);

function form(what: string) {
  const error = `expected ${what}`;
  return z.union([z.string(), z.number()], { error }).meta({ description: what });
}

const checkKinds = ['latency', 'errors', 'pool', 'node', 'case', 'fact', 'conservation'] as const;

export const checkSchema = record({
  name: text('a name').optional(),
  latency: selector('a VM, a group or a glob').optional(),
  errors: selector('a VM, a group or a glob').optional(),
  pool: text('the address of a pool (cn-0001/pool/zones)').optional(),
  node: text('a node').optional(),
  case: text('a message id (ZFS-8000-FD), or any').optional(),
  fact: name().optional(),
  conservation: flag('that ledgers sum, and bytes and CPU time are conserved').optional(),
  phase: name().optional(),
  percentile: real('a percentile', 0, 100).optional(),
  below: bound().optional(),
  above: bound().optional(),
  most: whole('times', 0).optional(),
  least: whole('times', 0).optional(),
  state: text('a state').optional(),
  at: duration().optional(),
  present: flag('whether the case is there').optional(),
  seen: flag('whether the fact is there').optional(),
  actor: text('an address or a glob').optional(),
  after: duration().optional(),
  before: duration().optional(),
}).refine((check) => kindOf(check) !== undefined, {
  error: `expected one of ${checkKinds.join(', ')}`,
});

/** What a check is about: `case` has an optional node, else there is one key. */
function kindOf(check: Readonly<Record<string, unknown>>): (typeof checkKinds)[number] | undefined {
  const kinds = checkKinds.filter((kind) => check[kind] !== undefined);
  if (kinds.length === 2 && kinds[0] === 'node' && kinds[1] === 'case') return 'case';
  return kinds.length === 1 ? kinds[0] : undefined;
}
export const checkKindOf = (check: CheckEntry) => kindOf(check);

const printSchema = record({
  story: flag('whether to print what happens as it happens').optional(),
  tables: list(choice('vms', 'jobs', 'pools', 'faults', 'ledger', 'checks'), 'tables').optional(),
  vms: selector('VMs to show in tables').optional(),
});

const settings = {
  name: name().optional(),
  title: text('a title').optional(),
  description: text('a description').optional(),
  seed: whole('any kind', 0, 4_294_967_295).prefault(1),
  duration: duration({ least: 1, most: 100 * 86_400_000_000_000, words: 'from 1ns to 100d' }),
  print: printSchema.optional(),
};

/** The whole file, for its published JSON Schema. */
export const scenarioSchema = record({
  ...settings,
  datacenter: z.union([text('a file'), datacenterSchema], {
    error: 'expected a datacenter: a file name, or the map itself',
  }),
  timeline: list(timelineSchema, 'what happens').optional(),
  phases: named(phaseSchema, 'phases').optional(),
  checks: list(checkSchema, 'checks').optional(),
});

/** The same file with its sections still unread. */
export const scenarioFrame = record({
  ...settings,
  datacenter: z.union([z.string().min(1), z.record(z.string(), z.unknown())], {
    error: 'expected a datacenter: a file name, or the map itself',
  }),
  timeline: list(z.unknown(), 'what happens').optional(),
  phases: named(z.unknown(), 'phases').optional(),
  checks: list(z.unknown(), 'checks').optional(),
});

export type CheckEntry = z.output<typeof checkSchema>;
export type PhaseEntry = z.output<typeof phaseSchema>;
export type ScenarioFrame = z.output<typeof scenarioFrame>;
export type TimelineItem = z.output<typeof timelineSchema>;
