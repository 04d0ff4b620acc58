/** What breaks in a disk, and who mends it: each fault's symptom in the order and within the times of a real pool. */
import { describe, expect, test } from 'vitest';
import { DISK, PARTNER, play, POOL, type Entry, type Run } from './small-datacenter.ts';
import { asBefore, within } from './within.ts';

const fail = (mode: string): Entry => ({ at: '20s', inject: 'disk.fail', with: { mode }, on: DISK });
const ended: Entry[] = [
  { at: '100s', revert: 'disk.fail', on: DISK },
  { at: '120s', repair: 'disk.replace', on: DISK },
];
const FD = 'ZFS-8000-FD';
const GH = 'ZFS-8000-GH';

/** Random reads alone, as many at once as there are clients. */
const readers = (clients: number): Partial<Run> => ({
  steps: [{ read: { bytes: '16KiB', count: 1, pattern: 'uniform' } }],
  workloads: [{ name: 'visitors', to: 'db', program: 'query', clients, timeout: '60s' }],
});

describe('disk.fail mode=errors', () => {
  test('a probe fails, 15 s later the disk is FAULTED and the spare resilvers; the case waits for disk.replace', () => {
    const run = play({ until: '5m', timeline: [fail('errors'), ...ended] });
    const probe = run.ereports().find((ereport) => ereport.class === 'fs.zfs.probe_failure')!;
    expect(run.ereports()[0].class).toBe('fs.zfs.io');
    within(probe.at, 20, 21);
    const [only, ...more] = run.cases();
    expect(more).toEqual([]);
    expect(only).toMatchObject({ code: FD, resource: DISK });
    within(only.at - probe.at, 15, 15.2);
    const [faulted, online] = run.vdev('c0t1d0');
    expect(faulted.state).toBe('FAULTED');
    within(faulted.at - only.at, 0, 0.2);
    expect(run.seen('spareActivated')[0].payload).toMatchObject({ spare: 'c0t4d0', original: 'c0t1d0' });
    const [spare, own] = run.seen('resilverFinished');
    expect([spare.payload.vdev, own.payload.vdev]).toEqual(['c0t4d0', 'c0t1d0']);
    // Neither the spare nor the revert mends the pool or the case: the new disk does, when it holds its data.
    expect(run.pool().map(({ state }) => state)).toEqual(['DEGRADED', 'ONLINE']);
    expect(online.at).toBe(120);
    expect(run.pool()[1].at).toBe(own.at);
    within(only.closedAt - own.at, 0, 0.1);
    expect(only.states).toEqual(['SOLVED', 'CLOSE_WAIT', 'CLOSED', 'REPAIRED', 'RESOLVED']);
    expect(run.seen('spareReturned')[0].at).toBe(own.at);
    expect(run.wrong()).toEqual([]);
  });

  test('nobody sees an error; reads are slower while the mirror resilvers, and as before at the end', () => {
    const run = play({ until: '5m', timeline: [fail('errors'), ...ended] });
    const before = run.clients('visitors', 0, 20);
    const during = run.clients('visitors', 40, 60);
    expect(run.clients('visitors', 0, 300)).toMatchObject({ errors: 0, timeouts: 0 });
    expect(during.mean).toBeGreaterThan(before.mean * 1.5);
    asBefore(run, 260, 300);
  });
});

test('disk.fail mode=hang: I/O stalls some 20 s and errors, FAULTED 35 to 75 s after the hang', () => {
  const run = play({ until: '5m', timeline: [fail('hang'), ...ended] });
  const io = run.ereports().find((ereport) => ereport.class === 'fs.zfs.io')!;
  within(io.at - 20, 20, 22);
  within(run.zone('db', 20, 70).max, 20_000, 45_000);
  expect(run.clients('visitors', 22, 38).timeouts).toBeGreaterThan(200);
  const [faulted] = run.vdev('c0t1d0');
  expect(faulted.state).toBe('FAULTED');
  within(faulted.at - 20, 35, 75);
  expect(run.cases()).toMatchObject([{ code: FD, resource: DISK }]);
  expect(run.ereports().map((ereport) => ereport.class)).not.toContain('fs.zfs.delay');
  expect(run.wrong()).toEqual([]);
  asBefore(run, 270, 300);
});

