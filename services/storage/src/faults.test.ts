/** Each fault's symptom as storage shows it: I/O errors, ereports, vdev and pool states, and what a repair mends. */
import { beforeEach, describe, expect, it } from 'vitest';
import type { Host } from '@orrery/actor';
import { GIB, KIB, MS, SECOND } from '@orrery/kernel';
import { Behind, Place, VdevAction, ZioKind, ZioStatus } from '@orrery/proto';
import { poolPicture } from './actor/picture.ts';
import { zpoolStatus } from './model/status.ts';
import { factsOf, fmOf, hdd, inject, makeHost, osOf, poolOf, repair, retire, revert } from './pool.case.ts';

const disks = ['c0t0d0', 'c0t1d0', 'c0t6d0'].map((name) => hdd(name));
const mirror = { kind: 'mirror' as const, disks: ['c0t0d0', 'c0t1d0'] };

function mirrored(load: object = { depth: 4, until: 600 * SECOND }, usedBytes = GIB): Host {
  return makeHost({ vdevs: [mirror], spares: ['c0t6d0'], disks, usedBytes, load });
}

const classes = (host: Host) => fmOf(host).ereports.map((ereport) => ereport.class.slice(15));
const states = (host: Host) =>
  factsOf(host, 'vdevStateChanged').map(({ payload }) => `${payload.vdev} ${payload.state}`);
const pools = (host: Host) => factsOf(host, 'poolStateChanged').map(({ payload }) => payload.state);
const status = (host: Host) => zpoolStatus(poolPicture(poolOf(host), host.now), true);

describe('disk.fail mode=errors', () => {
  let host: Host;
  beforeEach(() => {
    host = mirrored();
    host.runUntil(10 * SECOND);
    inject(host, 'c0t1d0', 'disk.fail', { mode: 'errors' });
    host.runUntil(20 * SECOND);
  });

  it('gives io ereports, then a probe failure within a second, and no error to users', () => {
    expect(classes(host)[0]).toBe('io');
    expect(classes(host).filter((name) => name === 'probe_failure')).toHaveLength(1);
    const probe = fmOf(host).ereports.find((ereport) => ereport.class.endsWith('probe_failure'));
    expect((probe?.noticedAt ?? 0) - 10 * SECOND).toBeLessThan(SECOND);
    expect(osOf(host).done.every((done) => done.status === ZioStatus.ZIO_OK)).toBe(true);
    expect(states(host)).toEqual(['mirror-0 DEGRADED']);
    expect(pools(host)).toEqual(['DEGRADED']);
  });

  it('names the injection as the cause of each ereport, and retries in the ledger', () => {
    const [injected] = host.facts.filter((fact) => fact.kind === 'faultInjected');
    const posted = host.facts.filter((fact) => fact.kind === 'ereportPosted');
    expect(posted.every((fact) => fact.cause.actor === injected.actor && fact.cause.n === injected.n)).toBe(
      true,
    );
    const retried = osOf(host).ledgers.filter(({ ledger }) =>
      ledger.some((entry) => entry.behind === Behind.RETRY),
    );
    expect(retried.length).toBeGreaterThan(0);
  });

  it('is FAULTED by order only; a spare resilvers, the pool stays DEGRADED until the disk is replaced', () => {
    retire(host, VdevAction.VDEV_FAULT, 'c0t1d0', true);
    host.runUntil(200 * SECOND);
    expect(states(host)).toContain('c0t1d0 FAULTED');
    expect(factsOf(host, 'spareActivated')).toHaveLength(1);
    expect(factsOf(host, 'resilverFinished')[0].payload).toMatchObject({ vdev: 'c0t6d0', errors: 0 });
    expect(pools(host)).toEqual(['DEGRADED']);
    expect(status(host)).toContain('spare-1');
    revert(host, 'c0t1d0', 'disk.fail');
    host.runUntil(210 * SECOND);
    expect(pools(host)).toEqual(['DEGRADED']);
    repair(host, 'disk/c0t1d0', 'disk.replace');
    host.runUntil(211 * SECOND);
    expect(status(host)).toContain('replacing-1');
    host.runUntil(500 * SECOND);
    expect(pools(host)).toEqual(['DEGRADED', 'ONLINE']);
    expect(factsOf(host, 'spareReturned')).toHaveLength(1);
    expect(fmOf(host).events.at(-1)).toMatchObject({ class: 'resource.fs.zfs.statechange', state: 'ONLINE' });
    expect(status(host)).toContain('errors: No known data errors');
    expect(host.stateOf('cn-0001/disk/c0t1d0')).toMatchObject({ serial: 'S-c0t1d0-R1' });
  });

  it('comes back by zpool clear when its cause is gone, and resilvers what it missed', () => {
    retire(host, VdevAction.VDEV_FAULT, 'c0t1d0', false);
    host.runUntil(30 * SECOND);
    revert(host, 'c0t1d0', 'disk.fail');
    host.runUntil(31 * SECOND);
    expect(states(host).at(-1)).not.toBe('c0t1d0 ONLINE');
    repair(host, 'pool/zones', 'zpool.clear');
    host.runUntil(60 * SECOND);
    expect(pools(host)).toEqual(['DEGRADED', 'ONLINE']);
  });

  it('stays out when it is cleared and still broken', () => {
    repair(host, 'pool/zones', 'zpool.clear');
    host.runUntil(30 * SECOND);
    expect(states(host)).toContain('c0t1d0 UNAVAIL');
    expect(classes(host)).toContain('vdev.open_failed');
    expect(pools(host)).toEqual(['DEGRADED']);
  });
});

