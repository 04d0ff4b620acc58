import { Behind, Place, type LedgerEntry } from '@orrery/proto';
import { describe, expect, test } from 'vitest';
import type { SlowAnswer } from '../answer.ts';
import { charge, HandMade } from '../hand-made.case.ts';
import { slowLines } from '../render.ts';
import { slow } from './slow.ts';

const GIB = 1024 ** 3;
const calm = [charge(Place.ON_CPU, 1), charge(Place.DEVICE, 1)];

function ask(made: HandMade, name: string, seconds: number): SlowAnswer {
  const index = made.index({ until: seconds * 1e9 });
  const answer = slow(index, made.subject(name, index));
  const without = made.index({ until: seconds * 1e9, withoutInjections: true });
  expect(slow(without, made.subject(name, without))).toEqual(answer);
  for (const { because } of answer.growths) {
    for (const { fact } of because) expect(index.named(fact), fact).toBeDefined();
  }
  return answer;
}

/** Two calm minutes of db, then one of what `more` does to it. */
function troubled(ledger: LedgerEntry[], more: Partial<Parameters<HandMade['serve']>[1]> = {}): HandMade {
  const made = new HandMade();
  made.calm('db', calm);
  made.serve('db', { from: 120, to: 180, rate: 50, ledger: [...calm, ...ledger], ...more });
  return made;
}

test('nothing grew: not slow', () => {
  const answer = ask(troubled([]), 'db', 180);
  expect(answer).toMatchObject({ verdict: 'not slow', growths: [], root: undefined });
  expect(slowLines(answer)).toEqual(['db is not slow: mean 2 ms, was 2 ms.']);
});

test('requests that do not end are slow, though no sum has them', () => {
  const made = new HandMade();
  made.calm('db', calm);
  for (let second = 120; second < 160; second++) {
    const oldestNs = (second - 119) * 1e9;
    made.serve('db', { from: second, to: second + 1, rate: 0, ledger: [], inFlight: 40, oldestNs });
  }
  const detector = 'cn-0001/disk/c0t1d0';
  const noticed = { class: 'ereport.fs.zfs.io', detector, count: 3, payload: [] };
  made.say(150, 'cn-0001/pool/zones', 'ereportPosted', noticed);
  const answer = ask(made, 'db', 160);
  expect(answer).toMatchObject({ verdict: 'slow', root: { kind: 'disk', part: detector } });
  expect(answer.headline).toBe(
    'db ends no request: 40 requests in hand, the oldest for 39 s, mean was 2 ms.',
  );
});

test('too little served: no baseline', () => {
  const made = new HandMade();
  made.serve('db', { from: 0, to: 5, rate: 10, ledger: calm });
  expect(ask(made, 'db', 6).verdict).toBe('no baseline');
});

test('a cold ARC after a boot, with its why, and when it will be warm', () => {
  const made = new HandMade();
  made.calm('db', calm);
  made.boot(260, 'cn-0001', made.panic(120, 'cn-0001'));
  const ledger = [...calm, charge(Place.DEVICE, 10), charge(Place.VDEV_QUEUE, 5)];
  made.serve('db', { from: 266, to: 300, rate: 50, ledger, misses: 2, hits: 1, arcBytes: GIB / 2 });
  made.serve('db', { from: 300, to: 330, rate: 50, ledger, misses: 2, hits: 1, arcBytes: GIB });
  const answer = ask(made, 'db', 330);
  expect(answer.root).toMatchObject({ kind: 'cold-arc', part: 'cn-0001' });
  expect(slowLines(answer)).toEqual([
    'db is 8.5 × slower than its baseline: mean 17 ms, was 2 ms.',
    '  +15 ms  device and vdev queue: 2.0 reads a request go to disk, were 0.0',
    expect.stringContaining(
      "the ARC of cn-0001 is cold: 1 GiB of db's 4 GiB working set, hit rate 33 %, was 100 %",
    ),
    expect.stringContaining('cn-0001 booted 1m10s ago'),
    expect.stringContaining('kernel panic: uncorrectable memory error'),
    expect.stringContaining('ereport.cpu.intel.nb.mem_ue, DIMM 3'),
    // 3 GiB at 512 MiB in 30 s, times ln(15 / 0.2).
    'db will be within 10 % of its baseline in about 12m57s (ARC fills at 17.1 MiB/s).',
  ]);
});