test('disk.fail mode=pulled: REMOVED at once, a spare, no ereport and no case', () => {
  const run = play({ until: '5m', timeline: [fail('pulled'), ...ended] });
  expect(run.vdev('c0t1d0')).toEqual([
    { at: 20, state: 'REMOVED' },
    { at: 120, state: 'ONLINE' },
  ]);
  within(run.seen('spareActivated')[0].at, 20, 20.2);
  expect(run.ereports()).toEqual([]);
  expect(run.seen('suspectListed')).toEqual([]);
  expect(run.clients('visitors', 0, 300).errors).toBe(0);
  expect(run.pool().map(({ state }) => state)).toEqual(['DEGRADED', 'ONLINE']);
  expect(run.wrong()).toEqual([]);
  asBefore(run, 260, 300);
});

test('disk.fail of a stripe while its node boots: UNAVAIL, no case, its VMs down until a boot finds the disk', () => {
  const run = play({
    until: '4m',
    vdevs: [{ disk: 'c0t0d0' }, { disk: 'c0t1d0' }],
    timeline: [
      { at: '18s', repair: 'node.nmi', on: 'cn-0001' },
      { ...fail('pulled'), at: '30s', for: '60s' },
      { at: '100s', repair: 'node.reset', on: 'cn-0001' },
    ],
  });
  expect(run.pool().map(({ state }) => state)).toEqual(['UNAVAIL', 'ONLINE']);
  const [up, again] = run.node('cn-0001').filter(({ state }) => state === 'running');
  expect(run.seen('zoneBooted').every(({ at }) => at > again.at)).toBe(true);
  // The dump is in the pool: fmd hears of the panic with the boot that finds it.
  const [only, ...more] = run.cases();
  expect(more).toEqual([]);
  expect(only.code).toBe('SUNOS-8000-KL');
  within(only.at - again.at, 0, 0.1);
  expect(up.at).toBeLessThan(90);
});

describe('disk.slow', () => {
  const slow = (factor: number): Entry => ({
    at: '20s',
    inject: 'disk.slow',
    with: { factor },
    on: DISK,
    for: '60s',
  });

  test('no ereport and no case; writes wait for it, and a revert ends it', () => {
    const run = play({ until: '2m', timeline: [slow(8)] });
    expect(run.clients('visitors', 25, 80).mean).toBeGreaterThan(3 * run.clients('visitors', 0, 20).mean);
    expect([...run.ereports(), ...run.cases(), ...run.pool()]).toEqual([]);
    asBefore(run, 85, 120);
  });

  test('a mirror under load reads round it; raidz cannot', () => {
    const share = (vdevs: Run['vdevs']): number => {
      const run = play({ until: '80s', vdevs, timeline: [slow(10)], ...readers(16) });
      return run.clients('visitors', 30, 80).requests / 50 / (run.clients('visitors', 5, 20).requests / 15);
    };
    expect(share([{ mirror: ['c0t0d0', 'c0t1d0'] }])).toBeGreaterThan(0.45);
    expect(share([{ raidz1: ['c0t0d0', 'c0t1d0', 'c0t2d0'] }])).toBeLessThan(0.25);
  });

  test('an I/O of 30 s and more posts delay, of which fmd makes no case', () => {
    const run = play({ until: '3m', timeline: [slow(5000)] });
    const classes = new Set(run.ereports().map((ereport) => ereport.class));
    expect([...classes]).toEqual(['fs.zfs.delay']);
    expect(run.seen('suspectListed')).toEqual([]);
    expect(run.vdev('c0t1d0')).toEqual([]);
  });
});

