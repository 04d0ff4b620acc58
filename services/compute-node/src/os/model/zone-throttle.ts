/**
 * The I/O throttle makes zones that use more than their fair share of the disks wait a little before each I/O; it does
 * not reserve anything, and an unhurried machine never feels it.
 *
 * Why.       One zone's writes fill the queues of disks that all zones share.
 * Intuition. Every 250 ms, by the next I/O: are the disks busy and slow? Then who uses more than their part waits 5 µs
 *            longer each time; else everybody's wait shrinks.
 * Rules.     1. Only a miss that goes to disk and a logical write wait; hits never.
 *            2. No wait grows unless disks are over 80 % busy, an I/O took over 50 ms within the last second, and more
 *               than one zone is active; so a zone alone may use all of it.
 *            3. A wait is at most `CEILING_NS`, twice that for logical writes while txgs sync faster than normal.
 *            4. A zone with priority 0 is never throttled.
 *            5. With zfs_zone_priority_enable off, zones count alike whatever their priorities.
 * Law.       U = reads × rlat + (writes + logical writes) × wlat; fair F = ΣU × pri / Σpri over zones with U > 0.
 *            In a window's first half its count is helped by half of the history's; averages of latency as of the window.
 * State.     A counter window a zone and operation, one latency average an operation for the machine.
 * Differs.   Counters are nanoseconds instead of µs. Physical writes of a zone are its log blocks: the txg's are zone 0's.
 */

export const ThrottleOp = { read: 0, write: 1, logical: 2 } as const;
export type ThrottleOp = (typeof ThrottleOp)[keyof typeof ThrottleOp];

const STEP_NS = 5_000;
const CEILING_NS = 100_000;
const ADJUST_NS = 250_000_000;
const CYCLE_NS = 2_000_000_000;
const LATENCY_CYCLE_NS = 1_000_000_000;
const UTIL_OVER = 80;
const UTIL_UNDER = 60;
const LAGGARD_RECENT_NS = 1_000_000_000;
const LAGGARD_ANCIENT_NS = 5_000_000_000;
const LATENCY_RATIO_MAX = 10;
const LATENCY_DEFAULT_NS = 1_000_000;
const TXG_CYCLE_NS = 5_000_000_000;
const WINDOWS_KEPT = 5;

interface Counter {
  count: number;
  windowAt: number;
  history: number;
}

interface Latency {
  count: number;
  sumNs: number;
  windowAt: number;
  averageNs: number;
}

export interface ThrottledZone {
  priority: number;
  delayNs: number;
  ops: Counter[];
  /** Of the last evaluation. */
  utilization: number;
  aboveFair: boolean;
}

export interface Throttle {
  zones: (ThrottledZone | undefined)[];
  read: Latency;
  write: Latency;
  evaluatedAt: number;
  /** Machine-wide: time with an I/O outstanding, running total as last heard, and at the last evaluation. */
  busyNs: number;
  busyNsEvaluated: number;
  lastLaggardAt: number;
  txgCount: number;
  txgWindowAt: number;
  txgRate: number;
  /** Whether zfs_io_priority weighs in fair shares. */
  byPriority: boolean;
}

export function makeThrottle(now: number, byPriority = true): Throttle {
  return {
    byPriority,
    zones: [],
    read: { count: 0, sumNs: 0, windowAt: now, averageNs: 0 },
    write: { count: 0, sumNs: 0, windowAt: now, averageNs: 0 },
    evaluatedAt: now,
    busyNs: 0,
    busyNsEvaluated: 0,
    lastLaggardAt: 0,
    txgCount: 0,
    txgWindowAt: now,
    txgRate: 0,
  };
}

/** @param slot the zone's index, given by the caller */
export function addThrottledZone(throttle: Throttle, slot: number, priority: number, now: number): void {
  const counter = (): Counter => ({ count: 0, windowAt: now, history: 0 });
  throttle.zones[slot] = {
    priority,
    delayNs: 0,
    ops: [counter(), counter(), counter()],
    utilization: 0,
    aboveFair: false,
  };
}

/** Counts an operation of a zone; -1 for the global zone, which is never throttled. */
export function countOp(throttle: Throttle, slot: number, op: ThrottleOp, now: number): void {
  const counter = throttle.zones[slot]?.ops[op];
  if (counter === undefined) return;
  roll(counter, now);
  counter.count++;
}

/** Takes in a finished physical I/O: what it took, and what the machine said with it. */
export function noteLatency(throttle: Throttle, op: ThrottleOp, ns: number, now: number): void {
  const latency = op === ThrottleOp.read ? throttle.read : throttle.write;
  rollLatency(latency, now);
  latency.count++;
  latency.sumNs += ns;
}

export function noteDisks(throttle: Throttle, busyNs: number, lastLaggardAt: number): void {
  if (busyNs > throttle.busyNs) throttle.busyNs = busyNs;
  if (lastLaggardAt > throttle.lastLaggardAt) throttle.lastLaggardAt = lastLaggardAt;
}

/** Counts a txg that was synced. */
export function noteTxg(throttle: Throttle, now: number): void {
  rollTxg(throttle, now);
  throttle.txgCount++;
}

