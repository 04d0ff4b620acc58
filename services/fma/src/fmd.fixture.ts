/** A node under test: its fault manager, and a pool and a node that only write down what they are told. */
import { createHost, defineActor, type Host, type Service } from '@orrery/actor';
import { GIB, MS } from '@orrery/kernel';
import type { Ereport, FactKind, Facts, Messages, Param } from '@orrery/proto';
import { service } from './index.ts';
import type { FmdInit } from './state.ts';

interface Heard {
  orders: { at: number; kind: string; payload: object }[];
}

function listener(name: string, owner: 'storage' | 'compute-node', kinds: (keyof Messages)[]) {
  return defineActor<Heard, unknown>({
    name,
    service: owner,
    init: () => ({ orders: [] }),
    on: Object.fromEntries(
      kinds.map((kind) => [
        kind,
        (context: { now: number }, state: Heard, payload: object) => {
          state.orders.push({ at: context.now, kind, payload });
        },
      ]),
    ),
  });
}

const doubles: Service[] = [
  { name: 'storage', loose: false, kinds: [listener('pool', 'storage', ['retireVdev'])] },
  {
    name: 'compute-node',
    loose: false,
    kinds: [listener('node', 'compute-node', ['retireCpu', 'retirePage'])],
  },
];

export const WINDOW = 50 * MS;

export function makeNode(init: Partial<FmdInit> = {}): Host {
  const fmd: FmdInit = {
    node: 'cn-0001',
    running: true,
    pools: [{ name: 'zones', disks: ['c0t2d0', 'c0t3d0'] }],
    dimms: [
      { address: 'cn-0001/dimm/3', sizeBytes: 8 * GIB },
      { address: 'cn-0001/dimm/4', sizeBytes: GIB / 4 },
    ],
    ...init,
  };
  return createHost({
    seed: 1,
    services: [service, ...doubles],
    placements: [
      { address: 'fm/cn-0001', kind: 'fmd', locality: 'fma:cn-0001', init: fmd },
      { address: 'cn-0001/pool/zones', kind: 'pool', locality: 'storage:cn-0001', init: {} },
      { address: 'cn-0001', kind: 'node', locality: 'compute:cn-0001', init: {} },
    ],
    rules: { lookaheadNs: 250_000, controlWindowNs: WINDOW },
    wire: true,
  });
}

export function text(name: string, value: string): Param {
  return { name, number: 0, text: value };
}

export function number(name: string, value: number): Param {
  return { name, number: value, text: '' };
}

export function zfsEreport(name: string, at: number, more: Partial<Ereport> = {}): Ereport {
  return {
    class: `ereport.fs.zfs.${name}`,
    detector: 'cn-0001/disk/c0t2d0',
    noticedAt: at,
    ena: 0,
    pool: 'zones',
    vdev: 'c0t2d0',
    count: 1,
    payload: [],
    replayed: false,
    ...more,
  };
}

export function partEreport(
  name: string,
  detector: string,
  at: number,
  more: Partial<Ereport> = {},
): Ereport {
  return { ...zfsEreport('', at), class: `ereport.${name}`, detector, pool: '', vdev: '', ...more };
}

/** Sends an ereport to the manager at the moment it was noticed. */
export function tell(host: Host, ereport: Ereport): void {
  host.post('fm/cn-0001', 'ereport', ereport, ereport.noticedAt);
}

export function resourceEvent(host: Host, name: string, state: string, at: number, vdev = 'c0t2d0'): void {
  const event = { class: `resource.fs.zfs.${name}`, pool: 'zones', vdev, state, noticedAt: at };
  host.post('fm/cn-0001', 'resourceEvent', event, at);
}

export function ordersTo(host: Host, address: string): { at: number; kind: string; payload: object }[] {
  return host.stateOf<Heard>(address).orders;
}

export function factsOf<K extends FactKind>(host: Host, kind: K): { time: number; payload: Facts[K] }[] {
  return host.facts
    .filter((fact) => fact.kind === kind)
    .map((fact) => ({ time: fact.time, payload: fact.payload as Facts[K] }));
}

/** Facts other than that an actor was made: what an operator could hear of. */
export function told(host: Host): FactKind[] {
  return host.facts.map((fact) => fact.kind).filter((kind) => kind !== 'actorMade');
}

/** `ZFS-8000-FD SOLVED` for each change of state of every case, in order. */
export function caseStory(host: Host): string[] {
  return factsOf(host, 'caseStateChanged').map(({ payload }) => `${payload.code} ${payload.state}`);
}
