import { describe, expect, test } from 'vitest';
import { restoreHost, takeSnapshot } from '@orrery/actor';
import { GIB, KIB, MIB, MS, SECOND, US } from '@orrery/kernel';
import { Place, type Facts } from '@orrery/proto';
import type { OsState } from './state.ts';
import {
  boot,
  closed,
  cpuStep,
  ioStep,
  optionsOf,
  startDataPlane,
  testVm,
  total,
  type Setting,
} from './request-plane.case.ts';

const one = testVm(1, 'cn-0001');
const two = testVm(2, 'cn-0001');
const three = testVm(3, 'cn-0002');
const zone1 = 'cn-0001/zone/uuid-1';
const cpuOnly = { name: 'GET page', steps: [cpuStep(10 * MS)], replyBytes: 1000 };

function single(setting: Partial<Setting>): Setting {
  return { vms: [one], programs: [cpuOnly], workloads: [closed(['uuid-1'], 'GET page', 1)], ...setting };
}

function sum(ledger: Map<string, number>): number {
  return [...ledger.values()].reduce((a, b) => a + b, 0);
}

describe('a request', () => {
  test('of 10 ms CPU takes 10 ms in the zone and the way there and back for its client', () => {
    const host = startDataPlane(single({}));
    host.runUntil(10 * SECOND);
    const seen = total(host, 'client/load');
    const served = total(host, zone1);
    expect(seen.errors).toBe(0);
    expect(served.requests).toBeGreaterThan(700);
    expect(served.latencyNs).toBe(served.requests * 10 * MS);
    expect(served.ledger.get('ON_CPU')).toBe(served.requests * 10 * MS);
    expect(sum(seen.ledger)).toBe(seen.latencyNs);
    // 400 ns for 500 bytes at 10 Gbps, 800 ns for 1000, twice 250 µs.
    expect(seen.latencyNs).toBe(seen.requests * (10 * MS + 500 * US + 1200));
  });

  test('reads cold records from the pool and warm ones from the ARC', () => {
    const program = {
      name: 'read',
      steps: [cpuStep(MS), ioStep('read', 16 * KIB, 2), cpuStep(MS)],
      replyBytes: 100,
    };
    const workloads = [closed(['uuid-1'], 'read', 4)];
    const host = startDataPlane(single({ programs: [program], workloads }));
    host.runUntil(20 * SECOND);
    const { hits, misses, requests, ledger } = total(host, zone1);
    expect(misses).toBeGreaterThanOrEqual(1024);
    expect(misses).toBeLessThan(1024 + 20);
    expect(hits + misses).toBeGreaterThanOrEqual(2 * requests);
    expect(ledger.get('ARC')).toBeGreaterThan(hits * 4 * US * 0.99);
    expect(ledger.get('DEVICE')! / misses).toBeGreaterThan(7.9 * MS);
    const warm = startDataPlane(single({ programs: [program], workloads, warm: true }));
    warm.runUntil(5 * SECOND + 1);
    expect(total(warm, zone1).misses).toBe(0);
  });

  test('with parallel reads is charged for the chain that ends last', () => {
    const program = { name: 'scan', steps: [ioStep('read', 16 * KIB, 6, 3)], replyBytes: 100 };
    const host = startDataPlane(single({ programs: [program], workloads: [closed(['uuid-1'], 'scan', 1)] }));
    host.runUntil(100 * MS);
    host.runUntil(1.2 * SECOND);
    const { requests, ledger } = total(host, zone1);
    // Nearly all miss at first: two rounds of 8 ms each.
    expect(ledger.get('DEVICE')! / requests).toBeLessThanOrEqual(16 * MS);
    expect(ledger.get('DEVICE')! / requests).toBeGreaterThan(14 * MS);
  });

  test('waits for a worker behind others, and is refused when the queue is full', () => {
    const vm = testVm(1, 'cn-0001', { workers: 2, backlog: 3 });
    const host = startDataPlane(single({ vms: [vm], workloads: [closed(['uuid-1'], 'GET page', 10)] }));
    host.runUntil(5 * SECOND + 1);
    const served = total(host, zone1);
    expect(served.requests).toBeGreaterThan(980);
    expect(served.requests).toBeLessThanOrEqual(1000);
    expect(served.refused).toBeGreaterThan(0);
    expect(served.ledger.get('WORKER_POOL')).toBeGreaterThan(0);
    expect(sum(served.ledger)).toBe(served.latencyNs);
  });
});