describe('the disks', () => {
  test('a resilver, and when it will be through', () => {
    const made = troubled([charge(Place.VDEV_QUEUE, 8, Behind.RESILVER), charge(Place.DEVICE, 2)]);
    const pool = 'cn-0001/pool/zones';
    const begun = made.say(120, pool, 'resilverStarted', { pool: 'zones', vdev: 'c0t5d0', bytes: 10 * GIB });
    const progress = { pool: 'zones', vdev: 'c0t5d0', doneBytes: 4 * GIB, totalBytes: 10 * GIB };
    made.say(160, pool, 'resilverProgressed', progress, begun);
    const answer = ask(made, 'db', 180);
    expect(answer.root).toMatchObject({
      kind: 'resilver',
      text: 'zones resilvers 10 GiB onto c0t5d0, 40 % done',
    });
    expect(answer.growths).toHaveLength(1);
    expect(answer.outlook).toEqual(['The resilver will be through in about 40 s.']);
  });

  test('one that limps, though nobody said a word', () => {
    const made = troubled([charge(Place.DEVICE, 30), charge(Place.VDEV_QUEUE, 20)]);
    for (const disk of ['c0t0d0', 'c0t1d0', 'c0t2d0', 'c0t4d0']) made.disk(disk, 100, 180, 9_000_000);
    made.disk('c0t3d0', 100, 180, 54_000_000);
    expect(ask(made, 'db', 180).root).toEqual({
      kind: 'disk',
      part: 'cn-0001/disk/c0t3d0',
      text: 'disk c0t3d0 takes 54 ms an I/O, its peers in raidz1-0 9 ms',
      fact: 'cn-0001/disk/c0t3d0#79',
    });
  });

  test('one that makes errors', () => {
    const made = troubled([charge(Place.DEVICE, 40, Behind.RETRY)]);
    const detector = 'cn-0001/disk/c0t1d0';
    const fault = made.inject(170, 'disk.fail', detector, detector);
    const noticed = { class: 'ereport.fs.zfs.io', detector, count: 3, payload: [] };
    made.say(170, 'cn-0001/pool/zones', 'ereportPosted', noticed, fault);
    expect(ask(made, 'db', 180).root).toMatchObject({ kind: 'disk', part: detector });
  });

  test('records that are read before they are written', () => {
    const answer = ask(troubled([charge(Place.RECORD_RMW, 12)]), 'db', 180);
    expect(answer.root).toMatchObject({
      kind: 'record-size',
      text: 'its records are 128 KiB: a write of 8 KiB reads 128 KiB for 8 KiB',
    });
  });

  test('data that a neighbour pushed out of the ARC', () => {
    const made = troubled([charge(Place.DEVICE, 9)], { misses: 1, arcBytes: GIB });
    made.calm('batch', calm, { arcBytes: 0 });
    made.serve('batch', { from: 120, to: 180, rate: 1, ledger: calm, arcBytes: 3 * GIB });
    const answer = ask(made, 'db', 180);
    expect(answer.root).toMatchObject({ kind: 'neighbour', part: made.zone('batch') });
    expect(answer.growths[0]?.text).toContain('pushed out of the ARC');
  });
});

