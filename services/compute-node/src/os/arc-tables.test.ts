import { expect, test } from 'vitest';
import type { Host } from '@orrery/actor';
import { KIB, MIB, SECOND } from '@orrery/kernel';
import type { OsState } from './state.ts';
import { boot, closed, ioStep, startDataPlane, testVm, total, type Setting } from './request-plane.case.ts';

const zone = 'cn-0001/zone/uuid-1';
const program = { name: 'read', steps: [ioStep('read', 16 * KIB, 4)], replyBytes: 100 };
const setting: Setting = {
  vms: [testVm(1, 'cn-0001')],
  programs: [program],
  workloads: [closed(['uuid-1'], 'read', 4)],
};

/** A zone that has read all of its working set (16 MiB, 1024 records), and halts at 10 s. */
function halted(): Host {
  const host = startDataPlane(setting);
  host.runUntil(10 * SECOND);
  expect(arcBytes(host)).toBe(16 * MIB);
  host.post('cn-0001/os', 'zoneGone', { zone: host.idOf(zone) }, 10 * SECOND);
  return host;
}

function arcBytes(host: Host): number {
  return host.stateOf<OsState>('cn-0001/os').arc.bytes;
}

/** How many reads miss in the 3 s after a boot at 12 s of the zone alone. */
function missesAfterBoot(host: Host): number {
  const id = host.idOf(zone);
  const up = { zone: id, uuid: 'uuid-1', brand: 'joyent', dataset: 'zones/uuid-1', warm: false };
  const traits = { alias: '', recordSize: 0, workingSetBytes: 0, residentBytes: 0, workers: 0, backlog: 0 };
  host.post('cn-0001/os', 'zoneUp', { ...up, ...traits, network: '' }, 12 * SECOND);
  host.post('cn-0001/os', 'zoneServes', { zone: id, serving: true }, 12 * SECOND);
  const before = total(host, zone).misses;
  host.runUntil(15 * SECOND);
  expect(total(host, zone).requests).toBeGreaterThan(500);
  return total(host, zone).misses - before;
}

function ask(host: Host, op: string, dataset: string): void {
  const rest = { origin: '', quotaBytes: 0, recordSize: 0, usedBytes: 0, volume: false };
  host.post('cn-0001/os', 'zfsAsk', { id: 1, op, dataset, ...rest, replyTo: host.idOf(zone) }, 11 * SECOND);
}

test('a zone that halts evicts nothing, and finds all of it when it boots again', () => {
  const host = halted();
  host.runUntil(12 * SECOND);
  expect(arcBytes(host)).toBe(16 * MIB);
  expect(missesAfterBoot(host)).toBe(0);
});

test('a dataset that is destroyed or rolled back leaves the ARC; a snapshot that is destroyed does not matter', () => {
  for (const [op, dataset, left] of [
    ['destroy', 'zones/uuid-1', 0],
    ['rollback', 'zones/uuid-1@before', 0],
    ['destroy', 'zones/uuid-1@before', 16 * MIB],
    ['destroy', 'zones/uuid-2', 16 * MIB],
  ] as const) {
    const host = halted();
    ask(host, op, dataset);
    host.runUntil(12 * SECOND);
    expect(arcBytes(host)).toBe(left);
    if (left === 0) expect(missesAfterBoot(host)).toBeGreaterThan(850);
  }
});

test('a kernel that goes takes its cache along', () => {
  const host = halted();
  host.post('cn-0001/os', 'osStopped', { reason: 'panic', frozen: false }, 11 * SECOND);
  host.runUntil(11 * SECOND + 1);
  expect(host.stateOf<OsState>('cn-0001/os').tables.size).toBe(0);
  boot(host, 'cn-0001', setting, 12 * SECOND);
  host.runUntil(17 * SECOND);
  expect(total(host, zone).misses).toBeGreaterThanOrEqual(2 * 1024);
});

test('what a halted zone left is evicted for one that runs', () => {
  // 3/4 of what the kernel does not keep of 1 GiB are 672 MiB: two working sets of 600 MiB do not fit.
  const big = { workingSetBytes: 600 * MIB, dataBytes: 600 * MIB, recordSizeBytes: 128 * KIB };
  const host = startDataPlane({
    ...setting,
    vms: [testVm(1, 'cn-0001', big), testVm(2, 'cn-0001', big)],
    memoryBytes: 1024 * MIB,
    warm: true,
    zioNs: SECOND / 1000,
    workloads: [
      closed(['uuid-1'], 'read', 8),
      closed(['uuid-2'], 'read', 8, { name: 'second', startAtNs: 2 * SECOND }),
    ],
  });
  host.runUntil(SECOND);
  const os = host.stateOf<OsState>('cn-0001/os');
  const full = os.tables.get('zones/uuid-1')!.bytes;
  host.post('cn-0001/os', 'zoneGone', { zone: host.idOf(zone) }, SECOND);
  host.runUntil(5 * SECOND);
  expect(os.arc.bytes).toBeLessThanOrEqual(os.arc.c);
  expect(os.tables.get('zones/uuid-1')!.bytes).toBeLessThan(full);
});