it('a raidz2 resilvers without an error while a second disk fails under it', () => {
  const names = ['c0t0d0', 'c0t1d0', 'c0t2d0', 'c0t3d0', 'c0t4d0'];
  const host = makeHost({
    vdevs: [{ kind: 'raidz2', disks: names }],
    disks: names.map((name) => hdd(name)),
    usedBytes: 20 * GIB,
    load: { depth: 1, until: 600 * SECOND },
  });
  host.runUntil(SECOND);
  repair(host, 'disk/c0t4d0', 'disk.replace');
  host.runUntil(5 * SECOND);
  expect(factsOf(host, 'resilverFinished')).toHaveLength(0);
  inject(host, 'c0t0d0', 'disk.fail', { mode: 'errors' });
  host.runUntil(600 * SECOND);
  expect(factsOf(host, 'resilverFinished')[0].payload).toMatchObject({ vdev: 'c0t4d0', errors: 0 });
  expect(osOf(host).done.every((done) => done.status === ZioStatus.ZIO_OK)).toBe(true);
});

it('disk.fail mode=hang stalls I/O for 20 s, then it errs; the probe fails after 20 s more', () => {
  const host = mirrored();
  host.runUntil(10 * SECOND);
  inject(host, 'c0t1d0', 'disk.fail', { mode: 'hang' });
  host.runUntil(80 * SECOND);
  const slowest = Math.max(...osOf(host).done.map((done) => done.latency));
  expect(slowest).toBeGreaterThan(20 * SECOND);
  expect(slowest).toBeLessThan(21 * SECOND);
  const probe = fmOf(host).ereports.find((ereport) => ereport.class.endsWith('probe_failure'));
  expect((probe?.noticedAt ?? 0) - 10 * SECOND).toBeGreaterThanOrEqual(40 * SECOND);
  expect((probe?.noticedAt ?? 0) - 10 * SECOND).toBeLessThan(42 * SECOND);
  expect(classes(host)).not.toContain('delay');
});

it('disk.fail mode=pulled is REMOVED at once, with no ereport and no error', () => {
  const host = mirrored();
  host.runUntil(10 * SECOND);
  inject(host, 'c0t1d0', 'disk.fail', { mode: 'pulled' });
  host.runUntil(11 * SECOND);
  expect(states(host)).toEqual(['c0t1d0 REMOVED', 'mirror-0 DEGRADED']);
  expect(classes(host)).toEqual([]);
  expect(fmOf(host).events).toMatchObject([{ class: 'resource.fs.zfs.removed', vdev: 'c0t1d0' }]);
  expect(osOf(host).done.every((done) => done.status === ZioStatus.ZIO_OK)).toBe(true);
  retire(host, VdevAction.VDEV_SPARE, 'c0t1d0', true);
  host.runUntil(100 * SECOND);
  expect(factsOf(host, 'resilverFinished')).toHaveLength(1);
  repair(host, 'disk/c0t1d0', 'disk.replace');
  host.runUntil(300 * SECOND);
  expect(pools(host)).toEqual(['DEGRADED', 'ONLINE']);
});

it('disk.slow makes no ereport; a loaded mirror reads round it, a raidz cannot', () => {
  const seconds = 30;
  const run = (vdevs: Parameters<typeof makeHost>[0]['vdevs'], slow: boolean) => {
    const names = vdevs.flatMap((vdev) => vdev.disks);
    const host = makeHost({
      vdevs,
      disks: names.map((name) => hdd(name)),
      load: { depth: 16, sizeBytes: 24 * KIB },
    });
    if (slow) inject(host, 'c0t1d0', 'disk.slow', { factor: 10 });
    host.runUntil(seconds * SECOND);
    expect(fmOf(host).ereports).toEqual([]);
    return osOf(host).done.length / seconds;
  };
  const raidz = [{ kind: 'raidz1' as const, disks: ['c0t0d0', 'c0t1d0', 'c0t2d0', 'c0t3d0'] }];
  expect(run([mirror], true)).toBeGreaterThan(run([mirror], false) * 0.45);
  expect(run(raidz, true)).toBeLessThan(run(raidz, false) * 0.25);
});

