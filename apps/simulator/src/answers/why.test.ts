import { Place } from '@orrery/proto';
import { describe, expect, test } from 'vitest';
import { charge, HandMade } from './hand-made.case.ts';
import { whyLines } from './render.ts';
import { why } from './why.ts';
import type { WhyAnswer } from './answer.ts';

function ask(made: HandMade, name: string, seconds: number): WhyAnswer {
  const index = made.index({ until: seconds * 1e9 });
  const answer = why(index, made.subject(name, index));
  const without = made.index({ until: seconds * 1e9, withoutInjections: true });
  const blind = why(without, made.subject(name, without));
  expect({ ...blind, injection: answer.injection }).toEqual(answer);
  expect(blind.injection).toBeUndefined();
  for (const { fact } of answer.steps) expect(index.named(fact), fact).toBeDefined();
  return answer;
}

const texts = (answer: WhyAnswer) => answer.steps.map(({ text }) => text);

describe('a panic', () => {
  const made = new HandMade();
  const down = made.panic(300, 'cn-0001');
  made.node(301, 'cn-0001', 'panicked', 'dumping', down);

  test('of a node is walked back to the DIMM, and the injection named last', () => {
    const answer = ask(made, 'cn-0001', 305);
    expect(texts(answer)).toEqual([
      'kernel panic: uncorrectable memory error',
      'ereport.cpu.intel.nb.mem_ue, DIMM 3',
    ]);
    expect(answer).toMatchObject({
      verdict: 'down',
      root: { kind: 'fault', part: 'cn-0001/dimm/3', fact: 'cn-0001#2' },
      injection: { faultId: 'f1', target: 'cn-0001/dimm/3', askedBy: 'scenario.yaml:3' },
    });
    expect(whyLines(answer)).toEqual([
      'cn-0001 has been down for 5 s (since 00:05:00.000).',
      '  00:05:00.000  kernel panic: uncorrectable memory error   fact cn-0001#3',
      '  └ 00:05:00.000  ereport.cpu.intel.nb.mem_ue, DIMM 3      fact cn-0001#2',
      '    └ 00:05:00.000  fault f1 memory.uncorrectable, DIMM 3  scenario.yaml:3',
      'Now: dumping to zones/dump, 20 %; fmd has said nothing yet: it runs on cn-0001 and will see the ereport after the boot.',
    ]);
  });

  test('of its node is why a VM is stopped, and why those fail who call it', () => {
    const answer = ask(made, 'db', 305);
    expect(texts(answer)[0]).toBe('db stopped (node: panic)');
    expect(answer.root?.part).toBe('cn-0001/dimm/3');
    made.serve('web', {
      from: 290,
      to: 320,
      rate: 10,
      errors: 5,
      timeouts: 5,
      ledger: [charge(Place.TIMEOUT, 2000)],
    });
    const caller = ask(made, 'web', 320);
    expect(caller).toMatchObject({ verdict: 'errors', root: { part: 'cn-0001/dimm/3' } });
    expect(caller.headline).toContain('it calls db, which does not answer');
  });

  test('that is over is told as the last outage', () => {
    const over = new HandMade();
    over.boot(450, 'cn-0001', over.panic(300, 'cn-0001'));
    const answer = ask(over, 'cn-0001', 500);
    expect(answer.verdict).toBe('up');
    expect(answer.headline).toBe(
      'cn-0001 is up since 00:07:30.000. Before, it was down for 2m30s (from 00:05:00.000).',
    );
    expect(answer.root?.part).toBe('cn-0001/dimm/3');
    expect(ask(over, 'cn-0001', 200)).toMatchObject({ verdict: 'up', steps: [], root: undefined });
    expect(ask(over, 'db', 453).headline).toContain('has been booting');
  });
});

describe('silence', () => {
  test('of a VM whose node hangs: the hang is all that anybody noticed', () => {
    const made = new HandMade();
    made.node(100, 'cn-0001', 'running', 'hung', made.inject(100, 'node.hang', 'cn-0001', 'cn-0001'), 'hang');
    const answer = ask(made, 'db', 160);
    expect(answer).toMatchObject({ verdict: 'unreachable', root: { kind: 'fault', part: 'cn-0001' } });
    expect(answer.injection?.kind).toBe('node.hang');
    expect(answer.now.join()).toContain('hangs with it');
  });

  test('of a VM behind a dead switch, which runs on', () => {
    const made = new HandMade();
    const address = made.datacenter.switches[0]?.address ?? '';
    const fault = made.inject(100, 'switch.fail', address, address);
    const dead = made.say(100, address, 'switchStateChanged', { switch: address, up: false }, fault);
    for (const node of ['cn-0001', 'cn-0002']) {
      made.say(
        100,
        `${node}/nic/ixgbe0`,
        'linkStateChanged',
        { link: `${node}/nic/ixgbe0`, up: false },
        dead,
      );
    }
    const answer = ask(made, 'db', 130);
    expect(answer).toMatchObject({ verdict: 'unreachable', root: { part: address } });
    expect(answer.now.join()).toContain('db itself is running');
  });

  test('that makes the head node give a server up is led back to the node', () => {
    const made = new HandMade();
    made.node(
      100,
      'cn-0001',
      'running',
      'off',
      made.inject(100, 'node.power', 'cn-0001', 'cn-0001'),
      'power cut',
    );
    expect(texts(ask(made, 'cn-0001', 130))).toEqual(['power is gone (power cut)']);
  });
});

