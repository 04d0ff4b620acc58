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
 *            zone's limit, behind itself what exceeds all CPUs, behind others the rest. The other zone named for an
 *            interval is the one whose turn it is when turns follow the work done.
 * State.     A zone per slot; a thread from its start to its end. Shared mode ends when half of the CPUs idle.
 * Differs.   From FSS's decayed usage and from cpucaps' tick of 1 ms: both are exact here at every moment.
 * Omits.     Cache warmth, SMT, migration: a hardware thread is worth one CPU. Bursting over a baseline.
 */
import { divide, limitOf, type Contender } from './fair-rates.ts';
import { distribute } from './cpu-interval.ts';

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
  /** Work for which it has not yet been named as the one in the way. */
  turn: number;
  /** The same of the others, by slot, as this zone names them when it is its own turn. */
  turns: number[];
  /** What it was given in the interval in hand. */
  work: number;
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
    turn: 0,
    turns: [],
    work: 0,
  };
  return slot;
}

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
  if (slot < zone.turns.length) zone.turns[slot] = 0;
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
    join(zone, thread);
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
    for (const thread of threads) join(zone, thread);
  }
}

/** Puts a thread in its place among the zone's, by tag, after its equals. */
function join(zone: CpuZone, thread: CpuThread): void {
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
function foldThread(zone: CpuZone, thread: CpuThread): void {
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