it('disk.slow posts delay at 30 s and more only', () => {
  const host = mirrored({ depth: 1 });
  inject(host, 'c0t0d0', 'disk.slow', { factor: 4000 });
  inject(host, 'c0t1d0', 'disk.slow', { factor: 4000 });
  host.runUntil(200 * SECOND);
  expect(new Set(classes(host))).toEqual(new Set(['delay']));
});

it('disk.latent-errors are healed by a rewrite, and every one is an io ereport', () => {
  const host = mirrored({ depth: 4, span: GIB / 4 });
  inject(host, 'c0t1d0', 'disk.latent-errors', { share: 0.02 });
  host.runUntil(60 * SECOND);
  const early = classes(host).length;
  expect(early).toBeGreaterThan(10);
  expect(new Set(classes(host))).toEqual(new Set(['io']));
  expect(factsOf(host, 'blockHealed').length).toBeGreaterThan(10);
  expect(osOf(host).done.every((done) => done.status === ZioStatus.ZIO_OK)).toBe(true);
  expect(states(host)).toEqual([]);
  expect(status(host)).toContain('ZFS-8000-9P');
});

describe('disk.corrupt', () => {
  it('heals on a mirror, with a checksum ereport each; by order it is DEGRADED and gets a spare', () => {
    const host = mirrored({ depth: 4, span: GIB / 4 });
    inject(host, 'c0t1d0', 'disk.corrupt', { share: 0.02 });
    host.runUntil(60 * SECOND);
    expect(new Set(classes(host))).toEqual(new Set(['checksum']));
    const healed = factsOf(host, 'blockHealed').reduce((sum, { payload }) => sum + payload.blocks, 0);
    expect(healed).toBe(poolOf(host).leaves[1].checksumErrors);
    retire(host, VdevAction.VDEV_DEGRADE, 'c0t1d0', true);
    host.runUntil(100 * SECOND);
    expect(states(host)).toContain('c0t1d0 DEGRADED');
    expect(pools(host)).toEqual(['DEGRADED']);
    expect(factsOf(host, 'resilverFinished')).toHaveLength(1);
    repair(host, 'pool/zones', 'zpool.clear');
    host.runUntil(101 * SECOND);
    expect(pools(host)).toEqual(['DEGRADED', 'ONLINE']);
    expect(factsOf(host, 'spareReturned')).toHaveLength(1);
  });

  it('loses file data on a stripe and names the file; metadata heals from its ditto copy', () => {
    const host = makeHost({
      vdevs: [{ kind: 'disk', disks: ['c0t0d0'] }],
      disks: [hdd('c0t0d0')],
      load: { depth: 4, span: GIB },
    });
    inject(host, 'c0t0d0', 'disk.corrupt', { share: 0.05 });
    host.runUntil(120 * SECOND);
    const failed = osOf(host).done.filter((done) => done.status === ZioStatus.ZIO_ECKSUM);
    expect(failed.length).toBeGreaterThan(0);
    const lost = factsOf(host, 'dataLost').map(({ payload }) => payload.path);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.every((path) => path.startsWith('zones/a/root/data/'))).toBe(true);
    expect(new Set(lost).size).toBe(lost.length);
    expect(factsOf(host, 'blockHealed').length).toBeGreaterThan(0);
    expect(classes(host)).toContain('data');
    expect(status(host)).toContain(`        /${[...lost].sort()[0]}`);
    expect(status(host)).toContain('ZFS-8000-8A');
  });
});

it('a stripe that loses its disk is suspended: nothing fails, everything waits for zpool clear', () => {
  const host = makeHost({
    vdevs: [{ kind: 'disk', disks: ['c0t0d0'] }],
    disks: [hdd('c0t0d0')],
    load: { depth: 2 },
  });
  host.runUntil(10 * SECOND);
  inject(host, 'c0t0d0', 'disk.fail', { mode: 'pulled' });
  host.runUntil(60 * SECOND);
  expect(pools(host)).toEqual(['SUSPENDED']);
  expect(osOf(host).suspended).toEqual([true]);
  expect(classes(host)).toEqual(['io_failure']);
  const before = osOf(host).done.length;
  expect(osOf(host).done.every((done) => done.at < 11 * SECOND)).toBe(true);
  revert(host, 'c0t0d0', 'disk.fail');
  host.runUntil(61 * SECOND);
  repair(host, 'pool/zones', 'zpool.clear');
  host.runUntil(62 * SECOND);
  expect(pools(host)).toEqual(['SUSPENDED', 'ONLINE']);
  expect(osOf(host).suspended).toEqual([true, false]);
  expect(osOf(host).done.length).toBeGreaterThan(before);
  const parked = osOf(host).ledgers.filter(({ ledger }) =>
    ledger.some((entry) => entry.place === Place.VDEV_QUEUE && entry.behind === Behind.FAULT),
  );
  expect(parked.length).toBe(2);
});