describe('a neighbour', () => {
  test('that the ledger names, and what it does now', () => {
    const made = new HandMade();
    const batch = made.idOf(made.zone('batch'));
    made.calm('db', calm);
    made.calm('batch', calm, { rate: 1, misses: 1 });
    const ledger = [...calm, charge(Place.VDEV_QUEUE, 20, Behind.OTHER_ZONE, batch)];
    made.serve('db', { from: 120, to: 180, rate: 50, ledger });
    made.serve('batch', { from: 120, to: 180, rate: 300, misses: 4, ledger: calm });
    expect(ask(made, 'db', 180).root).toMatchObject({
      kind: 'neighbour',
      part: made.zone('batch'),
      text: 'batch reads 1200 records a second from disk, 1 before',
    });
  });

  test('is told by what grew: its writes, not the reads it always did', () => {
    const made = new HandMade();
    const batch = made.idOf(made.zone('batch'));
    made.calm('db', calm);
    made.calm('batch', calm, { rate: 10, misses: 2 });
    const ledger = [...calm, charge(Place.VDEV_QUEUE, 20, Behind.OTHER_ZONE, batch)];
    made.serve('db', { from: 120, to: 180, rate: 50, ledger });
    made.serve('batch', { from: 120, to: 180, rate: 10, misses: 2, writtenBytes: 1_048_576, ledger: calm });
    expect(ask(made, 'db', 180).root?.text).toBe('batch writes 10 MiB a second, nothing before');
  });

  test('whose writes fill the txgs', () => {
    const made = troubled([charge(Place.DIRTY_DELAY, 6)]);
    made.serve('batch', { from: 120, to: 180, rate: 100, writtenBytes: 1_048_576, ledger: calm });
    expect(ask(made, 'db', 180).root).toMatchObject({ kind: 'neighbour', part: made.zone('batch') });
  });
});

describe('load', () => {
  const clients = (made: HandMade, from: number, to: number, requests: number) => {
    const none = { errors: 0, refused: 0, timeouts: 0, retries: 0, latency: [], ledger: [], latencyNs: 0 };
    for (let second = from; second < to; second++) {
      made.say(second + 1, 'client/visitors', 'clientServed', {
        ...none,
        from: second * 1e9,
        requests,
        target: 'web',
      });
    }
  };

  test('that is over, and whose backlog is not, is of the client that brought it', () => {
    const made = new HandMade();
    made.calm('web', calm);
    clients(made, 0, 120, 50);
    clients(made, 120, 160, 400);
    const ledger = [...calm, charge(Place.RUN_QUEUE, 80)];
    made.serve('web', { from: 120, to: 220, rate: 100, ledger });
    const answer = ask(made, 'web', 220);
    expect(answer.root).toMatchObject({ kind: 'load', part: 'client/visitors' });
    expect(answer.root?.text).toMatch(/asked \d+ a second since 00:02:00.000, were 50; none of it ended/);
  });

  test('of writes alone is told by what is written and what the pool takes', () => {
    const made = new HandMade();
    made.calm('db', calm, { writtenBytes: 1_048_576 });
    const ledger = [...calm, charge(Place.DIRTY_DELAY, 6)];
    made.serve('db', { from: 120, to: 180, rate: 50, writtenBytes: 2_097_152, ledger });
    const synced = { pool: 'zones', txg: 9, bytes: GIB, tookNs: 10_000_000_000 };
    made.say(175, 'cn-0001/pool/zones', 'txgSyncedFact', synced);
    const because = ask(made, 'db', 180).growths[0]?.because.map(({ text }) => text);
    expect(because).toEqual([
      'db writes 100 MiB/s, wrote 50 MiB/s',
      'pool zones takes 102 MiB/s while it syncs its txgs',
    ]);
  });
});

