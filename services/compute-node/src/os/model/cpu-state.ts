/**
 * What the CPU model keeps: zones, their threads, and the clocks that threads are measured by; it computes nothing.
 *
 * State.  Plain data, made when a zone or a thread comes and dropped when it goes. The rules are in `cpu`.
 */
import type { Contender } from './fair-rates.ts';

export interface CpuThread {
  /** The owner's name for it. */
  key: number;
  slot: number;
  startedAt: number;
  workNs: number;
  /** Work done up to `since` (direct) or up to zone progress `progressAt` (shared). */
  doneNs: number;
  since: number;
  progressAt: number;
  /** Zone progress at which it ends; shared mode only. */
  tag: number;
  capNs: number;
  selfNs: number;
  /** Waited behind other zones, by slot. */
  behindNs: number[];
  capAt: number;
  selfAt: number;
  behindAt: number[];
}

export interface CpuZone extends Contender {
  slot: number;
  /** Actor id. */
  id: number;
  threads: CpuThread[];
  /** Work that each of its threads has been given in shared mode, ns. */
  progress: number;
  /** Work given to the zone and not yet to its threads, ns, and the fraction of a ns it is owed. */
  carry: number;
  owed: number;
  /** Waits of each of its threads so far, ns. */
  capNs: number;
  selfNs: number;
  behindNs: number[];
  /** CPU time used so far, ns. */
  usedNs: number;
  /** What it was given in the interval in hand. */
  work: number;
  /** What rounding kept of its part of a wait that is being split, ns. */
  remainder: number;
}

export interface Cpu {
  cpus: number;
  shared: boolean;
  /** Whether the present rates use every CPU. */
  short: boolean;
  /** Up to when shared mode has been worked out. */
  at: number;
  runnable: number;
  zones: (CpuZone | undefined)[];
  /** Zones with runnable threads, by slot. */
  active: CpuZone[];
}

export interface CpuLimits {
  shares: number;
  capPercent: number;
  vcpus: number;
}

export function makeCpu(cpus: number): Cpu {
  return { cpus, shared: false, short: false, at: 0, runnable: 0, zones: [], active: [] };
}

/** @returns the zone's slot */
export function addCpuZone(cpu: Cpu, id: number, limits: CpuLimits): number {
  let slot = cpu.zones.indexOf(undefined);
  if (slot < 0) slot = cpu.zones.length;
  cpu.zones[slot] = {
    slot,
    id,
    shares: limits.shares,
    capPercent: limits.capPercent,
    vcpus: limits.vcpus,
    runnable: 0,
    limit: 0,
    rate: 0,
    full: false,
    threads: [],
    progress: 0,
    carry: 0,
    owed: 0,
    capNs: 0,
    selfNs: 0,
    behindNs: [],
    usedNs: 0,
    work: 0,
    remainder: 0,
  };
  return slot;
}

/** Puts a thread in its place among the zone's, by tag, after its equals. */
export function joinThread(zone: CpuZone, thread: CpuThread): void {
  thread.progressAt = zone.progress;
  thread.tag = zone.progress + (thread.workNs - thread.doneNs);
  thread.capAt = zone.capNs;
  thread.selfAt = zone.selfNs;
  thread.behindAt = zone.behindNs.slice();
  let index = zone.threads.length;
  while (index > 0 && zone.threads[index - 1].tag > thread.tag) index--;
  zone.threads.splice(index, 0, thread);
}

/** Moves what the zone's clocks gained since the thread joined into the thread. */
export function foldThread(zone: CpuZone, thread: CpuThread): void {
  thread.doneNs += zone.progress - thread.progressAt;
  thread.progressAt = zone.progress;
  thread.capNs += zone.capNs - thread.capAt;
  thread.capAt = zone.capNs;
  thread.selfNs += zone.selfNs - thread.selfAt;
  thread.selfAt = zone.selfNs;
  for (let slot = 0; slot < zone.behindNs.length; slot++) {
    const waited = (zone.behindNs[slot] ?? 0) - (thread.behindAt[slot] ?? 0);
    while (thread.behindNs.length <= slot) thread.behindNs.push(0);
    thread.behindNs[slot] += waited;
  }
  thread.behindAt = zone.behindNs.slice();
}