describe('CPU', () => {
  test('two busy zones with shares 100 and 300 get 25 % and 75 % of a saturated node', () => {
    const shares = (cpuShares: number) => ({ limits: { ...one.limits, cpuShares } });
    const host = startDataPlane({
      vms: [testVm(1, 'cn-0001', shares(100)), testVm(2, 'cn-0001', shares(300))],
      programs: [cpuOnly],
      workloads: [closed(['uuid-1'], 'GET page', 20), closed(['uuid-2'], 'GET page', 20, { name: 'other' })],
    });
    host.runUntil(21 * SECOND + 1);
    const used = (address: string) =>
      host.facts
        .filter((fact) => fact.address === address && fact.time > SECOND)
        .reduce((cpu, fact) => cpu + (fact.payload as { cpuNs: number }).cpuNs, 0);
    expect(used(zone1) / (20 * 4 * SECOND)).toBeCloseTo(0.25, 2);
    expect(used('cn-0001/zone/uuid-2') / (20 * 4 * SECOND)).toBeCloseTo(0.75, 2);
    const { ledger } = total(host, zone1);
    expect(ledger.get('RUN_QUEUE/1')).toBeGreaterThan(0);
  });

  test('a cap of 250 holds a zone to 2.5 CPUs', () => {
    const vm = testVm(1, 'cn-0001', { limits: { ...one.limits, cpuCap: 250 } });
    const host = startDataPlane(single({ vms: [vm], workloads: [closed(['uuid-1'], 'GET page', 8)] }));
    host.runUntil(11 * SECOND + 1);
    const used = total(host, zone1).cpuNs;
    expect(used / (10.99 * SECOND)).toBeGreaterThan(2.48);
    expect(used / (11 * SECOND)).toBeLessThan(2.5001);
    expect(total(host, zone1).ledger.get('CPU_CAP')).toBeGreaterThan(0);
  });
});

