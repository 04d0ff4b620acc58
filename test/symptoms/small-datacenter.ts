/** The smallest datacenter in which every part of the catalogue has something to show: two nodes, two racks, one load each. */
import { Simulation, catalogue } from '@orrery/simulator';
import { loadScenario, type FileSource } from '@orrery/spec';
import { Witness } from './witness.ts';

/** An entry of a time line, as a scenario file writes it. */
export interface Entry {
  at: string;
  inject?: string;
  revert?: string;
  repair?: string;
  on?: string;
  with?: Record<string, string | number>;
  id?: string;
  for?: string;
}

export interface Run {
  /** How long, for instance `5m`. */
  until: string;
  timeline: readonly Entry[];
  seed?: number;
  /** Vdevs of the pool of cn-0001; default one mirror. */
  vdevs?: readonly object[];
  spares?: readonly string[];
  /** Keys of the profile of cn-0001, over the default ones. */
  profile?: object;
  /** Requests a second of the database's clients. */
  rate?: string;
  /** Steps of one request to the database. */
  steps?: readonly object[];
  workloads?: readonly object[];
  /** Does something to the simulation before its first event. */
  before?: (simulation: Simulation) => void;
}

const MIRROR = [{ mirror: ['c0t0d0', 'c0t1d0'] }];
const QUERY = [
  { cpu: '200us' },
  { read: { bytes: '16KiB', count: 2, pattern: 'uniform' } },
  { 'sync-write': '8KiB' },
];

function profile(run: Run): object {
  return {
    cpus: 4,
    memory: '2GiB',
    dimms: 2,
    psus: [
      { name: '0', feed: 'a' },
      { name: '1', feed: 'b' },
    ],
    nics: [{ name: 'ixgbe0', rate: '10Gbps', tags: ['admin', 'external'] }],
    disks: [{ name: 'c0t0d0', count: 6, kind: 'hdd', size: '200GB' }],
    pools: { zones: { vdevs: run.vdevs ?? MIRROR, spares: run.spares ?? ['c0t4d0'], used: '1GiB' } },
    timings: { post: '10s', platform_load: '5s', boot: '10s', dump: '5s', spread: '10%' },
    ...run.profile,
  };
}

function datacenter(run: Run): object {
  return {
    name: 'small',
    start: 'running',
    caches: 'cold',
    feeds: ['a', 'b'],
    racks: {
      r1: { feeds: ['a', 'b'], nodes: { count: 1, profile: 'tried' }, switches: ['tor-1'] },
      r2: { feeds: ['a', 'b'], nodes: { count: 1, profile: 'other' }, switches: ['tor-2'] },
    },
    switches: {
      'tor-1': { rack: 'r1', uplinks: [{ to: 'core' }] },
      'tor-2': { rack: 'r2', uplinks: [{ to: 'core' }] },
      core: { uplinks: [{ to: 'border' }] },
    },
    profiles: { tried: profile(run), other: profile({ until: '', timeline: [] }) },
    packages: { small: { memory: '256MiB', quota: '20GiB' } },
    images: { 'base-64': { size: '200MiB', os: 'smartos' } },
    vms: [
      vm('db', 'cn-0001', { data: '2GiB', working_set: '2GiB', record_size: '16KiB' }),
      vm('app', 'cn-0001', {}),
      vm('far', 'cn-0002', {}),
    ],
    programs: {
      query: { steps: run.steps ?? QUERY },
      page: { steps: [{ cpu: '1ms' }] },
    },
    workloads: run.workloads ?? [
      { name: 'visitors', to: 'db', program: 'query', rate: run.rate ?? '20/s', timeout: '2s' },
      { name: 'strangers', to: 'far', program: 'page', rate: '5/s', timeout: '2s' },
      { name: 'inside', from: 'app', to: 'db', program: 'page', rate: '5/s', timeout: '2s' },
    ],
  };
}

function vm(name: string, node: string, more: object): object {
  return {
    name,
    node,
    package: 'small',
    image: 'base-64',
    workers: 32,
    boot_work: { cpu: '500ms', read: '8MiB' },
    ...more,
  };
}

/** The disk that is tried, its partner in the mirror, and the spare. */
export const DISK = 'cn-0001/disk/c0t1d0';
export const PARTNER = 'cn-0001/disk/c0t0d0';
export const SPARE = 'cn-0001/disk/c0t4d0';
export const POOL = 'cn-0001/pool/zones';
export const NODE = 'cn-0001';

/** Runs the datacenter with a time line to its end. @throws Error when a file is refused or an assertion fails */
export function play(run: Run): Witness {
  const scenario = {
    datacenter: datacenter(run),
    seed: run.seed ?? 1,
    duration: run.until,
    timeline: run.timeline,
  };
  const files: FileSource = {
    read: (path) => (path === 'symptom/scenario.yaml' ? JSON.stringify(scenario) : undefined),
  };
  const loaded = loadScenario(files, 'symptom/scenario.yaml', catalogue);
  if (!loaded.ok)
    throw new Error(loaded.problems.map(({ path, message }) => `${path}: ${message}`).join('\n'));
  const { value } = loaded;
  const witness = new Witness(value);
  const simulation = new Simulation({
    scenario: value,
    seed: value.seed,
    onFact: (fact) => witness.hear(fact),
  });
  run.before?.(simulation);
  simulation.advance(value.durationNs);
  witness.end(simulation);
  return witness;
}
