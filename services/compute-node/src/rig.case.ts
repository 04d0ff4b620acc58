/**
 * A node and its zones among doubles that record what they hear and answer as the real services would: an os that does
 * work and ZFS commands, pools that import, a net that reaches the head node, a head node that boots nodes.
 */
import { createHost, defineActor, type Host, type Placement, type Service } from '@orrery/actor';
import { GIB, MS, SECOND } from '@orrery/kernel';
import {
  messageNumbers,
  type FactKind,
  type Facts,
  type MessageKind,
  type Messages,
  type Param,
  type ServiceName,
} from '@orrery/proto';
import type { Brand } from '@orrery/spec';
import { service } from './index.ts';
import type { NodeInit, NodeState } from './node/state.ts';
import type { ZoneConfig, ZoneInit } from './zone/config.ts';
import type { ZoneState } from './zone/state.ts';

export const NODE = 'cn-0001';

/** How the doubles behave; a test changes it between runs of the host. */
export interface Behaviour {
  /** What the os takes for a piece of work, ns; -1: never done. */
  workNs: number;
  workError: string;
  /** What a ZFS command takes, ns; -1: never answered. */
  zfsNs: number;
  zfsError: string;
  importNs: number;
  importError: string;
  headnodeAnswers: boolean;
  adminUp: boolean;
}

interface Heard {
  at: number;
  kind: MessageKind;
  payload: object;
}

interface Double {
  heard: Heard[];
  behaviour: Behaviour;
}

function double(name: string, of: ServiceName, loose: boolean): Service {
  const on: Record<string, unknown> = {};
  for (const kind of Object.keys(messageNumbers) as MessageKind[]) {
    on[kind] = (ctx: Ctx, state: Double, payload: object) => {
      if (kind !== 'tick') state.heard.push({ at: ctx.now, kind, payload });
      react(ctx, state, kind, payload as never);
    };
  }
  const kind = defineActor<Double, Behaviour>({
    name,
    service: of,
    init: (_, behaviour) => ({ heard: [], behaviour }),
    on: on as never,
  });
  return { name: of, loose, kinds: [kind] };
}

type Ctx = Parameters<NonNullable<Service['kinds'][number]['on']['tick']>>[0];

function react<K extends MessageKind>(
  ctx: Ctx,
  state: Double,
  kind: MessageKind,
  payload: Messages[K],
): void {
  const { behaviour } = state;
  if (kind === 'workRun' && behaviour.workNs >= 0) {
    const { id, name, replyTo } = payload as Messages['workRun'];
    ctx.timer(`reply ${id}`, ctx.now + behaviour.workNs, 'tick', {
      name: `work ${id} ${replyTo} ${name}`,
      number: 0,
    });
  } else if (kind === 'zfsAsk' && behaviour.zfsNs >= 0) {
    const { id, replyTo } = payload as Messages['zfsAsk'];
    ctx.timer(`reply ${id}`, ctx.now + behaviour.zfsNs, 'tick', { name: `zfs ${id} ${replyTo}`, number: 0 });
  } else if (kind === 'poolImport') {
    const pool = ctx.address.slice(ctx.address.lastIndexOf('/') + 1);
    const { importNs: tookNs, importError: error } = behaviour;
    ctx.send(
      ctx.source,
      'poolImported',
      { pool, error, zilReplayedBytes: 0, tookNs, spaces: [] },
      ctx.now + tookNs,
    );
  } else if (kind === 'pathWatch') announcePaths(ctx, ctx.source, behaviour.adminUp);
  else if (kind === 'netBoot' && behaviour.headnodeAnswers) {
    ctx.send(ctx.source, 'netBootReply', { platform: '20260301T000000Z' });
  } else if (kind === 'tick') reply(ctx, behaviour, (payload as Messages['tick']).name.split(' '));
}

function reply(ctx: Ctx, behaviour: Behaviour, [what, id, to, name]: string[]): void {
  if (what === 'work') ctx.send(Number(to), 'workDone', { id: Number(id), name, error: behaviour.workError });
  else ctx.send(Number(to), 'zfsAnswer', { id: Number(id), error: behaviour.zfsError });
}