describe('disk.latent-errors', () => {
  const latent = (share: string): Entry => ({
    at: '20s',
    inject: 'disk.latent-errors',
    with: { share },
    on: DISK,
    for: '100s',
  });

  test('few: the other copy answers, the block is rewritten and heals, no case', () => {
    const run = play({ until: '3m', timeline: [latent('0.3%')] });
    const ios = run.ereports().filter((ereport) => ereport.class === 'fs.zfs.io');
    within(ios.length, 1, 10);
    expect(run.seen('blockHealed').length).toBe(ios.length);
    expect([...run.cases(), ...run.pool()]).toEqual([]);
    expect(run.clients('visitors', 0, 180).errors).toBe(0);
    asBefore(run, 130, 180);
  });

  test('many: the 11th in ten minutes is a case 15 s later; it stays after the revert, fmadm.repaired on disk ends it', () => {
    const run = play({
      until: '5m',
      timeline: [latent('5%'), { at: '150s', repair: 'fmadm.repaired', on: DISK }],
    });
    const ios = run.ereports().filter((ereport) => ereport.class === 'fs.zfs.io');
    const [only] = run.cases();
    expect(only).toMatchObject({ code: FD, resource: DISK });
    within(only.at - ios[10].at, 15, 15.2);
    expect(run.vdev('c0t1d0')[0].state).toBe('FAULTED');
    within(only.closedAt, 150, 150.2);
    within(run.vdev('c0t1d0')[1].at, 150, 151);
    expect(run.vdev('c0t1d0')[1].state).toBe('ONLINE');
    expect(run.clients('visitors', 0, 300).errors).toBe(0);
    expect(run.wrong()).toEqual([]);
  });
});

