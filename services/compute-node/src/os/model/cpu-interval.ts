/**
 * An interval of shared CPU is handed out in whole nanoseconds: work to zones, progress to threads, the rest to waits.
 *
 * Rules. 1. A zone whose threads all have a CPU gets exactly runnable × interval.
 *        2. The other zones' work sums to what is left of CPUs × interval when CPUs are short, else to the sum of
 *           what they are due, cut to a whole; largest remainder decides who gets the odd nanosecond.
 *        3. Each thread of a zone makes the same progress; what does not divide evenly is carried to the next interval.
 */
import type { Cpu, CpuZone } from './cpu-state.ts';

/** Hands out `ns` > 0 nanoseconds at the present rates. */
export function distribute(cpu: Cpu, ns: number): void {
  shareOut(cpu, ns);
  let total = 0;
  for (let i = 0; i < cpu.active.length; i++) {
    const zone = cpu.active[i];
    total += zone.work;
    zone.turn += zone.work;
    zone.usedNs += zone.work;
  }
  const first = inTurn(cpu.active);
  if (first === undefined) return;
  first.turn -= total;
  for (let i = 0; i < cpu.active.length; i++) {
    const zone = cpu.active[i];
    progress(zone, ns, cpu.cpus, zone === first ? nextTurn(first, cpu.active, total - first.work) : first);
  }
}

/** The zone whose turn it is to be named: the one with most work that it was not yet named for. */
function inTurn(active: readonly CpuZone[]): CpuZone | undefined {
  let found: CpuZone | undefined;
  for (let i = 0; i < active.length; i++)
    if (found === undefined || active[i].turn > found.turn) found = active[i];
  return found;
}

/** Whom the zone in turn waits behind itself: the others take turns for it alone, by their work. */
function nextTurn(zone: CpuZone, active: readonly CpuZone[], others: number): CpuZone | undefined {
  if (zone.full) return undefined;
  const { turns } = zone;
  let found: CpuZone | undefined;
  for (let i = 0; i < active.length; i++) {
    const other = active[i];
    if (other === zone) continue;
    while (turns.length <= other.slot) turns.push(0);
    turns[other.slot] += other.work;
    if (found === undefined || turns[other.slot] > turns[found.slot]) found = other;
  }
  if (found !== undefined) turns[found.slot] -= others;
  return found;
}

/** Sets `work` of every active zone. */
function shareOut(cpu: Cpu, ns: number): void {
  let due = 0;
  let given = 0;
  let left = cpu.cpus * ns;
  for (let i = 0; i < cpu.active.length; i++) {
    const zone = cpu.active[i];
    if (zone.full) {
      zone.work = zone.runnable * ns;
      left -= zone.work;
      continue;
    }
    const exact = zone.owed + zone.rate * ns;
    zone.work = Math.max(0, Math.floor(exact));
    zone.owed = exact - zone.work;
    given += zone.work;
    due += exact;
  }
  const total = cpu.short ? left : Math.min(left, Math.floor(due + 1e-6));
  for (; given < total; given++) {
    const zone = extreme(cpu, 1);
    if (zone === undefined) return;
    zone.work++;
    zone.owed--;
  }
  for (; given > total; given--) {
    const zone = extreme(cpu, -1);
    if (zone === undefined) return;
    zone.work--;
    zone.owed++;
  }
}

/** The zone that is owed most (sign 1) or least (sign -1), the first among equals. */
function extreme(cpu: Cpu, sign: 1 | -1): CpuZone | undefined {
  let found: CpuZone | undefined;
  for (let i = 0; i < cpu.active.length; i++) {
    const zone = cpu.active[i];
    if (zone.full || (sign < 0 && zone.work === 0)) continue;
    if (found === undefined || sign * zone.owed > sign * found.owed) found = zone;
  }
  return found;
}

/** Parts an interval of each of a zone's threads into progress and waits. */
function progress(zone: CpuZone, ns: number, cpus: number, other: CpuZone | undefined): void {
  if (zone.full) {
    zone.progress += ns;
    return;
  }
  zone.carry += zone.work;
  const gained = Math.min(ns, Math.floor(zone.carry / zone.runnable));
  zone.carry -= gained * zone.runnable;
  zone.progress += gained;
  const waited = ns - gained;
  const perCpu = ns / zone.runnable;
  const alone = Math.min(zone.limit, cpus);
  const capped = zone.capPercent > 0 && zone.limit === zone.capPercent / 100;
  const overLimit = zone.runnable - zone.limit;
  const overCpus = zone.limit - alone;
  let capNs = capped ? Math.min(waited, Math.round(overLimit * perCpu)) : 0;
  let selfNs = Math.min(waited - capNs, Math.round((capped ? overCpus : overLimit + overCpus) * perCpu));
  let otherNs = waited - capNs - selfNs;
  if (other === undefined || alone - zone.rate <= 0) {
    if (capped) capNs += otherNs;
    else selfNs += otherNs;
    otherNs = 0;
  }
  zone.capNs += capNs;
  zone.selfNs += selfNs;
  if (otherNs === 0 || other === undefined) return;
  while (zone.behindNs.length <= other.slot) zone.behindNs.push(0);
  zone.behindNs[other.slot] += otherNs;
}