function announcePaths(ctx: Ctx, to: number, up: boolean): void {
  ctx.send(to, 'pathsAnnounced', { endpoint: NODE, paths: [adminPath(up)] });
}

export function adminPath(up: boolean): Messages['pathsAnnounced']['paths'][number] {
  return {
    peer: 'headnode',
    up,
    latencyNs: 250_000,
    lossPerMillion: 0,
    rateBps: 10_000_000_000,
    bottleneck: '',
    network: 'admin',
    cost: [],
  };
}

export const doubles: readonly Service[] = [
  double('os', 'compute-node', false),
  double('pool', 'storage', false),
  double('net', 'net', false),
  double('fmd', 'fma', true),
  double('headnode', 'headnode', true),
];

export function zoneConfigOf(
  uuid: string,
  brand: Brand = 'joyent',
  more: Partial<ZoneConfig> = {},
): ZoneConfig {
  const hvm = brand === 'kvm' || brand === 'bhyve';
  return {
    uuid,
    alias: uuid,
    brand,
    dataset: `zones/${uuid}`,
    imageUuid: 'image',
    delegated: false,
    autoboot: true,
    limits: {
      cpuCap: 0,
      cpuShares: 100,
      zfsIoPriority: 100,
      memoryBytes: GIB,
      swapBytes: GIB,
      quotaBytes: 10 * GIB,
      vcpus: hvm ? 2 : 0,
      cpuBaseline: 0,
      cpuBurstNs: 0,
    },
    ramBytes: hvm ? GIB : 0,
    recordSizeBytes: 131_072,
    dataBytes: 0,
    workingSetBytes: 0,
    residentBytes: 0,
    workers: 8,
    backlog: 128,
    network: 'external',
    bootCpuNs: 3 * SECOND,
    bootReadBytes: 48_000_000,
    bootReadSizeBytes: 32_768,
    shutdownNs: 5 * SECOND,
    disks: hvm
      ? [{ dataset: `zones/${uuid}-disk0`, reservedBytes: GIB, blockSizeBytes: 8192, imageUuid: 'image' }]
      : [],
    ...more,
  };
}

export interface RigOptions {
  running?: boolean;
  zones?: ZoneConfig[];
  psus?: string[];
  behaviour?: Partial<Behaviour>;
  seed?: number;
}

/** Phase durations without spread, so that a test can say them: POST 60 s, platform 15 s, boot 40 s, dump 20 s. */
const sure = (seconds: number) => ({ ns: seconds * SECOND, spread: 0 });

export class Rig {
  readonly host: Host;
  readonly behaviour: Behaviour;

  constructor(options: RigOptions = {}) {
    const { running = true, zones = [zoneConfigOf('web')], psus = ['0', '1'] } = options;
    this.behaviour = {
      workNs: 6 * SECOND,
      workError: '',
      zfsNs: 800 * MS,
      zfsError: '',
      importNs: 3 * SECOND,
      importError: '',
      headnodeAnswers: true,
      adminUp: true,
      ...options.behaviour,
    };
    const node: NodeInit = {
      config: {
        timings: { post: sure(60), platformLoad: sure(15), boot: sure(40), dump: sure(20) },
        cpus: 8,
        memoryBytes: 64 * GIB,
        psus,
        dimms: ['0', '1', '2', '3'].map((name) => ({ name, sizeBytes: 16 * GIB })),
        mac: '00:11:22:33:44:55',
        pools: ['zones'],
        catalogue: [{ uuid: 'new-image', fileBytes: 125_000_000, sizeBytes: GIB, volume: false }],
      },
      running,
      warm: true,
      zones: zones.map(({ uuid, autoboot }) => ({ uuid, pool: 'zones', running: autoboot })),
      images: ['image'],
    };
    const placements: Placement[] = [
      { address: NODE, kind: 'node', locality: `compute:${NODE}`, init: node },
      { address: `${NODE}/os`, kind: 'os', locality: `compute:${NODE}`, init: this.behaviour },
      { address: `${NODE}/pool/zones`, kind: 'pool', locality: `storage:${NODE}`, init: this.behaviour },
      { address: 'net', kind: 'net', locality: 'net', init: this.behaviour },
      { address: `fm/${NODE}`, kind: 'fmd', locality: `fma:${NODE}`, init: this.behaviour },
      { address: 'headnode', kind: 'headnode', locality: 'headnode', init: this.behaviour },
      ...zones.map((config) => ({
        address: `${NODE}/zone/${config.uuid}`,
        kind: 'zone',
        locality: `compute:${NODE}`,
        init: {
          config,
          start: running && config.autoboot ? 'running' : 'installed',
          warm: true,
        } satisfies ZoneInit,
      })),
    ];
    const own: Service = {
      ...service,
      kinds: service.kinds.filter(({ name }) => name === 'node' || name === 'zone'),
    };
    this.host = createHost({
      seed: options.seed ?? 7,
      services: [own, ...doubles],
      placements,
      rules: { lookaheadNs: 250_000, controlWindowNs: 50 * MS },
    });
  }

