/** A node's storage under test: its pool and disks, an os that keeps I/Os outstanding, and a fault manager that writes down. */
import {
  createHost,
  defineActor,
  type Context,
  type Host,
  type HostOptions,
  type Service,
} from '@orrery/actor';
import { GIB, hash64, KIB, MS, SECOND } from '@orrery/kernel';
import {
  ledgerTotal,
  ZioKind,
  type FactKind,
  type Facts,
  type Messages,
  type Param,
  type VdevAction,
} from '@orrery/proto';
import type { Disk, Pool, Vdev } from '@orrery/spec';
import type { InitialDataset, PoolState } from './actor/state.ts';
import { service } from './index.ts';

export const LOOKAHEAD = 250_000;
const TB = 1_000_000_000_000;

export function hdd(name: string, more: Partial<Disk> = {}): Disk {
  return {
    name,
    kind: 'hdd',
    model: 'ORRERY-HDD-7K2',
    serial: `S-${name}`,
    sizeBytes: TB,
    sectorBytes: 512,
    rpm: 7200,
    seekNsTrack: MS,
    seekNsAverage: 8.5 * MS,
    seekNsFull: 17 * MS,
    transferBytesPerSecondOuter: 200_000_000,
    transferBytesPerSecondInner: 100_000_000,
    channels: 1,
    readLatencyNs: 0,
    writeLatencyNs: 0,
    powerLossProtection: false,
    ...more,
  };
}

export function ssd(name: string, more: Partial<Disk> = {}): Disk {
  return hdd(name, {
    kind: 'ssd',
    sectorBytes: 4096,
    rpm: 0,
    sizeBytes: TB / 5,
    transferBytesPerSecondOuter: 500_000_000,
    transferBytesPerSecondInner: 500_000_000,
    channels: 8,
    readLatencyNs: 120_000,
    writeLatencyNs: 100_000,
    powerLossProtection: true,
    ...more,
  });
}

/** How an os double asks: `depth` I/Os outstanding at all times, spread over `datasets` and `span` bytes. */
export interface Load {
  depth: number;
  kind: ZioKind;
  sizeBytes: number;
  span: number;
  zones: string[];
  until: number;
}

interface Os {
  pool: number;
  load: Load | null;
  next: number;
  asked: Map<number, { at: number; zone: string }>;
  done: { id: number; at: number; latency: number; status: number; zone: string; disk: string }[];
  ledgers: Messages['zioDone'][];
  synced: Messages['txgSynced'][];
  imported: Messages['poolImported'][];
  suspended: boolean[];
  busyNs: number;
}

function ask(context: Context, state: Os): void {
  const { load } = state;
  if (load === null || context.now >= load.until) return;
  const id = state.next++;
  const zone = load.zones[id % load.zones.length];
  const [hi, lo] = hash64(`${zone}:${id}`);
  const blocks = Math.floor(load.span / load.sizeBytes);
  const offset = (((hi >>> 0) * 1024 + ((lo >>> 0) & 1023)) % blocks) * load.sizeBytes;
  state.asked.set(id, { at: context.now, zone });
  context.send(state.pool, 'zioRequest', {
    id,
    kind: load.kind,
    zone: context.lookup(`cn-0001/zone/${zone}`) ?? 0,
    dataset: `zones/${zone}`,
    offset,
    size: load.sizeBytes,
    issuedAt: context.now,
    root: 0,
    span: 0,
  });
}

const osKind = defineActor<Os, Load | null>({
  name: 'os',
  service: 'compute-node',
  init: (context, load) => {
    const state: Os = {
      pool: context.lookup('cn-0001/pool/zones') as number,
      load,
      next: 1,
      asked: new Map(),
      done: [],
      ledgers: [],
      synced: [],
      imported: [],
      suspended: [],
      busyNs: 0,
    };
    if (load !== null) context.timer('start', 0, 'tick', { name: 'start', number: 0 });
    return state;
  },
  on: {
    tick: (context, state) => {
      for (let i = 0; i < (state.load?.depth ?? 0); i++) ask(context, state);
    },
    zioDone: (context, state, message) => {
      const asked = state.asked.get(message.id);
      if (asked === undefined) throw new Error(`zio ${message.id} was answered twice`);
      state.asked.delete(message.id);
      const latency = context.now - asked.at;
      if (ledgerTotal(message.ledger) !== latency) {
        throw new Error(`ledger of ${message.id} is ${ledgerTotal(message.ledger)}, latency ${latency}`);
      }
      const { id, status, disk } = message;
      state.done.push({ id, at: context.now, latency, status, zone: asked.zone, disk });
      state.ledgers.push(message);
      state.busyNs = message.diskBusyNs;
      ask(context, state);
    },
    txgSynced: (_, state, message) => void state.synced.push(message),
    poolImported: (_, state, message) => void state.imported.push(message),
    poolSuspended: (_, state, message) => void state.suspended.push(message.suspended),
    // Carries a test's message to the pool, so that the answer comes back here.
    txgSync: (context, state, message) => context.send(state.pool, 'txgSync', message),
    poolImport: (context, state, message) => context.send(state.pool, 'poolImport', message),
  },
});

