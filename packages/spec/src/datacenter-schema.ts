/** How a datacenter is written, as a whole. */
import { z } from 'zod';
import { choice, duration, list, name, named, record, text } from './fields.ts';
import { networkSchema, poolSchema, profileSchema, rackSchema, switchSchema } from './hardware-schema.ts';
import { imageSchema, packageSchema, vmSchema } from './vm-schema.ts';
import { programSchema, workloadSchema } from './workload-schema.ts';

const lookahead = () =>
  duration({ least: 1_000, most: 2_000_000, words: 'from 1us to 2ms' }).prefault('250us');
const controlWindow = () =>
  duration({ least: 1_000_000, most: 1_000_000_000, words: 'from 1ms to 1s' }).prefault('50ms');

const settings = {
  name: name().optional(),
  description: text('a description').optional(),
  lookahead: lookahead(),
  control_window: controlWindow(),
  start: choice('off', 'running').prefault('running'),
  caches: choice('warm', 'cold').prefault('cold'),
  feeds: list(name(), 'power feeds').optional(),
};

const tunables = z.record(z.string(), z.number({ error: 'expected a number' }), {
  error: 'expected a map of numbers by name',
});

/** The whole file, for its published JSON Schema. */
export const datacenterSchema = record({
  ...settings,
  racks: named(rackSchema, 'racks'),
  switches: named(switchSchema, 'switches').optional(),
  profiles: named(profileSchema, 'node profiles'),
  pools: named(poolSchema, 'pools of every node whose profile has none').optional(),
  networks: named(networkSchema, 'networks').optional(),
  packages: named(packageSchema, 'packages').optional(),
  images: named(imageSchema, 'images').optional(),
  vms: list(vmSchema, 'VMs').optional(),
  programs: named(programSchema, 'programs').optional(),
  workloads: list(workloadSchema, 'workloads').optional(),
  tunables: tunables.optional(),
});

const anyMap = (what: string) => named(z.unknown(), what);
const anyList = (what: string) => list(z.unknown(), what);

/** The same file with its sections still unread: each of their items is checked on its own (shape.ts). */
export const datacenterFrame = record({
  ...settings,
  racks: anyMap('racks'),
  switches: anyMap('switches').optional(),
  profiles: anyMap('node profiles'),
  pools: anyMap('pools').optional(),
  networks: anyMap('networks').optional(),
  packages: anyMap('packages').optional(),
  images: anyMap('images').optional(),
  vms: anyList('VMs').optional(),
  programs: anyMap('programs').optional(),
  workloads: anyList('workloads').optional(),
  tunables: tunables.optional(),
});

export type DatacenterFrame = z.output<typeof datacenterFrame>;