it('a raidz2 that lost three disks takes no new one in: it stays suspended, whatever is cleared', () => {
  const names = ['c0t0d0', 'c0t1d0', 'c0t2d0', 'c0t3d0', 'c0t4d0'];
  const host = makeHost({
    vdevs: [{ kind: 'raidz2', disks: names }],
    disks: names.map((name) => hdd(name)),
    load: { depth: 2 },
  });
  host.runUntil(10 * SECOND);
  for (const name of names.slice(0, 3)) inject(host, name, 'disk.fail', { mode: 'pulled' });
  host.runUntil(20 * SECOND);
  repair(host, 'disk/c0t0d0', 'disk.replace');
  host.runUntil(21 * SECOND);
  repair(host, 'pool/zones', 'zpool.clear');
  host.runUntil(40 * SECOND);
  expect(pools(host)).toEqual(['DEGRADED', 'SUSPENDED']);
  const states = host.facts
    .map(({ kind, payload }) => ({ kind, payload: payload as { vdev: string; state: string; text: string } }))
    .filter(({ kind, payload }) => kind === 'vdevStateChanged' && payload.vdev === 'c0t0d0')
    .map(({ payload }) => payload.state);
  expect(states).toEqual(['REMOVED', 'UNAVAIL']);
  expect(host.facts.find(({ kind }) => kind === 'syslogWritten')?.payload).toMatchObject({
    text: 'zpool replace zones c0t0d0: cannot replace c0t0d0 with c0t0d0: pool I/O is currently suspended',
  });
  // With the two others back the pool serves again, and the new disk can be taken in.
  for (const name of names.slice(1, 3)) revert(host, name, 'disk.fail');
  host.runUntil(41 * SECOND);
  repair(host, 'pool/zones', 'zpool.clear');
  host.runUntil(50 * SECOND);
  expect(pools(host)).toEqual(['DEGRADED', 'SUSPENDED', 'DEGRADED']);
  repair(host, 'disk/c0t0d0', 'disk.replace');
  host.runUntil(600 * SECOND);
  expect(pools(host).at(-1)).toBe('ONLINE');
});

it('a failed SLOG only degrades: log writes go to the pool', () => {
  const host = makeHost({
    vdevs: [mirror],
    logs: [{ kind: 'disk', disks: ['c0t6d0'] }],
    disks,
    load: { depth: 2, kind: ZioKind.ZIO_LOG_WRITE },
  });
  host.runUntil(5 * SECOND);
  inject(host, 'c0t6d0', 'disk.fail', { mode: 'errors' });
  host.runUntil(10 * SECOND);
  expect(pools(host)).toEqual(['DEGRADED']);
  expect(osOf(host).done.every((done) => done.status === ZioStatus.ZIO_OK)).toBe(true);
  expect(osOf(host).done.at(-1)?.disk).toMatch(/c0t[01]d0/);
});

it('disk.delay of one nanosecond changes the digest, and nothing else does', () => {
  const run = (delayed: boolean) => {
    const host = mirrored({ depth: 2 });
    host.runUntil(2 * SECOND);
    if (delayed) inject(host, 'c0t0d0', 'disk.delay', { delay: 1 });
    host.runUntil(10 * SECOND);
    const disk = host.facts.filter((fact) => fact.kind === 'diskServed').map((fact) => fact.payload);
    return { digest: host.digest(), disk: JSON.stringify(disk) };
  };
  const plain = run(false);
  expect(run(false)).toEqual(plain);
  const delayed = run(true);
  expect(delayed.digest).not.toBe(plain.digest);
  expect(delayed.disk).not.toBe(plain.disk);
});

it('latency of a mirror returns after replacement', () => {
  const host = mirrored({ depth: 4, until: 400 * SECOND });
  const mean = (from: number, to: number) => {
    const part = osOf(host).done.filter((done) => done.at >= from && done.at < to);
    return part.reduce((sum, done) => sum + done.latency, 0) / part.length;
  };
  host.runUntil(20 * SECOND);
  inject(host, 'c0t1d0', 'disk.fail', { mode: 'errors' });
  host.runUntil(35 * SECOND);
  retire(host, VdevAction.VDEV_FAULT, 'c0t1d0', true);
  host.runUntil(300 * SECOND);
  repair(host, 'disk/c0t1d0', 'disk.replace');
  host.runUntil(400 * SECOND);
  expect(mean(22 * SECOND, 34 * SECOND)).toBeGreaterThan(mean(0, 20 * SECOND) * 1.2);
  expect(mean(380 * SECOND, 400 * SECOND)).toBeLessThan(mean(0, 20 * SECOND) * 1.1 + MS);
});
