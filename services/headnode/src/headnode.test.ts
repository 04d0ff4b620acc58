import { describe, expect, test } from 'vitest';
import { createHost, defineActor, type Host, type Service } from '@orrery/actor';
import { GIB, MS, SECOND } from '@orrery/kernel';
import type { Facts } from '@orrery/proto';
import type { Datacenter } from '@orrery/spec';
import { place, service, type Inventory } from './index.ts';

interface Agent {
  beats: boolean;
  tasks: string[];
}

/** A node's agent that beats every 5 s and does each task in 2 s; an image takes 10 s. */
const agent = defineActor<Agent, { beats: boolean }>({
  name: 'agent',
  service: 'compute-node',
  init: (ctx, init) => {
    if (init.beats) ctx.timer('beat', ctx.now + SECOND, 'tick', { name: 'beat', number: 0 });
    return { beats: init.beats, tasks: [] };
  },
  on: {
    tick: (ctx, state, { name }) => {
      if (name === 'stop') state.beats = false;
      if (name === 'beat' && state.beats) {
        const head = ctx.lookup('headnode') ?? 0;
        ctx.send(head, 'heartbeat', {
          node: ctx.self,
          sentAt: ctx.now,
          bootTime: 0,
          statusChanged: false,
          vms: [],
        });
        ctx.timer('beat', ctx.now + 5 * SECOND, 'tick', { name: 'beat', number: 0 });
      }
    },
    vmTask: (ctx, state, { task, action, uuid }) => {
      state.tasks.push(action);
      const took = action === 'ensure_image' ? 10 * SECOND : 2 * SECOND;
      ctx.send(
        ctx.source,
        'vmTaskDone',
        { task, uuid, error: '', state: action === 'create' ? 'running' : '' },
        ctx.now + took,
      );
    },
  },
});

const agents: Service = { name: 'compute-node', loose: false, kinds: [agent] };

function datacenter(): Datacenter {
  const node = (address: string) => ({
    address,
    memoryBytes: 64 * GIB,
    cpus: 16,
    disks: [{ sizeBytes: 1000 * GIB }],
  });
  return {
    name: 'test',
    lookaheadNs: 250_000,
    controlWindowNs: 50 * MS,
    start: 'running',
    nodes: ['cn-1', 'cn-2'].map(node),
    networks: [],
    images: [],
    packages: [],
    vms: [],
    workloads: [],
    programs: [],
  } as unknown as Datacenter;
}

function start(beats: readonly string[], more: Partial<Datacenter> = {}): Host {
  const spec = { ...datacenter(), ...more };
  return createHost({
    seed: 1,
    services: [service, agents],
    rules: spec,
    placements: [
      ...place(spec),
      ...spec.nodes.map(({ address }) => ({
        address,
        kind: 'agent',
        locality: address,
        init: { beats: beats.includes(address) },
      })),
    ],
  });
}

const payload = JSON.stringify({
  brand: 'joyent',
  alias: 'a',
  max_physical_memory: 1024,
  quota: 10,
  cpu_cap: 100,
});
const create = (count: number) => ({
  action: 'create',
  uuid: '',
  payloadJson: payload,
  server: '',
  count,
  askedBy: '',
});
const of = <K extends keyof Facts>(host: Host, kind: K) =>
  host.facts
    .filter((fact) => fact.kind === kind)
    .map((fact) => ({ time: fact.time, ...(fact.payload as Facts[K]) }));

