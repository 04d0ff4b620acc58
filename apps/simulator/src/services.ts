/** Every service of the datacenter, in one process. */
import type { Placement, Service } from '@orrery/actor';
import type { Datacenter, ToldCatalogue } from '@orrery/spec';
import * as computeNode from '@orrery/compute-node';
import * as fma from '@orrery/fma';
import * as headnode from '@orrery/headnode';
import * as net from '@orrery/net';
import * as storage from '@orrery/storage';

interface ServiceModule {
  service: Service;
  place: (datacenter: Datacenter) => Placement[];
}

const modules: readonly ServiceModule[] = [computeNode, storage, net, fma, headnode];

export const services: readonly Service[] = modules.map((module) => module.service);

/** Every actor of the datacenter. */
export function placeAll(datacenter: Datacenter): Placement[] {
  return modules.flatMap((module) => module.place(datacenter));
}

const catalogued = [computeNode, storage, net, fma] as const;

/** What can be broken and mended, by all services. */
export const catalogue: ToldCatalogue = {
  faults: catalogued.flatMap((module) => [...module.faults]).sort(byKind),
  repairs: catalogued.flatMap((module) => [...module.repairs]).sort(byKind),
  tunables: [...computeNode.tunables, ...net.tunables].sort(),
};

function byKind(a: { kind: string }, b: { kind: string }): number {
  return a.kind < b.kind ? -1 : a.kind > b.kind ? 1 : 0;
}
