/** A small datacenter around the data plane, for tests: a pool, a net and zones that only do what is asked of them. */
import {
  createHost,
  defineActor,
  type Host,
  type HostOptions,
  type Placement,
  type Service,
} from '@orrery/actor';
import { GIB, KIB, MIB, MS, SECOND, US } from '@orrery/kernel';
import { addToLedger, Place, ZioStatus, type Facts, type LedgerEntry, type Messages } from '@orrery/proto';
import type { Datacenter, Program, Vm, Workload } from '@orrery/spec';
import { clientKind, osKind, placeDataPlane } from './index.ts';

export const LOOKAHEAD = 250 * US;

interface Pool {
  latencyNs: number;
  zios: Messages['zioRequest'][];
  txgs: Messages['txgSync'][];
  failing: boolean;
  busyNs: number;
  laggard: boolean;
  spaces: Messages['txgSynced']['spaces'];
}

/** A pool whose every I/O takes the same time. */
const pool = defineActor<Pool, { latencyNs: number }>({
  name: 'test-pool',
  service: 'storage',
  init: (_, { latencyNs }) => ({
    latencyNs,
    zios: [],
    txgs: [],
    failing: false,
    busyNs: 0,
    laggard: false,
    spaces: [],
  }),
  on: {
    zioRequest: (ctx, state, zio) => {
      state.zios.push(zio);
      const ledger: LedgerEntry[] = [];
      addToLedger(ledger, Place.DEVICE, state.latencyNs);
      const due = Math.max(zio.issuedAt + state.latencyNs, ctx.now + ctx.lookaheadNs);
      addToLedger(ledger, Place.LOOKAHEAD, due - zio.issuedAt - state.latencyNs);
      const status = state.failing ? ZioStatus.ZIO_EIO : ZioStatus.ZIO_OK;
      const lastLaggardAt = state.laggard ? ctx.now : 0;
      state.busyNs += state.latencyNs;
      const done = { id: zio.id, status, ledger, diskBusyNs: state.busyNs, lastLaggardAt, disk: 'c0t0d0' };
      ctx.send(ctx.source, 'zioDone', done, due);
    },
    txgSync: (ctx, state, { txg, zones, commands }) => {
      state.txgs.push({ txg, zones, commands });
      const synced: Messages['txgSynced'] = {
        txg,
        dirtyReleased: zones.reduce((sum, zone) => sum + zone.dirtyBytes, 0),
        syncStartedAt: ctx.now,
        syncFinishedAt: ctx.now + 50 * MS,
        results: commands.map(({ id, replyTo }) => ({ id, replyTo, error: '' })),
        spaces: state.spaces,
      };
      ctx.send(ctx.source, 'txgSynced', synced, ctx.now + 50 * MS);
    },
  },
});

interface Net {
  watches: Messages['pathWatch'][];
}

/** A net whose every path takes the lookahead; `tick` of name `down` or `up` cuts and mends all. */
const net = defineActor<Net, undefined>({
  name: 'test-net',
  service: 'net',
  init: () => ({ watches: [] }),
  on: {
    pathWatch: (ctx, state, watch) => {
      state.watches.push(watch);
      announce(ctx, watch, true, 0);
    },
    pathDemand: () => undefined,
    tick: (ctx, state, { name, number }) => {
      for (const watch of state.watches) announce(ctx, watch, name === 'up', number);
    },
  },
});

function announce(
  ctx: Parameters<NonNullable<typeof net.on.tick>>[0],
  watch: Messages['pathWatch'],
  up: boolean,
  lossPerMillion: number,
): void {
  const paths = watch.peers.map((peer) => ({
    peer,
    up,
    latencyNs: LOOKAHEAD,
    lossPerMillion,
    rateBps: 10_000_000_000,
    bottleneck: 'cn-0001/nic/ixgbe0',
    network: watch.network,
    cost: [
      { place: Place.WIRE, behind: 0 as const, zone: 0, ns: 50 * US },
      { place: Place.LOOKAHEAD, behind: 0 as const, zone: 0, ns: 200 * US },
    ],
  }));
  ctx.send(watch.watcher, 'pathsAnnounced', { endpoint: watch.endpoint, paths });
}

