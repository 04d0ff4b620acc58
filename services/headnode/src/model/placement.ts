/**
 * Placement chooses the server for a new VM as DAPI does: hard filters, then soft ones, then scores; it does not move VMs.
 *
 * Why.       Where a VM lands decides which failures it shares with whom.
 * Intuition. A pipe: each filter passes on what it leaves; among what is left the highest score wins.
 * Rules.     1. A server is out unless it is running and has room for the VM's memory and CPU.
 *            2. A server never mixes VMs with and without a CPU cap, and never holds more than `vmLimit`.
 *            3. The `largeServersShare` of servers with most unreserved memory is kept for large VMs, unless nothing else is left.
 *            4. Equal scores go to the later server.
 * Law.       unreserved RAM = floor(RAM × (1 − reservationRatio) − Σ max_physical_memory); unreserved CPU = floor(100 × CPUs −
 *            Σ cap ÷ cpuOverprovision). A scorer ranks servers in even steps from its weight down to 0; memory and disk rank the
 *            server with the *least* left first (bin packing).
 * Omits.     Traits, platforms, locality hints, reservoirs: every server is alike in them here.
 */
import { uniform, type Stream } from '@orrery/kernel';

/** What placement knows of a server; sizes in bytes, CPU in percent of one. */
export interface Candidate {
  address: string;
  running: boolean;
  memoryBytes: number;
  diskBytes: number;
  cpus: number;
  vms: number;
  cappedVms: number;
  memoryReservedBytes: number;
  diskReservedBytes: number;
  cpuReserved: number;
}

export interface Demand {
  memoryBytes: number;
  diskBytes: number;
  /** 0: no cap. */
  cpuCap: number;
}

/** Figures of sdc-cnapi's designation defaults. */
export const placementDefaults = {
  reservationRatio: 0.15,
  cpuOverprovision: 4,
  vmLimit: 224,
  largeServersShare: 0.15,
  weightUnreservedRam: 2,
  weightUnreservedDisk: 1,
  weightRandom: 0.5,
} as const;

/** What placement says: the server, or the filter that left none. */
export type Choice = { server: string; considered: number } | { refusedBy: string };

/** Memory of a server that no VM has been promised, bytes. */
export function unreservedMemory(server: Candidate): number {
  return Math.floor(
    server.memoryBytes * (1 - placementDefaults.reservationRatio) - server.memoryReservedBytes,
  );
}

/** CPU of a server that no capped VM has been promised, percent of one CPU. */
export function unreservedCpu(server: Candidate): number {
  return Math.floor(100 * server.cpus - server.cpuReserved / placementDefaults.cpuOverprovision);
}

type Filter = readonly [name: string, keep: (server: Candidate, demand: Demand) => boolean];

const hardFilters: readonly Filter[] = [
  ['hard-filter-running', (server) => server.running],
  ['hard-filter-capness', (server, demand) => server.vms === 0 || server.cappedVms > 0 === demand.cpuCap > 0],
  ['hard-filter-vm-count', (server) => server.vms < placementDefaults.vmLimit],
  ['hard-filter-min-ram', (server, demand) => unreservedMemory(server) >= demand.memoryBytes],
  [
    'hard-filter-min-cpu',
    (server, demand) =>
      demand.cpuCap === 0 || unreservedCpu(server) >= demand.cpuCap / placementDefaults.cpuOverprovision,
  ],
];

/** Chooses among servers given in order of address. */
export function chooseServer(servers: readonly Candidate[], demand: Demand, chance: Stream): Choice {
  let left = [...servers];
  for (const [name, keep] of hardFilters) {
    left = left.filter((server) => keep(server, demand));
    if (left.length === 0) return { refusedBy: name };
  }
  left = keepLargeFree(left);
  const scores = new Map(left.map((server) => [server.address, 0]));
  rank(left, unreservedMemory, placementDefaults.weightUnreservedRam, scores);
  rank(
    left,
    (server) => server.diskBytes - server.diskReservedBytes,
    placementDefaults.weightUnreservedDisk,
    scores,
  );
  const draws = new Map(left.map((server) => [server.address, uniform(chance)]));
  rank(left, (server) => draws.get(server.address) ?? 0, placementDefaults.weightRandom, scores);
  let best = left[0];
  for (const server of left) {
    if ((scores.get(server.address) ?? 0) >= (scores.get(best.address) ?? 0)) best = server;
  }
  return { server: best.address, considered: left.length };
}

function keepLargeFree(servers: Candidate[]): Candidate[] {
  const large = Math.floor(servers.length * placementDefaults.largeServersShare);
  if (large < 1) return servers;
  const byMemory = [...servers].sort((a, b) => unreservedMemory(b) - unreservedMemory(a));
  const kept = new Set(byMemory.slice(0, large).map((server) => server.address));
  return servers.filter((server) => !kept.has(server.address));
}

function rank(
  servers: readonly Candidate[],
  value: (server: Candidate) => number,
  weight: number,
  scores: Map<string, number>,
): void {
  const sorted = [...servers].sort((a, b) => value(a) - value(b));
  const step = sorted.length > 1 ? weight / (sorted.length - 1) : 0;
  for (const [index, server] of sorted.entries()) {
    scores.set(server.address, (scores.get(server.address) ?? 0) + weight - index * step);
  }
}