describe('writes', () => {
  const write = (op: 'write' | 'sync-write', bytes: number) => ({
    name: 'put',
    steps: [ioStep(op, bytes)],
    replyBytes: 10,
  });

  test('cost microseconds and reach the pool in a txg every 5 s', () => {
    const workloads = [closed(['uuid-1'], 'put', 1, { stopAtNs: 12 * SECOND })];
    const host = startDataPlane(single({ programs: [write('write', 16 * KIB)], workloads }));
    host.runUntil(60 * SECOND);
    const { requests, latencyNs } = total(host, zone1);
    expect(latencyNs).toBe(requests * 10 * US);
    const { txgs } = host.stateOf<{ txgs: { zones: { dirtyBytes: number }[] }[] }>('cn-0001/pool/zones');
    expect(txgs).toHaveLength(3);
    expect(txgs.reduce((bytes, { zones }) => bytes + zones[0].dirtyBytes, 0)).toBe(requests * 16 * KIB);
  });

  test('of a part of a record read the rest first, unless it is here', () => {
    const workloads = [closed(['uuid-1'], 'put', 1)];
    const cold = startDataPlane(single({ programs: [write('write', 4 * KIB)], workloads }));
    cold.runUntil(3 * SECOND);
    expect(total(cold, zone1).ledger.get('RECORD_RMW')).toBeGreaterThan(100 * 8 * MS);
    const warm = startDataPlane(single({ programs: [write('write', 4 * KIB)], workloads, warm: true }));
    warm.runUntil(3 * SECOND);
    expect(total(warm, zone1).ledger.get('RECORD_RMW')).toBeUndefined();
  });

  test('that are synchronous share log blocks', () => {
    const workloads = [closed(['uuid-1'], 'put', 6)];
    const host = startDataPlane(single({ programs: [write('sync-write', 16 * KIB)], workloads }));
    host.runUntil(5 * SECOND + 1);
    const { requests, ledger } = total(host, zone1);
    const { zios } = host.stateOf<{ zios: unknown[] }>('cn-0001/pool/zones');
    expect(requests / zios.length).toBeGreaterThan(2);
    expect(ledger.get('ZIL_WAIT')).toBeGreaterThan(0);
    expect(ledger.get('DEVICE')).toBeGreaterThanOrEqual(requests * 8 * MS);
  });

  test('wait for dirty memory when there is little of it', () => {
    const workloads = [closed(['uuid-1'], 'put', 8)];
    const program = { name: 'put', steps: [ioStep('write', 16 * KIB, 50)], replyBytes: 10 };
    const host = startDataPlane(single({ programs: [program], workloads, memoryBytes: GIB / 8 }));
    host.runUntil(3 * SECOND);
    const { ledger, latencyNs } = total(host, zone1);
    expect(ledger.get('DIRTY_DELAY')).toBeGreaterThan(0);
    expect(sum(ledger)).toBe(latencyNs);
  });

  test('an EIO is an error of the request', () => {
    const program = { name: 'read', steps: [ioStep('read', 16 * KIB)], replyBytes: 100 };
    const host = startDataPlane(single({ programs: [program], workloads: [closed(['uuid-1'], 'read', 1)] }));
    host.stateOf<{ failing: boolean }>('cn-0001/pool/zones').failing = true;
    host.runUntil(2 * SECOND);
    const { requests, errors } = total(host, zone1);
    expect(requests).toBe(0);
    expect(errors).toBeGreaterThan(100);
    expect(total(host, 'client/load').errors).toBeGreaterThanOrEqual(errors - 1);
  });

  test.each([
    [false, 'EDQUOT'],
    [true, 'ENOSPC'],
  ])('that append stop at the quota, or at the end of the pool: %s, %s', (poolBound, reason) => {
    const append = { ...ioStep('write', 128 * KIB), pattern: 'sequential' as const };
    const program = { name: 'log', steps: [append], replyBytes: 10 };
    const host = startDataPlane(single({ programs: [program], workloads: [closed(['uuid-1'], 'log', 1)] }));
    const spaces = [{ dataset: 'zones/uuid-1', usedBytes: 0, availableBytes: 64 * MIB, poolBound }];
    host.stateOf<{ spaces: unknown }>('cn-0001/pool/zones').spaces = spaces;
    host.runUntil(9 * SECOND);
    // The pool's answer of second 5 leaves room for 512 records more.
    const os = host.stateOf<OsState>('cn-0001/os');
    expect(os.txgs.open.zones[0].newBytes).toBe(64 * MIB);
    expect(total(host, zone1).errors).toBeGreaterThan(1000);
    const served = host.facts.filter(({ kind }) => kind === 'zoneServed');
    const reasons = served.flatMap(({ payload }) => (payload as Facts['zoneServed']).failures);
    expect(new Set(reasons.map((failure) => failure.reason))).toEqual(new Set([reason]));
  });

  test('of a zone above its share of busy, slow disks are throttled, unless that is turned off', () => {
    const program = { name: 'read', steps: [ioStep('read', 16 * KIB, 4, 4)], replyBytes: 100 };
    const vms = [
      testVm(1, 'cn-0001', { workingSetBytes: GIB }),
      testVm(2, 'cn-0001', { workingSetBytes: GIB }),
    ];
    const workloads = [closed(['uuid-1'], 'read', 8), closed(['uuid-2'], 'read', 1, { name: 'meek' })];
    for (const [on, perMiss] of [
      [1, 100 * US],
      [0, 0],
    ]) {
      const host = startDataPlane({
        vms,
        programs: [program],
        workloads,
        tunables: { zfs_zone_delay_enable: on },
      });
      host.stateOf<{ laggard: boolean }>('cn-0001/pool/zones').laggard = true;
      host.runUntil(12 * SECOND + 1);
      const second = host.facts
        .filter(({ address, kind }) => address === zone1 && kind === 'zoneServed')
        .at(-1)!;
      const { ledger, arcMisses } = second.payload as {
        ledger: { place: number; ns: number }[];
        arcMisses: number;
      };
      const waited = ledger.find(({ place }) => place === Place.THROTTLE)?.ns ?? 0;
      expect(waited / arcMisses).toBeGreaterThanOrEqual(perMiss * 0.95);
      expect(waited / arcMisses).toBeLessThanOrEqual(perMiss * 1.05);
      expect(total(host, 'cn-0001/zone/uuid-2').ledger.get('THROTTLE')).toBeUndefined();
    }
  });

  test('paging of a zone over its cap is charged behind PAGING', () => {
    const vm = testVm(1, 'cn-0001', { residentBytes: GIB });
    const program = {
      name: 'big',
      steps: [{ op: 'memory' as const, bytes: MIB }, cpuStep(MS)],
      replyBytes: 10,
    };
    const host = startDataPlane(
      single({ vms: [vm], programs: [program], workloads: [closed(['uuid-1'], 'big', 1)] }),
    );
    host.runUntil(2 * SECOND);
    expect(total(host, zone1).ledger.get('DEVICE/4')).toBeGreaterThan(0);
  });
});