interface Zone {
  answers: (Messages['workDone'] | Messages['zfsAnswer'])[];
}

const zone = defineActor<Zone, undefined>({
  name: 'test-zone',
  service: 'compute-node',
  init: () => ({ answers: [] }),
  on: {
    zoneReport: (ctx, _, report) => {
      ctx.emit('zoneServed', report);
    },
    zoneCap: (ctx, _, { before, cap, burstNs }) => {
      ctx.emit('cpuCapChanged', { uuid: '', alias: '', before, cap, burstNs });
    },
    workDone: (_, state, done) => {
      state.answers.push(done);
    },
    zfsAnswer: (_, state, answer) => {
      state.answers.push(answer);
    },
  },
});

export function testVm(index: number, node: string, changes: Partial<Vm> = {}): Vm {
  const limits = {
    cpuCap: 0,
    cpuShares: 100,
    cpuBaseline: 0,
    cpuBurstNs: 0,
    zfsIoPriority: 100,
    memoryBytes: GIB,
    swapBytes: 2 * GIB,
    lockedBytes: GIB,
    tmpfsBytes: GIB,
    quotaBytes: 0,
    maxLwps: 2000,
    vcpus: 0,
    ramBytes: 0,
  };
  const vm: Partial<Vm> = {
    uuid: `uuid-${index}`,
    alias: `vm-${index}`,
    node,
    brand: 'joyent',
    limits,
    nics: [],
    pool: 'zones',
    recordSizeBytes: 16 * KIB,
    workingSetBytes: 16 * MIB,
    dataBytes: 16 * MIB,
    residentBytes: 64 * MIB,
    workers: 8,
    backlog: 100,
    ...changes,
  };
  return vm as Vm;
}

export const cpuStep = (ns: number): Program['steps'][number] => ({
  op: 'cpu',
  ns,
  distribution: { kind: 'constant' },
});

export function ioStep(
  op: 'write' | 'sync-write' | 'read',
  bytes: number,
  count = 1,
  parallel = 1,
): Program['steps'][number] {
  return { op, bytes, count, parallel, pattern: 'uniform', skew: 0 };
}

export function closed(
  to: string[],
  program: string,
  clients: number,
  changes: Partial<Workload> = {},
): Workload {
  return {
    name: 'load',
    from: { kind: 'outside' },
    to,
    loop: { kind: 'closed', clients, thinkNs: MS, think: { kind: 'exponential' } },
    program,
    requestBytes: 500,
    timeoutNs: SECOND,
    retries: 0,
    startAtNs: 0,
    stopAtNs: Number.MAX_SAFE_INTEGER,
    ...changes,
  };
}

export interface Setting {
  vms: Vm[];
  programs: Program[];
  workloads: Workload[];
  cpus?: number;
  memoryBytes?: number;
  zioNs?: number;
  seed?: number;
  warm?: boolean;
  wire?: boolean;
  tunables?: Record<string, number>;
  onSpan?: (service: string, address: string, span: { name: string }) => void;
}

const nodes = ['cn-0001', 'cn-0002'];