test('a disk: from the pool over fmd to the first ereport', () => {
  const made = new HandMade();
  const pool = 'cn-0001/pool/zones';
  const disk = 'cn-0001/disk/c0t2d0';
  const fault = made.inject(100, 'disk.fail', disk, disk);
  const noticed = made.say(
    100,
    pool,
    'ereportPosted',
    { class: 'ereport.fs.zfs.probe_failure', detector: disk, count: 1, payload: [] },
    fault,
  );
  const listed = made.say(
    115,
    'fm/cn-0001/case/1',
    'suspectListed',
    {
      uuid: 'c1',
      code: 'ZFS-8000-FD',
      severity: 'Major',
      engine: 'zfs-diagnosis',
      suspects: [{ class: 'fault.fs.zfs.vdev.io', certainty: 100, resource: disk, fru: disk, asru: '' }],
      firstEreportAt: 100e9,
      message: true,
    },
    noticed,
  );
  const change = {
    pool: 'zones',
    vdev: 'c0t2d0',
    stateBefore: 'ONLINE',
    state: 'FAULTED',
    aux: 'too many errors',
  };
  const faulted = made.say(115, pool, 'vdevStateChanged', change, listed);
  made.say(
    115,
    pool,
    'poolStateChanged',
    { pool: 'zones', stateBefore: 'ONLINE', state: 'DEGRADED' },
    faulted,
  );
  made.say(116, pool, 'spareActivated', { pool: 'zones', spare: 'c0t5d0', original: 'c0t2d0' }, faulted);
  const begun = made.say(
    116,
    pool,
    'resilverStarted',
    { pool: 'zones', vdev: 'c0t5d0', bytes: 100 },
    faulted,
  );
  made.say(
    156,
    pool,
    'resilverProgressed',
    { pool: 'zones', vdev: 'c0t5d0', doneBytes: 40, totalBytes: 100 },
    begun,
  );
  const answer = ask(made, pool, 160);
  expect(texts(answer)).toEqual([
    'pool zones ONLINE → DEGRADED',
    'zones: c0t2d0 ONLINE → FAULTED (too many errors)',
    'fmd: ZFS-8000-FD Major: fault.fs.zfs.vdev.io, disk c0t2d0, 15 s after the first ereport',
    'ereport.fs.zfs.probe_failure, disk c0t2d0',
  ]);
  expect(answer).toMatchObject({ verdict: 'degraded', root: { kind: 'fault', part: disk } });
  expect(answer.now).toContain('resilver of c0t5d0 40 %, about 56 s to go');
  expect(ask(made, disk, 160).root?.part).toBe(disk);
});

test('a block that healed is led to the disk that had it', () => {
  const made = new HandMade();
  const pool = 'cn-0001/pool/zones';
  const detector = 'cn-0001/disk/c0t1d0';
  const noticed = { class: 'ereport.fs.zfs.checksum', detector, count: 1, payload: [] };
  made.say(50, pool, 'ereportPosted', noticed, made.inject(40, 'disk.corrupt', detector, detector));
  made.say(51, pool, 'blockHealed', { pool: 'zones', disk: 'c0t1d0', blocks: 1, metadata: false });
  const answer = ask(made, pool, 60);
  expect(answer).toMatchObject({
    verdict: 'up',
    root: { part: detector },
    injection: { kind: 'disk.corrupt' },
  });
});

test('no fault: load is an answer', () => {
  const made = new HandMade();
  made.calm('db', [charge(Place.ON_CPU, 1)]);
  made.serve('db', {
    from: 120,
    to: 180,
    rate: 400,
    ledger: [charge(Place.ON_CPU, 1), charge(Place.WORKER_POOL, 9)],
  });
  const answer = ask(made, 'db', 180);
  expect(answer).toMatchObject({ verdict: 'slow', root: { kind: 'load' } });
  expect(answer.headline).toBe('db answers, but slowly: mean 10 ms, was 1 ms. No fault: load.');
});