describe('disk.corrupt', () => {
  const corrupt = (share: string): Entry => ({
    at: '20s',
    inject: 'disk.corrupt',
    with: { share },
    on: DISK,
    for: '60s',
  });

  test('few: checksum ereports, healed by rewrite, no case, no error', () => {
    const run = play({ until: '2m', timeline: [corrupt('0.5%')] });
    const sums = run.ereports().filter((ereport) => ereport.class === 'fs.zfs.checksum');
    within(sums.length, 1, 10);
    expect(run.seen('blockHealed').length).toBe(sums.length);
    expect([...run.cases(), ...run.pool(), ...run.seen('dataLost')]).toEqual([]);
    expect(run.clients('visitors', 0, 120).errors).toBe(0);
  });

  test('many: DEGRADED with GH and a spare at the 11th, still used; fmadm.acquit on disk ends it', () => {
    const run = play({
      until: '5m',
      timeline: [corrupt('5%'), { at: '150s', repair: 'fmadm.acquit', on: DISK }],
    });
    const sums = run.ereports().filter((ereport) => ereport.class === 'fs.zfs.checksum');
    const [only] = run.cases();
    expect(only).toMatchObject({ code: GH, resource: DISK });
    within(only.at - sums[10].at, 0, 0.2);
    const [degraded, online] = run.vdev('c0t1d0');
    expect(degraded.state).toBe('DEGRADED');
    within(degraded.at - only.at, 0, 0.2);
    expect(run.seen('spareActivated')).toHaveLength(1);
    expect(run.seen('blockHealed').filter(({ at }) => at > degraded.at + 1).length).toBeGreaterThan(0);
    within(online.at, 150, 151);
    expect(online.state).toBe('ONLINE');
    expect(run.clients('visitors', 0, 300).errors).toBe(0);
    expect(run.wrong()).toEqual([]);
  });

  test('on a stripe a file is lost and named, its readers get errors, metadata heals', () => {
    const run = play({
      until: '2m',
      vdevs: [{ disk: 'c0t0d0' }, { disk: 'c0t1d0' }],
      timeline: [corrupt('8%')],
    });
    const lost = run.seen('dataLost');
    expect(lost.length).toBeGreaterThan(0);
    expect(lost[0].payload.path).toMatch(/^zones\/.*\/data\//);
    expect(run.seen('blockHealed').length).toBeGreaterThan(0);
    expect(run.clients('visitors', 20, 80).errors).toBeGreaterThan(0);
    expect(run.clients('visitors', 85, 120).errors).toBe(0);
  });
});

test('disk.delay: one I/O takes longer by what was asked, and none after it', () => {
  const at = { until: '40s', ...readers(1) };
  const plain = play({ ...at, timeline: [] });
  const late = play({
    ...at,
    timeline: [{ at: '20s', inject: 'disk.delay', with: { delay: '500ms' }, on: DISK }],
  });
  within(late.zone('db', 20, 21).max, 500, 540);
  expect(late.zone('db', 22, 40).max).toBeLessThan(2 * plain.zone('db', 22, 40).max);
  expect([...late.ereports(), ...late.cases()]).toEqual([]);
  const least = play({
    ...at,
    timeline: [{ at: '20s', inject: 'disk.delay', with: { delay: '1ns' }, on: DISK }],
  });
  expect(least.digest).not.toBe(plain.digest);
  expect(least.seen('diskServed').length).toBe(plain.seen('diskServed').length);
});

describe('repairs of a disk', () => {
  const broken: Entry[] = [fail('errors'), { at: '80s', revert: 'disk.fail', on: DISK }];

  for (const [name, on] of [
    ['zpool.clear on pool', POOL],
    ['zpool.clear on disk', DISK],
  ]) {
    test(`${name}: opens the disk again when its cause is gone, and resilvers what it missed`, () => {
      const run = play({ until: '4m', timeline: [...broken, { at: '120s', repair: 'zpool.clear', on }] });
      expect(run.vdev('c0t1d0').map(({ state }) => state)).toEqual(['FAULTED', 'ONLINE']);
      within(run.vdev('c0t1d0')[1].at, 120, 121);
      within(run.cases()[0].closedAt, 120, 121);
      expect(run.seen('resilverFinished').map(({ payload }) => payload.vdev)).toEqual(['c0t4d0', 'c0t1d0']);
      expect(run.wrong()).toEqual([]);
    });
  }

  test('zpool.clear of a disk that is still broken: UNAVAIL, the pool stays DEGRADED and the case open', () => {
    const run = play({
      until: '3m',
      timeline: [fail('errors'), { at: '100s', repair: 'zpool.clear', on: POOL }],
    });
    expect(run.vdev('c0t1d0').map(({ state }) => state)).toEqual(['FAULTED', 'UNAVAIL']);
    expect(run.pool().map(({ state }) => state)).toEqual(['DEGRADED']);
    expect(run.ereports().map((ereport) => ereport.class)).toContain('fs.zfs.vdev.open_failed');
    expect(run.cases()).toMatchObject([{ code: FD, states: ['SOLVED', 'CLOSE_WAIT', 'CLOSED'] }]);
  });

  test('fmadm.replaced on disk: resolves the case and clears the disk', () => {
    const run = play({
      until: '4m',
      timeline: [...broken, { at: '120s', repair: 'fmadm.replaced', on: DISK }],
    });
    within(run.cases()[0].closedAt, 120, 120.2);
    expect(run.wrong()).toEqual([]);
  });

  for (const kind of ['fmadm.repaired', 'fmadm.acquit', 'fmadm.replaced']) {
    test(`${kind} on pool: ends the pool's own case and clears all of it`, () => {
      const run = play({
        until: '4m',
        timeline: [
          { at: '20s', inject: 'disk.fail', with: { mode: 'errors' }, on: DISK, for: '40s' },
          { at: '22s', inject: 'disk.fail', with: { mode: 'errors' }, on: PARTNER, for: '38s' },
          { at: '80s', repair: kind, on: POOL },
        ],
      });
      const ofPool = run.cases().filter(({ resource }) => resource === POOL);
      expect(ofPool).toMatchObject([{ code: 'ZFS-8000-HC' }]);
      within(ofPool[0].closedAt, 80, 80.2);
      expect(run.pool().map(({ state }) => state)).toEqual(['DEGRADED', 'SUSPENDED', 'DEGRADED', 'ONLINE']);
      expect(run.wrong()).toEqual([]);
    });
  }

  test('disk.replace, zpool.clear and fmadm on healthy parts: a resilver of the new disk, nothing else', () => {
    const run = play({
      until: '3m',
      timeline: [
        { at: '20s', repair: 'zpool.clear', on: POOL },
        { at: '20s', repair: 'fmadm.repaired', on: DISK },
        { at: '21s', repair: 'disk.replace', on: DISK },
        { at: '22s', repair: 'disk.replace', on: 'cn-0001/disk/c0t5d0' },
      ],
    });
    expect(run.pool().map(({ state }) => state)).toEqual(['DEGRADED', 'ONLINE']);
    expect(run.cases()).toEqual([]);
    expect(run.wrong()).toEqual([]);
  });
});