describe('the CPUs', () => {
  test('a cap', () => {
    const answer = ask(troubled([charge(Place.CPU_CAP, 8)], { cpuNs: 40_000_000 }), 'db', 180);
    expect(answer.root).toMatchObject({ kind: 'cap', part: expect.stringContaining('cn-0001/zone/') });
    expect(answer.root?.text).toBe('db runs into its CPU cap of 200 %: it uses 200 %, used 5 %');
  });

  describe('a baseline', () => {
    const made = new HandMade();
    const zone = made.zone('db');
    const uuid = zone.slice(zone.lastIndexOf('/') + 1);
    const change = { uuid, alias: 'db', burstNs: 60_000_000_000 };
    /** Two calm minutes, then one at its cap, which drops at `at`; `then` is told 25 s later. */
    const held = (
      at: number,
      then?: (made: HandMade, at: number) => void,
      grown = [charge(Place.CPU_CAP, 8)],
    ): SlowAnswer => {
      const told = new HandMade();
      const hot = { rate: 50, ledger: [...calm, ...grown], cpuNs: 20_000_000 };
      told.calm('db', calm);
      told.serve('db', { from: 120, to: at, ...hot });
      told.say(at, zone, 'cpuCapChanged', { ...change, before: 200, cap: 100 });
      told.serve('db', { from: at, to: at + 25, ...hot });
      then?.(told, at + 25);
      told.serve('db', { from: at + 25, to: 180, ...hot });
      return ask(told, 'db', 180);
    };

    test('to which a zone is held whose burst time is used up', () => {
      const answer = held(150);
      expect(answer.growths[0]?.text).toBe('CPU cap: at its CPU baseline of 100 %');
      expect(answer.growths[0]?.because.map(({ text }) => text)).toEqual([
        'db uses 100 % of a CPU, used 5 %',
        'db has used up its burst time of 1m00s at up to 200 %: it is held to its CPU baseline of 100 % since 00:02:30.000, until 00:03:30.000',
      ]);
      expect(answer.root).toMatchObject({ kind: 'cap', fact: answer.growths[0]?.because[1]?.fact });
    });

    test('that makes others wait for a worker, though each waits little for a CPU itself', () => {
      const answer = held(150, undefined, [charge(Place.WORKER_POOL, 400), charge(Place.CPU_CAP, 8)]);
      expect(answer.growths).toHaveLength(1);
      expect(answer.growths[0]?.text).toBe('worker pool: at its CPU baseline of 100 %');
    });

    test('to which it was held', () => {
      const { root } = held(150, (told, at) =>
        told.say(at, zone, 'cpuCapChanged', { ...change, before: 100, cap: 200 }),
      );
      expect(root?.text).toContain(
        'it was held to its CPU baseline of 100 % from 00:02:30.000 to 00:02:55.000',
      );
    });

    test('of an earlier boot is no reason', () => {
      const states = { uuid, alias: 'db', reason: '' };
      const { root } = held(121, (told, at) => {
        const stopped = { zoneStateBefore: 'running', zoneState: 'installed', state: 'stopped' };
        told.say(at, zone, 'zoneStateChanged', { ...states, ...stopped });
        const running = { zoneStateBefore: 'ready', zoneState: 'running', state: 'running' };
        told.say(at, zone, 'zoneStateChanged', { ...states, ...running });
        told.say(at, zone, 'zoneBooted', { uuid, alias: 'db', tookNs: 1 });
      });
      expect(root?.text).toContain('db runs into its CPU cap of 200 %');
    });
  });

  test('a run queue under more load', () => {
    const answer = ask(troubled([charge(Place.RUN_QUEUE, 8)], { rate: 200 }), 'db', 180);
    expect(answer.root?.kind).toBe('load');
    expect(slowLines(answer)).toContain('No fault: load.');
  });

  test('a CPU that fmd took off line', () => {
    const made = troubled([charge(Place.RUN_QUEUE, 8)]);
    const detector = 'cn-0001/cpu/2';
    const noticed = { class: 'ereport.cpu.intel.l2cache', detector, count: 1, payload: [] };
    const seen = made.say(
      110,
      'cn-0001',
      'ereportPosted',
      noticed,
      made.inject(110, 'cpu.cache-errors', detector, 'cn-0001'),
    );
    made.say(115, 'cn-0001', 'cpuStateChanged', { cpu: 2, state: 'faulted' }, seen);
    expect(ask(made, 'db', 180).root).toMatchObject({ kind: 'fault', part: detector });
  });

  test('workers that are all busy because each request stays longer: the longer stay is the reason', () => {
    const made = troubled([charge(Place.WORKER_POOL, 30), charge(Place.CPU_CAP, 8)]);
    const answer = ask(made, 'db', 180);
    expect(answer.growths).toHaveLength(1);
    expect(answer.growths[0]).toMatchObject({ ns: 38_000_000, root: { kind: 'cap' } });
  });
});

