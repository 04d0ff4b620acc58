import { expect, test } from 'vitest';
import type { Host } from '@orrery/actor';
import { MS, SECOND } from '@orrery/kernel';
import type { Facts } from '@orrery/proto';
import type { OsState } from './state.ts';
import { boot, closed, cpuStep, startDataPlane, testVm, total, type Setting } from './request-plane.case.ts';

const zone = 'cn-0001/zone/uuid-1';
const base = testVm(1, 'cn-0001');

/** A VM with a cap of 200, a baseline and 2 s of burst time on a node of 4 CPUs, and clients that never stop. */
function setting(cpuBaseline: number, clients: number, stopAtNs = 3600 * SECOND): Setting {
  const limits = { ...base.limits, cpuCap: 200, cpuBaseline, cpuBurstNs: 2 * SECOND };
  return {
    vms: [testVm(1, 'cn-0001', { limits }), testVm(2, 'cn-0001')],
    programs: [{ name: 'page', steps: [cpuStep(5 * MS)], replyBytes: 100 }],
    workloads: [closed(['uuid-1'], 'page', clients, { stopAtNs })],
  };
}

/** When the zone's cap changed, ms, and to what. */
function turns(host: Host): [number, number][] {
  return host.facts
    .filter(({ kind, address }) => kind === 'cpuCapChanged' && address === zone)
    .map(({ time, payload }) => [Math.round(time / MS), (payload as Facts['cpuCapChanged']).cap]);
}

/** CPU that the zone used in a second, percent of one. */
function usedIn(host: Host, second: number): number {
  const fact = host.facts.find(
    ({ kind, address, payload }) =>
      kind === 'zoneServed' && address === zone && (payload as Facts['zoneServed']).from === second * SECOND,
  );
  return Math.round((fact!.payload as Facts['zoneServed']).cpuNs / (SECOND / 100));
}

const osOf = (host: Host) => host.stateOf<OsState>('cn-0001/os');

test('a hot zone has 2 s at its cap and 2 s at its baseline in turn, and its waits are the cap’s', () => {
  const host = startDataPlane(setting(100, 8));
  host.runUntil(9 * SECOND);
  // 2 ms until the first requests are there, 69 until its usage is over 100.
  expect(turns(host)).toEqual([
    [2071, 100],
    [4071, 200],
    [6071, 100],
    [8071, 200],
  ]);
  expect([1, 3, 5, 7].map((second) => usedIn(host, second))).toEqual([200, 100, 200, 100]);
  const served = total(host, zone);
  // 8 threads at 2 CPUs wait 3/4 of the time, at 1 CPU 7/8.
  const waited = served.ledger.get('CPU_CAP')! / served.latencyNs;
  expect(waited).toBeGreaterThan(0.75);
  expect(waited).toBeLessThan(0.85);
  expect([...served.ledger.values()].reduce((a, b) => a + b, 0)).toBe(served.latencyNs);
});

test('a held zone that goes direct again when its cap is back', () => {
  const host = startDataPlane(setting(50, 1));
  host.runUntil(1.5 * SECOND);
  expect([osOf(host).cpu.shared, turns(host)]).toEqual([false, []]);
  host.runUntil(3.5 * SECOND);
  expect(osOf(host).cpu.shared).toBe(true);
  expect(usedIn(host, 1)).toBeGreaterThan(75);
  expect(usedIn(host, 2)).toBeLessThan(60);
  host.runUntil(4.5 * SECOND);
  expect(osOf(host).cpu.shared).toBe(false);
  expect(turns(host).map(([, cap]) => cap)).toEqual([50, 200]);
});

test('a zone that idles while it is held gets its cap back, and then nothing is left to wait for', () => {
  const host = startDataPlane(setting(100, 8, 2.5 * SECOND));
  host.runUntil(10 * SECOND);
  expect(turns(host)).toEqual([
    [2071, 100],
    [4071, 200],
  ]);
  expect(osOf(host).burstAt).toBe(0);
});

test('a boot begins with no burst time used, of the zone as of the node', () => {
  const made = setting(100, 8);
  const host = startDataPlane(made);
  host.runUntil(3 * SECOND);
  expect(osOf(host).bursts).toMatchObject([{ held: true }]);
  const id = host.idOf(zone);
  host.post('cn-0001/os', 'zoneGone', { zone: id }, 3.1 * SECOND);
  host.runUntil(3.2 * SECOND);
  expect(osOf(host).bursts).toEqual([]);
  boot(host, 'cn-0001', made, 4 * SECOND);
  host.runUntil(4 * SECOND + 1);
  expect(osOf(host).bursts).toMatchObject([{ held: false, countNs: 0, usage: 0 }]);
  expect(osOf(host).cpu.zones[osOf(host).bursts[0].slot]).toMatchObject({ id, capPercent: 200 });
  host.runUntil(7 * SECOND);
  expect(turns(host).map(([, cap]) => cap)).toEqual([100, 100]);
  expect(turns(host)[1]?.[0]).toBeGreaterThan(6050);
});

test('a zone that hovers about its baseline takes an event each burst time or so, one without a baseline none', () => {
  const events = (cpuBaseline: number) => {
    const host = startDataPlane(setting(cpuBaseline, 2));
    host.runUntil(20 * SECOND);
    expect(turns(host)).toEqual([]);
    return host.events;
  };
  // 2 clients that wait 1.5 of each 6.5 ms: 154 percent.
  const plain = events(0);
  expect(events(160) - plain).toBeLessThan(20);
  expect(events(200)).toBe(plain);
});