const calling = (to: string[]) => ({
  name: 'page',
  steps: [
    cpuStep(MS),
    {
      op: 'call' as const,
      to,
      program: 'GET page',
      timeoutNs: 200 * MS,
      retries: 1,
      requestBytes: 100,
      replyBytes: 100,
    },
    cpuStep(MS),
  ],
  replyBytes: 5000,
});

test('memory is asked for when the work before it is done: a refusal comes after its CPU time', () => {
  const program = {
    name: 'fork',
    steps: [cpuStep(10 * MS), { op: 'memory' as const, bytes: 3 * GIB }],
    replyBytes: 100,
  };
  const host = startDataPlane(single({ programs: [program], workloads: [closed(['uuid-1'], 'fork', 1)] }));
  host.runUntil(5 * SECOND);
  const { errors, latencyNs, ledger } = total(host, zone1);
  expect(errors).toBeGreaterThan(300);
  expect(latencyNs).toBe(errors * 10 * MS);
  expect(ledger.get('ON_CPU')).toBe(latencyNs);
});

describe('calls', () => {
  test('to a zone of the same node cost no wire; to another node they do; both merge the callee’s ledger', () => {
    for (const [to, wire] of [
      ['uuid-2', 0],
      ['uuid-3', 500 * US + 80 + 800],
    ] as const) {
      const host = startDataPlane({
        vms: [one, two, three],
        programs: [cpuOnly, calling([to])],
        workloads: [closed(['uuid-1'], 'page', 1)],
      });
      host.runUntil(5 * SECOND + 1);
      const { requests, latencyNs, ledger } = total(host, zone1);
      expect(requests).toBeGreaterThan(300);
      expect(latencyNs).toBe(requests * (12 * MS + wire));
      expect(ledger.get('ON_CPU')).toBe(requests * 12 * MS);
    }
  });

  test('a down node is silent: callers see timeouts, clients losses; a down process refuses', () => {
    const setting: Setting = {
      vms: [one, two, three],
      programs: [cpuOnly, calling(['uuid-3'])],
      workloads: [closed(['uuid-1'], 'page', 1)],
    };
    const host = startDataPlane(setting);
    host.post('cn-0002/os', 'osStopped', { reason: 'panic', frozen: false }, 2 * SECOND);
    host.runUntil(10 * SECOND);
    const served = total(host, zone1);
    expect(served.timeouts).toBeGreaterThan(30);
    expect(served.errors).toBe(Math.floor(served.timeouts / 2));
    expect(served.ledger.get('TIMEOUT')).toBe(served.timeouts * 200 * MS);
    host.post('cn-0001/os', 'zoneServes', { zone: host.idOf(zone1), serving: false }, 10 * SECOND);
    host.runUntil(11 * SECOND + 1);
    expect(total(host, 'client/load').refused).toBeGreaterThan(0);
    host.post('cn-0001/os', 'osStopped', { reason: 'hang', frozen: true }, 11.5 * SECOND);
    host.runUntil(20 * SECOND);
    expect(total(host, 'client/load').ledger.get('LOST')).toBeGreaterThanOrEqual(7 * SECOND);
    boot(host, 'cn-0001', setting, 20 * SECOND);
    boot(host, 'cn-0002', setting, 20 * SECOND);
    const before = total(host, 'client/load').requests;
    host.runUntil(25 * SECOND);
    expect(total(host, 'client/load').requests - before).toBeGreaterThan(200);
  });

  test('a zone that is not there is silent, to its neighbours as to clients, and until its network is up', () => {
    const host = startDataPlane({
      vms: [one, two],
      programs: [cpuOnly, calling(['uuid-2'])],
      workloads: [closed(['uuid-1'], 'page', 1), closed(['uuid-2'], 'GET page', 1, { name: 'direct' })],
    });
    const id = host.idOf('cn-0001/zone/uuid-2');
    host.post('cn-0001/os', 'zoneServes', { zone: id, serving: false }, 2 * SECOND);
    host.post('cn-0001/os', 'zoneGone', { zone: id }, 2 * SECOND + MS);
    host.runUntil(2 * SECOND + MS);
    const before = [total(host, zone1).timeouts, total(host, 'client/direct').refused];
    host.runUntil(4 * SECOND + MS);
    // Tries of 200 ms from inside; of 1 s from outside. One of each may have been refused while the zone was up.
    const [timeouts, refused] = [total(host, zone1).timeouts, total(host, 'client/direct').refused];
    expect(timeouts - before[0]).toBeGreaterThanOrEqual(8);
    expect(refused - before[1]).toBeLessThanOrEqual(2);
    expect(total(host, 'client/direct').timeouts).toBeGreaterThanOrEqual(1);
    const traits = { alias: '', recordSize: 0, workingSetBytes: 0, residentBytes: 0, workers: 0, backlog: 0 };
    const up = { zone: id, uuid: 'uuid-2', brand: 'joyent', dataset: 'zones/uuid-2', warm: false };
    host.post('cn-0001/os', 'zoneUp', { ...up, ...traits, network: '' }, 5 * SECOND);
    host.runUntil(7 * SECOND);
    expect(total(host, 'client/direct').refused).toBe(refused);
    const work = { id: 1, zone: id, name: 'boot', cpuNs: MS, threads: 1, readBytes: 0, readSize: 0 };
    host.post('cn-0001/os', 'workRun', { ...work, replyTo: id, image: '' }, 7 * SECOND);
    host.runUntil(9 * SECOND);
    expect(total(host, 'client/direct').refused).toBeGreaterThan(refused + 10);
    host.post('cn-0001/os', 'zoneServes', { zone: id, serving: true }, 9 * SECOND);
    const served = total(host, 'client/direct').requests;
    host.runUntil(11 * SECOND);
    expect(total(host, 'client/direct').requests).toBeGreaterThan(served + 50);
  });

  test('a zone that goes away resets who was being served, and leaves nothing', () => {
    const program = {
      name: 'mix',
      steps: [cpuStep(5 * MS), ioStep('read', 16 * KIB), ioStep('sync-write', 8 * KIB)],
      replyBytes: 100,
    };
    const vm = testVm(1, 'cn-0001', { workers: 6, limits: { ...one.limits, cpuCap: 100 } });
    const host = startDataPlane({
      vms: [vm, two],
      programs: [program],
      workloads: [closed(['uuid-1'], 'mix', 12)],
    });
    const id = host.idOf(zone1);
    host.post('cn-0001/os', 'zoneGone', { zone: id }, 2.5 * SECOND);
    host.runUntil(4 * SECOND + 1);
    const seen = total(host, 'client/load');
    // Its twelve calls under way are reset; from then on nobody is there to refuse.
    expect(seen.refused).toBeLessThanOrEqual(12);
    expect(seen.refused).toBeGreaterThanOrEqual(6);
    expect(seen.timeouts).toBeGreaterThan(0);
    expect(seen.ledger.get('LOST')).toBeGreaterThan(0);
    expect(sum(seen.ledger)).toBe(seen.latencyNs);
    const os = host.stateOf<OsState>('cn-0001/os');
    expect([os.requests.size, os.cpu.runnable, os.residentBytes]).toEqual([0, 0, 64 * MIB]);
  });

  test('a cut path is tried again after 400 ms, 800 ms, …, and charged as retransmission', () => {
    const workloads = [closed(['uuid-1'], 'GET page', 1, { timeoutNs: 20 * SECOND })];
    const host = startDataPlane(single({ workloads }));
    host.post('net', 'tick', { name: 'down', number: 0 }, 2 * SECOND);
    host.post('net', 'tick', { name: 'up', number: 0 }, 4 * SECOND);
    host.runUntil(10 * SECOND);
    const seen = total(host, 'client/load');
    expect(seen.errors).toBe(0);
    // 400 + 800 + 1600 ms: the first try after it is mended.
    expect(seen.ledger.get('RETRANSMIT/5')).toBe(2800 * MS);
    expect(sum(seen.ledger)).toBe(seen.latencyNs);
  });
});

