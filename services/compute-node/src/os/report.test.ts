import { describe, expect, test } from 'vitest';
import type { Host } from '@orrery/actor';
import { GIB, KIB, MS, SECOND } from '@orrery/kernel';
import type { Facts } from '@orrery/proto';
import { closed, cpuStep, ioStep, startDataPlane, testVm, type Setting } from './request-plane.case.ts';

const one = testVm(1, 'cn-0001');
const zone1 = 'cn-0001/zone/uuid-1';
const page = { name: 'page', steps: [cpuStep(10 * MS)], replyBytes: 100 };

function reports(host: Host, address = zone1): Facts['zoneServed'][] {
  return host.facts
    .filter((fact) => fact.address === address && fact.kind === 'zoneServed')
    .map(({ payload }) => payload as Facts['zoneServed']);
}

function failures(host: Host, address = zone1): Record<string, number> {
  const sum: Record<string, number> = {};
  let failed = 0;
  for (const report of reports(host, address)) {
    failed += report.errors + report.refused;
    for (const { reason, count } of report.failures) sum[reason] = (sum[reason] ?? 0) + count;
  }
  expect(Object.values(sum).reduce((a, b) => a + b, 0)).toBe(failed);
  return sum;
}

test('requests that do not end are told of every second, with the age of the oldest; then nothing more', () => {
  const read = { name: 'read', steps: [ioStep('read', 16 * KIB)], replyBytes: 100 };
  const patient = { timeoutNs: 60 * SECOND, stopAtNs: SECOND / 2 };
  const host = startDataPlane({
    vms: [one],
    programs: [read],
    workloads: [closed(['uuid-1'], 'read', 3, patient)],
    zioNs: 4.5 * SECOND,
  });
  host.runUntil(20 * SECOND);
  const told = reports(host);
  // Three requests of the first milliseconds end after 4.5 s, in the fifth second; then nobody asks any more.
  expect(told.map(({ from, requests, inFlight }) => [from / SECOND, requests, inFlight])).toEqual([
    [0, 0, 3],
    [1, 0, 3],
    [2, 0, 3],
    [3, 0, 3],
    [4, 3, 0],
  ]);
  const ages = told.map(({ oldestNs }) => oldestNs);
  expect(ages[0]).toBeGreaterThan(0.98 * SECOND);
  expect(ages[0]).toBeLessThan(SECOND);
  expect(ages).toEqual([0, 1, 2, 3].map((more) => ages[0] + more * SECOND).concat(0));
});

describe('a failure has a reason:', () => {
  const setting = (changes: Partial<Setting>): Setting => ({
    vms: [one, testVm(2, 'cn-0001'), testVm(3, 'cn-0002')],
    programs: [page],
    workloads: [closed(['uuid-1'], 'page', 1)],
    ...changes,
  });
  const run = (changes: Partial<Setting>, prepare?: (host: Host) => void): Host => {
    const host = startDataPlane(setting(changes));
    prepare?.(host);
    host.runUntil(3 * SECOND + 1);
    return host;
  };

  test('its own', () => {
    const greedy = { ...page, steps: [cpuStep(MS), { op: 'memory' as const, bytes: 3 * GIB }] };
    expect(Object.keys(failures(run({ programs: [greedy] })))).toEqual(['ENOMEM']);
    const read = { ...page, steps: [ioStep('read', 16 * KIB)] };
    const broken = run({ programs: [read] }, (host) => {
      host.stateOf<{ failing: boolean }>('cn-0001/pool/zones').failing = true;
    });
    expect(Object.keys(failures(broken))).toEqual(['EIO']);
  });

  test('no room in its queue, or nobody who listens', () => {
    const vms = [testVm(1, 'cn-0001', { workers: 1, backlog: 1 })];
    const host = run({ vms, workloads: [closed(['uuid-1'], 'page', 5)] });
    expect(Object.keys(failures(host))).toEqual(['backlog full']);
    host.post('cn-0001/os', 'zoneServes', { zone: host.idOf(zone1), serving: false }, 4 * SECOND);
    host.runUntil(6 * SECOND + 1);
    expect(failures(host)['not listening']).toBeGreaterThan(100);
  });

  test('a callee that refuses, is late, or fails', () => {
    const call = { op: 'call' as const, to: ['uuid-3'], program: 'leaf', timeoutNs: 100 * MS, retries: 0 };
    const caller = { ...page, steps: [{ ...call, requestBytes: 100, replyBytes: 100 }] };
    const leaf = { name: 'leaf', steps: [cpuStep(MS)], replyBytes: 100 };
    const late = { ...leaf, steps: [cpuStep(200 * MS)] };
    const failing = { ...leaf, steps: [{ op: 'memory' as const, bytes: 3 * GIB }] };
    expect(Object.keys(failures(run({ programs: [caller, late] })))).toEqual(['callee timed out']);
    expect(Object.keys(failures(run({ programs: [caller, failing] })))).toEqual(['callee failed']);
    const down = run({ programs: [caller, leaf] }, (host) => {
      const zone = host.idOf('cn-0002/zone/uuid-3');
      host.post('cn-0002/os', 'zoneServes', { zone, serving: false }, SECOND);
    });
    expect(Object.keys(failures(down))).toContain('callee refused');
  });
});