/** What the host is made from: every os, every client, and the doubles around them. */
export function optionsOf(setting: Setting): HostOptions {
  const datacenter = {
    nodes: nodes.map((address) => ({ address })),
    vms: setting.vms,
    workloads: setting.workloads,
    programs: setting.programs,
    tunables: setting.tunables ?? {},
  } as unknown as Datacenter;
  const placements: Placement[] = [
    ...placeDataPlane(datacenter),
    { address: 'net', kind: 'test-net', locality: 'net', init: undefined },
  ];
  for (const node of nodes) {
    const latencyNs = setting.zioNs ?? 8 * MS;
    placements.push({
      address: `${node}/pool/zones`,
      kind: 'test-pool',
      locality: `storage:${node}`,
      init: { latencyNs },
    });
  }
  for (const vm of setting.vms) {
    const address = `${vm.node}/zone/${vm.uuid}`;
    placements.push({ address, kind: 'test-zone', locality: `compute:${vm.node}`, init: undefined });
  }
  const services: Service[] = [
    { name: 'compute-node', loose: false, kinds: [osKind, clientKind, zone] },
    { name: 'storage', loose: false, kinds: [pool] },
    { name: 'net', loose: false, kinds: [net] },
  ];
  return {
    seed: setting.seed ?? 1,
    services,
    placements,
    rules: { lookaheadNs: LOOKAHEAD, controlWindowNs: 50 * MS },
    ...(setting.wire === true ? { wire: true } : {}),
    ...(setting.onSpan === undefined ? {} : { onSpan: setting.onSpan }),
  };
}

/** A datacenter of two nodes on which all zones serve from time 0. */
export function startDataPlane(setting: Setting): Host {
  const host = createHost(optionsOf(setting));
  for (const node of nodes) boot(host, node, setting, 0);
  return host;
}

/** Lets a node's kernel come up, with all of its zones. */
export function boot(host: Host, node: string, setting: Setting, at: number): void {
  const { cpus = 4, memoryBytes = 16 * GIB, warm = false } = setting;
  host.post(`${node}/os`, 'osStarted', { cpus, memoryBytes, warm }, at);
  for (const vm of setting.vms) {
    if (vm.node !== node) continue;
    const id = host.idOf(`${node}/zone/${vm.uuid}`);
    host.post(`${node}/os`, 'zoneUp', zoneUp(vm, id, warm), at);
    host.post(`${node}/os`, 'zoneServes', { zone: id, serving: true }, at);
  }
}

function zoneUp(vm: Vm, id: number, warm: boolean): Messages['zoneUp'] {
  return {
    zone: id,
    uuid: vm.uuid,
    brand: vm.brand,
    dataset: `zones/${vm.uuid}`,
    limits: vm.limits,
    warm,
    alias: vm.alias,
    recordSize: 0,
    workingSetBytes: 0,
    residentBytes: 0,
    workers: 0,
    backlog: 0,
    network: '',
  };
}

type Served = Facts['zoneServed'];

/** All that a zone or a group of clients served, over all seconds. */
export function total(
  host: Host,
  address: string,
): Pick<Served, 'requests' | 'errors' | 'refused' | 'timeouts' | 'latencyNs'> & {
  cpuNs: number;
  hits: number;
  misses: number;
  ledger: Map<string, number>;
} {
  const sum = { requests: 0, errors: 0, refused: 0, timeouts: 0, latencyNs: 0, cpuNs: 0, hits: 0, misses: 0 };
  const ledger = new Map<string, number>();
  for (const fact of host.facts) {
    if (fact.address !== address || (fact.kind !== 'zoneServed' && fact.kind !== 'clientServed')) continue;
    const served = fact.payload as Served;
    sum.requests += served.requests;
    sum.errors += served.errors;
    sum.refused += served.refused;
    sum.timeouts += served.timeouts;
    sum.latencyNs += served.latencyNs;
    sum.cpuNs += served.cpuNs ?? 0;
    sum.hits += served.arcHits ?? 0;
    sum.misses += served.arcMisses ?? 0;
    for (const { place, behind, ns } of served.ledger) {
      const name = `${placeName(place)}${behind === 0 ? '' : `/${behind}`}`;
      ledger.set(name, (ledger.get(name) ?? 0) + ns);
    }
  }
  return { ...sum, ledger };
}

function placeName(place: number): string {
  return Object.keys(Place).find((name) => Place[name as keyof typeof Place] === place) ?? '';
}