describe('the way', () => {
  test('a link that loses packets', () => {
    const made = troubled([charge(Place.RETRANSMIT, 40, Behind.RETRY)]);
    const link = 'cn-0001/nic/ixgbe0';
    made.say(
      120,
      link,
      'linkLossChanged',
      { link, lossPerMillion: 20_000 },
      made.inject(120, 'link.loss', link, link),
    );
    expect(ask(made, 'db', 180).root).toMatchObject({ kind: 'link', part: link });
  });

  test('a link that is full', () => {
    const made = troubled([charge(Place.LINK_QUEUE, 10)]);
    const served = { link: 'cn-0001/nic/ixgbe0', bytes: 1, rateBps: 9_500_000_000, utilizationPpm: 950_000 };
    made.say(170, 'net', 'linkServed', served);
    expect(ask(made, 'db', 180).root).toMatchObject({ kind: 'link', part: 'cn-0001/nic/ixgbe0' });
  });
});

describe('a callee', () => {
  const callee = (made: HandMade, extra: LedgerEntry[]) => {
    made.calm('web', [charge(Place.ON_CPU, 1), ...calm]);
    made.serve('web', { from: 120, to: 180, rate: 50, ledger: [charge(Place.ON_CPU, 1), ...calm, ...extra] });
  };

  test('is named when the time is its own', () => {
    const made = troubled([charge(Place.CPU_CAP, 8)]);
    callee(made, [charge(Place.CPU_CAP, 8)]);
    const answer = ask(made, 'web', 180);
    expect(answer.root).toMatchObject({ kind: 'cap', part: made.zone('db') });
    expect(answer.growths[0]?.text).toContain('in db: CPU cap');
  });

  test('that is down is why a caller waits, and why that is', () => {
    const made = new HandMade();
    callee(made, [charge(Place.TIMEOUT, 2000)]);
    made.panic(120, 'cn-0001');
    expect(ask(made, 'web', 180).root).toMatchObject({ kind: 'down', part: 'cn-0001/dimm/3' });
    expect(ask(made, 'db', 180).verdict).toBe('down');
  });
});

describe('the baseline', () => {
  test('lies before the first trouble of what it depends on, however long that lasts', () => {
    const made = new HandMade();
    made.serve('db', { from: 0, to: 40, rate: 50, ledger: calm });
    const change = { pool: 'zones', vdev: 'c0t1d0', stateBefore: 'ONLINE', state: 'FAULTED', aux: '' };
    const cause = made.say(40, 'cn-0001/pool/zones', 'vdevStateChanged', change);
    const became = { pool: 'zones', stateBefore: 'ONLINE', state: 'DEGRADED' };
    made.say(40, 'cn-0001/pool/zones', 'poolStateChanged', became, cause);
    made.serve('db', { from: 40, to: 600, rate: 50, ledger: [...calm, charge(Place.DEVICE, 1)] });
    expect(ask(made, 'db', 600)).toMatchObject({ verdict: 'slow', baselineNs: 2_000_000 });
  });

  test('ends where the means jump', () => {
    const made = new HandMade();
    made.serve('db', { from: 0, to: 20, rate: 50, ledger: calm });
    made.serve('db', { from: 20, to: 300, rate: 50, ledger: [...calm, charge(Place.DEVICE, 6)] });
    expect(ask(made, 'db', 300)).toMatchObject({ verdict: 'slow', baselineNs: 2_000_000 });
  });
});