/** How long the zone's next I/O must wait, ns; evaluates first when it is time. */
export function throttleDelay(throttle: Throttle, slot: number, op: ThrottleOp, now: number): number {
  if (now - throttle.evaluatedAt >= ADJUST_NS) evaluate(throttle, now);
  const zone = throttle.zones[slot];
  if (zone === undefined || zone.delayNs === 0) return 0;
  if (op !== ThrottleOp.logical) return zone.delayNs;
  rollTxg(throttle, now);
  return throttle.txgCount > 1 || throttle.txgRate > 1 ? zone.delayNs * 2 : zone.delayNs;
}

export function throttledZones(throttle: Throttle): number {
  let count = 0;
  for (const zone of throttle.zones) if (zone !== undefined && zone.delayNs > 0) count++;
  return count;
}

function evaluate(throttle: Throttle, now: number): void {
  let readNs = averageLatency(throttle.read, now);
  let writeNs = averageLatency(throttle.write, now);
  if (readNs > LATENCY_RATIO_MAX * writeNs) readNs = LATENCY_RATIO_MAX * writeNs;
  else if (writeNs > LATENCY_RATIO_MAX * readNs) writeNs = LATENCY_RATIO_MAX * readNs;
  let total = 0;
  let priorities = 0;
  let active = 0;
  for (const zone of throttle.zones) {
    if (zone === undefined) continue;
    const writes = recent(zone.ops[ThrottleOp.write], now) + recent(zone.ops[ThrottleOp.logical], now);
    zone.utilization = recent(zone.ops[ThrottleOp.read], now) * readNs + writes * writeNs;
    if (zone.utilization === 0) continue;
    total += zone.utilization;
    priorities += weightOf(throttle, zone);
    active++;
  }
  const busy = ((throttle.busyNs - throttle.busyNsEvaluated) * 100) / (now - throttle.evaluatedAt);
  const laggardAge = throttle.lastLaggardAt === 0 ? Infinity : now - throttle.lastLaggardAt;
  const over = busy > UTIL_OVER && laggardAge < LAGGARD_RECENT_NS;
  const under = busy < UTIL_UNDER || laggardAge > LAGGARD_ANCIENT_NS;
  for (const zone of throttle.zones) {
    if (zone === undefined) continue;
    const fair = priorities === 0 ? 0 : (total * weightOf(throttle, zone)) / priorities;
    adjust(zone, fair, over, under, active);
  }
  throttle.evaluatedAt = now;
  throttle.busyNsEvaluated = throttle.busyNs;
}

function weightOf(throttle: Throttle, zone: ThrottledZone): number {
  return throttle.byPriority ? zone.priority : 1;
}

function adjust(zone: ThrottledZone, fair: number, over: boolean, under: boolean, active: number): void {
  zone.aboveFair = false;
  if (zone.priority === 0) zone.delayNs = 0;
  else if (zone.utilization > fair && over) {
    zone.aboveFair = true;
    if (active > 1) zone.delayNs = Math.min(CEILING_NS, zone.delayNs + STEP_NS);
  } else if (zone.utilization < fair || under || active <= 1) {
    zone.delayNs = Math.max(0, zone.delayNs - STEP_NS);
  }
}

/** Closes windows that have passed. */
function roll(counter: Counter, now: number): void {
  const passed = Math.floor((now - counter.windowAt) / CYCLE_NS);
  if (passed === 0) return;
  if (passed > WINDOWS_KEPT) counter.history = 0;
  else {
    counter.history = counter.count > 1 ? counter.count : counter.count + counter.history / 2;
    for (let empty = 1; empty < passed; empty++) counter.history /= 2;
  }
  counter.count = 0;
  counter.windowAt += passed * CYCLE_NS;
}

function recent(counter: Counter, now: number): number {
  roll(counter, now);
  if (counter.count === 0) return counter.history;
  return now - counter.windowAt < CYCLE_NS / 2 ? counter.count + counter.history / 2 : counter.count;
}

function rollLatency(latency: Latency, now: number): void {
  const passed = Math.floor((now - latency.windowAt) / LATENCY_CYCLE_NS);
  if (passed === 0) return;
  if (passed > WINDOWS_KEPT) latency.averageNs = 0;
  else {
    latency.averageNs = (latency.averageNs + latency.sumNs) / (1 + latency.count);
    for (let empty = 1; empty < passed; empty++) latency.averageNs /= 2;
  }
  latency.count = 0;
  latency.sumNs = 0;
  latency.windowAt += passed * LATENCY_CYCLE_NS;
}

function averageLatency(latency: Latency, now: number): number {
  rollLatency(latency, now);
  const average =
    latency.count === 0
      ? latency.averageNs
      : (latency.averageNs + 8 * latency.sumNs) / (1 + 8 * latency.count);
  return average === 0 ? LATENCY_DEFAULT_NS : average;
}

function rollTxg(throttle: Throttle, now: number): void {
  if (now - throttle.txgWindowAt < TXG_CYCLE_NS) return;
  throttle.txgRate = throttle.txgCount / 2;
  throttle.txgCount = 0;
  throttle.txgWindowAt = now;
}