describe('work and commands', () => {
  test('boot work reads and computes, then answers; zfs commands are answered after their txg', () => {
    const host = startDataPlane(single({ workloads: [] }));
    const id = host.idOf(zone1);
    const work = {
      id: 7,
      zone: id,
      name: 'boot',
      cpuNs: SECOND,
      threads: 2,
      readBytes: MIB,
      readSize: 64 * KIB,
      replyTo: id,
      image: 'image',
    };
    host.post('cn-0001/os', 'workRun', work, SECOND);
    const ask = {
      id: 9,
      op: 'clone',
      dataset: 'zones/a',
      origin: 'zones/b@final',
      quotaBytes: 0,
      recordSize: 0,
      usedBytes: 0,
      volume: false,
      replyTo: id,
    };
    host.post('cn-0001/os', 'zfsAsk', ask, SECOND);
    host.runUntil(SECOND + 51 * MS);
    const { answers } = host.stateOf<{ answers: unknown[] }>(zone1);
    expect(answers).toEqual([{ id: 9, error: '' }]);
    // 2 threads of 500 ms and 8 reads of 8 ms each.
    host.runUntil(SECOND + 564 * MS);
    expect(answers).toHaveLength(1);
    host.runUntil(SECOND + 565 * MS);
    expect(answers[1]).toEqual({ id: 7, name: 'boot', error: '' });
  });
});