describe('the head node', () => {
  test('calls a server unknown 6 to 16 s after its last heartbeat, and running at the next', () => {
    const host = start(['cn-1', 'cn-2']);
    host.post('cn-1', 'tick', { name: 'stop', number: 0 }, 30 * SECOND);
    host.runUntil(60 * SECOND);
    const [lost, ...others] = of(host, 'serverStatusChanged');
    expect(others).toEqual([]);
    expect(lost).toMatchObject({ server: 'cn-1', statusBefore: 'running', status: 'unknown' });
    expect(lost.time - lost.lastHeartbeat).toBeGreaterThan(6 * SECOND);
    expect(lost.time - lost.lastHeartbeat).toBeLessThan(17 * SECOND);
  });

  test('makes a VM step by step', () => {
    const host = start(['cn-1', 'cn-2']);
    host.post('headnode', 'vmCommand', create(1), 10 * SECOND);
    host.runUntil(60 * SECOND);
    expect(of(host, 'jobStepFinished').map((step) => step.step)).toEqual([
      'allocation_ticket',
      'choose_server',
      'reserve_address',
      'ensure_image',
    ]);
    expect(of(host, 'jobStateChanged').map((job) => job.execution)).toEqual(['running', 'succeeded']);
  });

  test('places one VM at a time: the ticket is what a burst waits for', () => {
    const host = start(['cn-1', 'cn-2']);
    host.post('headnode', 'vmCommand', create(10), 10 * SECOND);
    host.runUntil(60 * SECOND);
    const waits = of(host, 'jobStepFinished').filter((step) => step.step === 'allocation_ticket');
    expect(waits.map((step) => step.tookNs / MS)).toEqual([
      0, 600, 1200, 1800, 2400, 3000, 3600, 4200, 4800, 5400,
    ]);
    expect(of(host, 'jobStateChanged').filter((job) => job.execution === 'succeeded')).toHaveLength(10);
  });

  test('fails a job whose server stops running, and says why', () => {
    const host = start([]);
    host.post('headnode', 'vmCommand', create(1), 30 * SECOND);
    host.runUntil(60 * SECOND);
    expect(of(host, 'jobStateChanged').at(-1)).toMatchObject({
      execution: 'failed',
      error: 'no server has room: hard-filter-running left none',
    });
  });

  const wanderer = (alias: string) =>
    ({
      uuid: `${alias}-uuid`,
      alias,
      node: '',
      imageUuid: '',
      limits: { memoryBytes: GIB, quotaBytes: GIB, cpuCap: 100 },
      disks: [],
      nics: [],
    }) as unknown as Datacenter['vms'][number];
  const known = (host: Host) =>
    host
      .stateOf<{ inventory: Inventory }>('headnode')
      .inventory.vms.map(({ alias, server, state }) => [alias, /^cn-[12]$/.test(server), state]);
  const made = [
    ['a', true, 'running'],
    ['b', true, 'running'],
  ];

  test('places the VMs that name no node when the run begins', () => {
    const host = start(['cn-1', 'cn-2'], { vms: [wanderer('a'), wanderer('b')] });
    host.runUntil(60 * SECOND);
    expect(known(host)).toEqual(made);
    expect(of(host, 'jobStateChanged').map(({ execution }) => execution)).toEqual([
      'running',
      'running',
      'succeeded',
      'succeeded',
    ]);
  });

  test('places them when all servers beat, or some time after the first', () => {
    const off = { start: 'off', vms: [wanderer('a'), wanderer('b')] } as const;
    const begun = (host: Host) => of(host, 'jobStateChanged')[0]!.time / SECOND;
    const all = start(['cn-1', 'cn-2'], off);
    all.runUntil(30 * SECOND);
    expect(known(all)).toEqual(made);
    expect(begun(all)).toBeLessThan(2);
    const one = start(['cn-1'], off);
    one.runUntil(120 * SECOND);
    expect(known(one)).toEqual(made);
    expect(begun(one)).toBeGreaterThan(60);
    expect(begun(one)).toBeLessThan(62);
  });

  test('answers a node that wants to boot', () => {
    const asker = defineActor<{ platform: string }, unknown>({
      name: 'agent',
      service: 'compute-node',
      init: (ctx) => {
        ctx.send(ctx.lookup('headnode') ?? 0, 'netBoot', { node: ctx.self, mac: '' });
        return { platform: '' };
      },
      on: {
        netBootReply: (_, state, { platform }) => {
          state.platform = platform;
        },
      },
    });
    const spec = datacenter();
    const host = createHost({
      seed: 1,
      services: [service, { ...agents, kinds: [asker] }],
      rules: spec,
      placements: [
        ...place(spec),
        ...spec.nodes.map(({ address }) => ({ address, kind: 'agent', locality: address, init: {} })),
      ],
    });
    host.runUntil(SECOND);
    expect(host.stateOf<{ platform: string }>('cn-1').platform).toMatch(/^\d{8}T\d{6}Z$/);
  });
});