interface Fm {
  ereports: Messages['ereport'][];
  events: Messages['resourceEvent'][];
}

const fmKind = defineActor<Fm, null>({
  name: 'fm',
  service: 'fma',
  init: () => ({ ereports: [], events: [] }),
  on: {
    ereport: (_, state, message) => void state.ereports.push(message),
    resourceEvent: (_, state, message) => void state.events.push(message),
  },
});

const zoneKind = defineActor<object, null>({
  name: 'zone',
  service: 'compute-node',
  init: () => ({}),
  on: {},
});

export const doubles: Service[] = [
  { name: 'compute-node', loose: false, kinds: [osKind, zoneKind] },
  { name: 'fma', loose: true, kinds: [fmKind] },
];

export interface Bench {
  vdevs: Vdev[];
  logs?: Vdev[];
  spares?: string[];
  disks: Disk[];
  usedBytes?: number;
  load?: Partial<Load>;
  imported?: boolean;
  datasets?: InitialDataset[];
  lookaheadNs?: number;
  zones?: string[];
  wire?: boolean;
}

/** A host with one node's storage; `load` runs from time 0. */
export function makeHost(bench: Bench): Host {
  return createHost(hostOptions(bench));
}

/** What {@link makeHost} is made from. */
export function hostOptions(bench: Bench): HostOptions {
  const zones = bench.zones ?? ['a', 'b'];
  const pool: Pool = {
    name: 'zones',
    vdevs: bench.vdevs,
    logs: bench.logs ?? [],
    caches: [],
    spares: bench.spares ?? [],
    ashift: 9,
    usedBytes: bench.usedBytes ?? 0,
  };
  const none = { volume: false, origin: '', dataBytes: 0, quotaBytes: 0, recordSize: 0, image: false };
  const init = {
    node: 'cn-0001',
    pool,
    disks: bench.disks,
    memoryBytes: 64 * GIB,
    imported: bench.imported ?? true,
    datasets: bench.datasets ?? zones.map((zone) => ({ ...none, name: `zones/${zone}` })),
    priorities: {},
  };
  const load: Load | null =
    bench.load === undefined
      ? null
      : {
          depth: 1,
          kind: ZioKind.ZIO_READ,
          sizeBytes: 8 * KIB,
          span: 400 * GIB,
          zones: ['a'],
          until: 3600 * SECOND,
          ...bench.load,
        };
  const storage = 'storage:cn-0001';
  const compute = 'compute:cn-0001';
  const spares = new Set(pool.spares);
  return {
    seed: 1,
    services: [service, ...doubles],
    placements: [
      { address: 'cn-0001/pool/zones', kind: 'pool', locality: storage, init },
      ...bench.disks.map((disk) => ({
        address: `cn-0001/disk/${disk.name}`,
        kind: 'disk',
        locality: storage,
        init: {
          node: 'cn-0001',
          name: disk.name,
          serial: disk.serial,
          pool: 'zones',
          spare: spares.has(disk.name),
        },
      })),
      ...zones.map((zone) => ({
        address: `cn-0001/zone/${zone}`,
        kind: 'zone',
        locality: compute,
        init: null,
      })),
      { address: 'cn-0001/os', kind: 'os', locality: compute, init: load },
      { address: 'fm/cn-0001', kind: 'fm', locality: 'fma:cn-0001', init: null },
    ],
    rules: { lookaheadNs: bench.lookaheadNs ?? LOOKAHEAD, controlWindowNs: 50 * MS },
    wire: bench.wire ?? false,
  };
}

export const osOf = (host: Host) => host.stateOf<Os>('cn-0001/os');
export const fmOf = (host: Host) => host.stateOf<Fm>('fm/cn-0001');
export const poolOf = (host: Host) => host.stateOf<PoolState>('cn-0001/pool/zones');

export function factsOf<K extends FactKind>(host: Host, kind: K): { time: number; payload: Facts[K] }[] {
  return host.facts
    .filter((fact) => fact.kind === kind)
    .map((fact) => ({ time: fact.time, payload: fact.payload as Facts[K] }));
}

export function inject(
  host: Host,
  disk: string,
  kind: string,
  params: Record<string, number | string>,
): void {
  const list: Param[] = Object.entries(params).map(([name, value]) =>
    typeof value === 'number' ? { name, number: value, text: '' } : { name, number: 0, text: value },
  );
  const fault = { faultId: `f-${kind}`, kind, part: '', params: list, askedBy: 'test' };
  host.post(`cn-0001/disk/${disk}`, 'injectFault', fault);
}

export function revert(host: Host, disk: string, kind: string): void {
  host.post(`cn-0001/disk/${disk}`, 'revertFault', { faultId: `f-${kind}`, kind, part: '', askedBy: 'test' });
}

export function repair(host: Host, target: string, kind: string): void {
  host.post(`cn-0001/${target}`, 'repair', { kind, part: '', params: [], askedBy: 'test' });
}

export function retire(host: Host, action: VdevAction, disk: string, spare: boolean): void {
  host.post('cn-0001/pool/zones', 'retireVdev', { action, disk, spare, caseUuid: '' });
}
