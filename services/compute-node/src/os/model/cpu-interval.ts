/**
 * An interval of shared CPU is handed out in whole nanoseconds: work to zones, progress to threads, the rest to waits.
 *
 * Rules. 1. A zone whose threads all have a CPU gets exactly runnable × interval.
 *        2. The other zones' work sums to what is left of CPUs × interval when CPUs are short, else to the sum of
 *           what they are due, cut to a whole; largest remainder decides who gets the odd nanosecond.
 *        3. Each thread of a zone makes the same progress; what does not divide evenly is carried to the next interval.
 *        4. Waiting for a CPU that the zone may use is waiting for who was served meanwhile: it is split by the zones' work
 *           in the interval, its own part to itself, whole nanoseconds by largest remainder.
 */
import type { Cpu, CpuZone } from './cpu-state.ts';

/** Hands out `ns` > 0 nanoseconds at the present rates. */
export function distribute(cpu: Cpu, ns: number): void {
  shareOut(cpu, ns);
  let total = 0;
  for (let i = 0; i < cpu.active.length; i++) {
    const zone = cpu.active[i];
    total += zone.work;
    zone.usedNs += zone.work;
  }
  for (let i = 0; i < cpu.active.length; i++) progress(cpu, cpu.active[i], ns, total);
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
function progress(cpu: Cpu, zone: CpuZone, ns: number, total: number): void {
  if (zone.full) {
    zone.progress += ns;
    return;
  }
  zone.carry += zone.work;
  const gained = Math.min(ns, Math.floor(zone.carry / zone.runnable));
  zone.carry -= gained * zone.runnable;
  zone.progress += gained;
  const waited = ns - gained;
  const capped = zone.capPercent > 0 && zone.limit === zone.capPercent / 100;
  const overLimit = Math.round(((zone.runnable - zone.limit) * ns) / zone.runnable);
  // What rounding leaves of a zone that runs at its limit is no wait for others.
  const limitNs = zone.rate >= zone.limit ? waited : Math.min(waited, overLimit);
  if (capped) zone.capNs += limitNs;
  else zone.selfNs += limitNs;
  if (waited > limitNs) parcel(cpu, zone, waited - limitNs, total);
}

/** Charges `ns` of shared waiting to the zones that were served meanwhile, by their parts of all `total` work. */
function parcel(cpu: Cpu, zone: CpuZone, ns: number, total: number): void {
  if (total === 0) return blame(zone, zone, ns);
  const { active } = cpu;
  let given = 0;
  for (let i = 0; i < active.length; i++) {
    const served = active[i];
    const exact = ns * (served.work / total);
    const part = Math.min(ns - given, Math.floor(exact));
    served.remainder = exact - part;
    given += part;
    if (part > 0) blame(zone, served, part);
  }
  for (; given < ns; given++) {
    let next = zone;
    for (let i = 0; i < active.length; i++)
      if (active[i].work > 0 && active[i].remainder > next.remainder) next = active[i];
    next.remainder--;
    blame(zone, next, 1);
  }
}

function blame(zone: CpuZone, served: CpuZone, ns: number): void {
  if (served === zone) {
    zone.selfNs += ns;
    return;
  }
  while (zone.behindNs.length <= served.slot) zone.behindNs.push(0);
  zone.behindNs[served.slot] += ns;
}
