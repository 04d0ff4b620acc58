/**
 * The CPU model runs threads on a node's hardware threads as a fluid; it has no ticks and picks no thread for a CPU.
 *
 * Why.       Sharing must be exact and cheap: a node with CPUs to spare should cost nothing, a crowded one little.
 * Intuition. While everybody has a CPU (direct), a thread ends at now + work and nothing else is kept. From the first
 *            thread too many on (shared), each zone is a clock that runs at its rate over its threads; a thread ends
 *            when the clock reaches its tag.
 * Rules.     1. Rates change only when the set of runnable threads, a limit or the number of CPUs does.
 *            2. Work is whole nanoseconds: while CPUs are short, the zones' work in an interval sums to CPUs × interval.
 *            3. Of an interval, a thread's progress and its waits (cap, itself, others) sum to the interval.
 *            4. Reading and settling move no end.
 * Law.       wait of a thread = interval × (runnable − rate) / runnable: behind the cap or its VCPUs what exceeds the
 *            zone's limit; the rest behind each zone by its part of the work done meanwhile, its own part behind itself.
 * State.     A zone per slot; a thread from its start to its end. Shared mode ends when half of the CPUs idle.
 * Differs.   From FSS's decayed usage and from cpucaps' tick of 1 ms: both are exact here at every moment.
 *            A cap that bursting lowers comes through `retuneCpu`; when it does is the business of `cpu-burst`.
 * Omits.     Cache warmth, SMT, migration: a hardware thread is worth one CPU.
 */
import { distribute } from './cpu-interval.ts';
import {
  foldThread,
  joinThread,
  type Cpu,
  type CpuLimits,
  type CpuThread,
  type CpuZone,
} from './cpu-state.ts';
import { divide, limitOf } from './fair-rates.ts';

export { addCpuZone, makeCpu, type Cpu, type CpuLimits, type CpuThread } from './cpu-state.ts';

/** Takes a zone and its threads away; the next end may be sooner. */
export function removeCpuZone(cpu: Cpu, slot: number, now: number): void {
  advanceCpu(cpu, now);
  const zone = cpu.zones[slot]!;
  cpu.runnable -= zone.runnable;
  zone.runnable = 0;
  cpu.active = cpu.active.filter((other) => other !== zone);
  cpu.zones[slot] = undefined;
  for (const other of cpu.zones) if (other !== undefined) dropBehind(other, slot, cpu.shared);
  reshare(cpu);
}

/** Forgets waits behind a slot that somebody else may get; they go to nobody's account but stay in the sum. */
function dropBehind(zone: CpuZone, slot: number, shared: boolean): void {
  for (const thread of zone.threads) {
    if (shared) foldThread(zone, thread);
    thread.selfNs += thread.behindNs[slot] ?? 0;
    if (slot < thread.behindNs.length) thread.behindNs[slot] = 0;
  }
  if (slot < zone.behindNs.length) zone.behindNs[slot] = 0;
  for (const thread of zone.threads) thread.behindAt = zone.behindNs.slice();
}

/** Changes limits of a zone (`slot` >= 0), the number of CPUs, or both. Ends of shared threads may move. */
export function retuneCpu(cpu: Cpu, now: number, cpus: number, slot: number, limits?: CpuLimits): void {
  advanceCpu(cpu, now);
  cpu.cpus = cpus;
  const zone = slot >= 0 ? cpu.zones[slot] : undefined;
  if (zone !== undefined && limits !== undefined) {
    zone.shares = limits.shares;
    zone.capPercent = limits.capPercent;
    zone.vcpus = limits.vcpus;
  }
  if (!cpu.shared && crowded(cpu)) enterShared(cpu, now);
  reshare(cpu);
}

/**
 * Starts a thread with `workNs` > 0 of work.
 * @returns when it ends, ns, if everybody has a CPU; -1 in shared mode, where `nextEnd` tells
 */
export function startThread(cpu: Cpu, slot: number, key: number, workNs: number, now: number): number {
  const zone = cpu.zones[slot]!;
  const thread: CpuThread = {
    key,
    slot,
    startedAt: now,
    workNs,
    doneNs: 0,
    since: now,
    progressAt: 0,
    tag: 0,
    capNs: 0,
    selfNs: 0,
    behindNs: [],
    capAt: 0,
    selfAt: 0,
    behindAt: [],
  };
  if (cpu.shared) advanceCpu(cpu, now);
  if (zone.runnable++ === 0) activate(cpu, zone);
  cpu.runnable++;
  if (!cpu.shared) {
    zone.threads.push(thread);
    if (cpu.runnable <= cpu.cpus && limitOf(zone) === zone.runnable) return now + workNs;
    enterShared(cpu, now);
  } else {
    joinThread(zone, thread);
  }
  reshare(cpu);
  return -1;
}