  /** Runs for so many seconds more. */
  run(seconds: number): this {
    this.host.runUntil(this.host.now + Math.round(seconds * SECOND));
    return this;
  }

  /** Runs until the node's phase is this one. @returns how many seconds that took */
  runToPhase(phase: string, limit = 1000): number {
    const from = this.host.now;
    while (this.node.phase !== phase) {
      if (this.host.now - from > limit * SECOND) throw new Error(`never ${phase}, is ${this.node.phase}`);
      this.run(0.05);
    }
    return (this.host.now - from) / SECOND;
  }

  inject(kind: string, part = '', params: Param[] = [], faultId = 'f1'): this {
    this.host.post(NODE, 'injectFault', { faultId, kind, part, params, askedBy: 'test' });
    return this;
  }

  revert(kind: string, part = '', faultId = 'f1'): this {
    this.host.post(NODE, 'revertFault', { faultId, kind, part, askedBy: 'test' });
    return this;
  }

  repair(kind: string, part = '', params: Param[] = []): this {
    this.host.post(NODE, 'repair', { kind, part, params, askedBy: 'test' });
    return this;
  }

  /** A message of the head node, so that answers go back to it. */
  task(task: number, action: string, uuid: string, vmJson = ''): this {
    const headnode = this.host.cells.at('headnode');
    const node = this.host.cells.at(NODE);
    if (headnode === undefined || node === undefined) throw new Error('no head node');
    const payload: Messages['vmTask'] = { task, action, uuid, vmJson, job: 0 };
    this.host.push(headnode, node.id, messageNumbers.vmTask, payload, this.host.now, 0, 0, 0, undefined);
    return this;
  }

  heard<K extends MessageKind>(who: string, kind: K): (Messages[K] & { at: number })[] {
    const { heard } = this.host.stateOf<Double>(who);
    return heard
      .filter((message) => message.kind === kind)
      .map(({ at, payload }) => ({ ...(payload as Messages[K]), at: at / SECOND }));
  }

  facts<K extends FactKind>(kind: K): (Facts[K] & { at: number; n: number; cause: string })[] {
    return this.host.facts
      .filter((fact) => fact.kind === kind)
      .map(({ time, payload, n, cause, address }) => ({
        ...(payload as Facts[K]),
        at: time / SECOND,
        n,
        address,
        cause: `${cause.actor}#${cause.n}`,
      }));
  }

  phases(): string[] {
    return this.facts('nodeStateChanged').map(({ state }) => state);
  }

  /** States that the zone went through, as `zone_state/state`. */
  zoneStates(uuid: string): string[] {
    return this.facts('zoneStateChanged')
      .filter((fact) => fact.uuid === uuid)
      .map(({ zoneState, state }) => (zoneState === state ? state : `${zoneState}/${state}`));
  }

  get node(): NodeState {
    return this.host.stateOf<NodeState>(NODE);
  }

  zone(uuid: string): ZoneState {
    return this.host.stateOf<ZoneState>(`${NODE}/zone/${uuid}`);
  }
}