describe('a run', () => {
  const busy: Setting = {
    vms: [one, two, three],
    programs: [
      cpuOnly,
      {
        name: 'page',
        steps: [
          { op: 'cpu', ns: 2 * MS, distribution: { kind: 'exponential' } },
          { op: 'read', bytes: 16 * KIB, count: 3, parallel: 2, pattern: 'zipf', skew: 0.9 },
          ...calling(['uuid-2', 'uuid-3']).steps,
          ioStep('write', 4 * KIB, 2),
          ioStep('sync-write', 8 * KIB),
        ],
        replyBytes: 20_000,
      },
    ],
    workloads: [
      closed(['uuid-1', 'uuid-3'], 'page', 30, { retries: 1 }),
      closed(['uuid-3'], 'GET page', 2, { name: 'inner', from: { kind: 'vms', uuids: ['uuid-2'] } }),
      {
        ...closed(['uuid-1'], 'GET page', 0),
        name: 'open',
        loop: { kind: 'open', ratePerSecond: 200, arrival: { kind: 'exponential' } },
      },
    ],
  };

  test('is the same again, over the wire, with spans, and through a snapshot', () => {
    const plain = startDataPlane(busy);
    plain.runUntil(6 * SECOND);
    expect(total(plain, zone1).requests).toBeGreaterThan(500);
    const again = startDataPlane({ ...busy, wire: true });
    again.runUntil(6 * SECOND);
    expect(again.digest()).toBe(plain.digest());
    let spans = 0;
    const traced = startDataPlane({ ...busy, onSpan: () => spans++ });
    traced.runUntil(2.5 * SECOND);
    const restored = restoreHost(optionsOf(busy), structuredClone(takeSnapshot(traced)));
    restored.runUntil(6 * SECOND);
    expect(restored.digest()).toBe(plain.digest());
    expect(spans).toBeGreaterThan(1000);
    const other = startDataPlane({ ...busy, seed: 2 });
    other.runUntil(6 * SECOND);
    expect(other.digest()).not.toBe(plain.digest());
  });

  test('leaves nothing behind once its clients stop', () => {
    const workloads = busy.workloads.map((workload) => ({ ...workload, stopAtNs: 3 * SECOND }));
    const host = startDataPlane({ ...busy, workloads });
    host.runUntil(20 * SECOND);
    const os = host.stateOf<OsState>('cn-0001/os');
    expect([os.requests.size, os.outcalls.size, os.zios.size, os.cpu.runnable, os.txgs.dirtyBytes]).toEqual([
      0, 0, 0, 0, 0,
    ]);
    expect(host.queue.size).toBe(0);
  });
});