/** Takes a thread out, which ends it in direct mode; undefined when there is no such thread. */
export function endDirect(cpu: Cpu, slot: number, key: number, now: number): CpuThread | undefined {
  const zone = cpu.zones[slot];
  if (zone === undefined) return undefined;
  const index = zone.threads.findIndex((thread) => thread.key === key);
  if (index < 0) return undefined;
  const [thread] = zone.threads.splice(index, 1);
  if (!cpu.shared) {
    zone.usedNs += now - thread.since;
    thread.doneNs += now - thread.since;
    thread.since = now;
  }
  leave(cpu, zone);
  return thread;
}

/** Takes a thread away before its end. */
export function dropThread(cpu: Cpu, slot: number, key: number, now: number): void {
  advanceCpu(cpu, now);
  endDirect(cpu, slot, key, now);
  reshare(cpu);
}

/** Shared mode: takes out all threads that have ended by `now`, by zone slot, then by end. */
export function endShared(cpu: Cpu, now: number): CpuThread[] {
  advanceCpu(cpu, now);
  const ended: CpuThread[] = [];
  for (const zone of cpu.active.slice()) {
    while (zone.threads.length > 0 && zone.threads[0].tag <= zone.progress) {
      const thread = zone.threads.shift()!;
      foldThread(zone, thread);
      leave(cpu, zone);
      ended.push(thread);
    }
  }
  if (ended.length > 0) reshare(cpu);
  return ended;
}

/** When the next thread of shared mode ends, ns; Infinity when none runs. */
export function nextEnd(cpu: Cpu): number {
  let wait = Infinity;
  for (let i = 0; i < cpu.active.length; i++) {
    const zone = cpu.active[i];
    const left = zone.threads[0].tag - zone.progress;
    // 2 ns more than exact: rounding may keep the zone one short of its rate.
    const zoneWait = zone.full ? left : Math.ceil((left * zone.runnable - zone.carry + 2) / zone.rate);
    if (zoneWait < wait) wait = zoneWait;
  }
  return cpu.at + Math.max(1, wait);
}

/**
 * Leaves shared mode when there is room enough; threads then run to their ends one by one.
 * @returns those threads, with `workNs - doneNs` left of each; undefined when the mode stays
 */
export function leaveShared(cpu: Cpu, now: number): CpuThread[] | undefined {
  if (!cpu.shared || cpu.runnable * 2 > cpu.cpus || crowded(cpu)) return undefined;
  advanceCpu(cpu, now);
  cpu.shared = false;
  const threads: CpuThread[] = [];
  for (const zone of cpu.active) {
    for (const thread of zone.threads) {
      foldThread(zone, thread);
      thread.since = now;
      threads.push(thread);
    }
  }
  return threads;
}

/** How fast a zone runs, in CPUs, since the last change of anything. */
export function rateOf(cpu: Cpu, slot: number): number {
  const zone = cpu.zones[slot]!;
  return cpu.shared && zone.runnable > 0 ? zone.rate : zone.runnable;
}

/** Brings `usedNs` of every zone up to `now`; moves no end. */
export function settleCpu(cpu: Cpu, now: number): void {
  if (cpu.shared) return advanceCpu(cpu, now);
  for (const zone of cpu.active) {
    for (const thread of zone.threads) {
      zone.usedNs += now - thread.since;
      thread.doneNs += now - thread.since;
      thread.since = now;
    }
  }
}

/** Works out shared mode up to `now`. */
export function advanceCpu(cpu: Cpu, now: number): void {
  if (cpu.shared && now > cpu.at) distribute(cpu, now - cpu.at);
  cpu.at = now;
}

function crowded(cpu: Cpu): boolean {
  if (cpu.runnable > cpu.cpus) return true;
  for (const zone of cpu.active) if (limitOf(zone) < zone.runnable) return true;
  return false;
}

function reshare(cpu: Cpu): void {
  if (cpu.shared) cpu.short = divide(cpu.active, cpu.cpus);
}

function enterShared(cpu: Cpu, now: number): void {
  settleCpu(cpu, now);
  cpu.shared = true;
  cpu.at = now;
  for (const zone of cpu.active) {
    const threads = zone.threads;
    zone.threads = [];
    zone.carry = 0;
    zone.owed = 0;
    for (const thread of threads) joinThread(zone, thread);
  }
}

function activate(cpu: Cpu, zone: CpuZone): void {
  let index = cpu.active.length;
  while (index > 0 && cpu.active[index - 1].slot > zone.slot) index--;
  cpu.active.splice(index, 0, zone);
}

function leave(cpu: Cpu, zone: CpuZone): void {
  cpu.runnable--;
  if (--zone.runnable > 0) return;
  zone.carry = 0;
  zone.owed = 0;
  cpu.active.splice(cpu.active.indexOf(zone), 1);
}
