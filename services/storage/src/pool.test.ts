/** What a pool does without faults: txgs, datasets, resilver time, import, the ledger, bytes conserved. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Host } from '@orrery/actor';
import { GIB, KIB, MIB, SECOND } from '@orrery/kernel';
import { Behind, Place, VdevAction, ZfsOp, ZioKind, type TxgSync, type ZfsCommand } from '@orrery/proto';
import { factsOf, hdd, inject, makeHost, osOf, poolOf, repair, retire, revert, ssd } from './pool.case.ts';
import { UBERBLOCK_BYTES, txgBytes } from './model/txg.ts';

const mirror = { kind: 'mirror' as const, disks: ['c0t0d0', 'c0t1d0'] };
const pair = [hdd('c0t0d0'), hdd('c0t1d0')];

function txg(number: number, dirtyBytes: number, commands: Partial<ZfsCommand>[] = []): TxgSync {
  const zones =
    dirtyBytes === 0
      ? []
      : [{ zone: 0, dataset: 'zones/a', dirtyBytes, newBytes: dirtyBytes, freedBytes: 0 }];
  const none = {
    id: 1,
    dataset: '',
    origin: '',
    quotaBytes: 0,
    recordSize: 0,
    usedBytes: 0,
    volume: false,
    replyTo: 0,
  };
  return {
    txg: number,
    zones,
    commands: commands.map((command) => ({ ...none, op: 0 as ZfsOp, ...command })),
  };
}

describe('a txg', () => {
  it('writes 64 MiB to a mirror in about 66 MiB / 170 MB/s = 0.4 s, the same bytes on each side', () => {
    const host = makeHost({ vdevs: [mirror], disks: pair, usedBytes: 20 * GIB });
    host.post('cn-0001/os', 'txgSync', txg(4, 64 * MIB));
    host.runUntil(5 * SECOND);
    const [synced] = osOf(host).synced;
    expect(synced).toMatchObject({ txg: 4, dirtyReleased: 64 * MIB });
    const took = (synced.syncFinishedAt - synced.syncStartedAt) / SECOND;
    expect(took).toBeGreaterThan(0.35);
    expect(took).toBeLessThan(0.5);
    const written = factsOf(host, 'diskServed').reduce((sum, { payload }) => sum + payload.writtenBytes, 0);
    expect(written).toBe(2 * (txgBytes(64 * MIB) + UBERBLOCK_BYTES));
    expect(synced.spaces[0]).toMatchObject({ dataset: 'zones/a', usedBytes: 64 * MIB });
  });

  it('answers its commands when it has synced, refusals included', () => {
    const host = makeHost({ vdevs: [mirror], disks: pair });
    const commands = [
      { id: 1, op: ZfsOp.ZFS_RECEIVE, dataset: 'zones/image', usedBytes: 100 * MIB },
      { id: 2, op: ZfsOp.ZFS_CLONE, dataset: 'zones/new', origin: 'zones/image@final', replyTo: 7 },
      { id: 3, op: ZfsOp.ZFS_CLONE, dataset: 'zones/new', origin: 'zones/image@final' },
    ];
    host.post('cn-0001/os', 'txgSync', txg(1, 0, commands));
    host.runUntil(5 * SECOND);
    expect(osOf(host).synced[0].results).toEqual([
      { id: 1, replyTo: 0, error: '' },
      { id: 2, replyTo: 7, error: '' },
      { id: 3, replyTo: 0, error: 'EEXIST' },
    ]);
    expect(factsOf(host, 'datasetChanged').map(({ payload }) => payload.op)).toEqual(['receive', 'clone']);
    expect(poolOf(host).tree.get('zones')?.usedTotal).toBe(100 * MIB);
  });

  it('syncs one after another', () => {
    const host = makeHost({ vdevs: [mirror], disks: pair });
    host.post('cn-0001/os', 'txgSync', txg(1, 32 * MIB));
    host.post('cn-0001/os', 'txgSync', txg(2, 32 * MIB));
    host.runUntil(5 * SECOND);
    const [first, second] = osOf(host).synced;
    expect(second.syncStartedAt).toBe(first.syncFinishedAt);
  });
});

describe('a resilver', () => {
  const disks = [...pair, hdd('c0t6d0')];
  const seconds = (load: object | undefined) => {
    const host = makeHost({ vdevs: [mirror], spares: ['c0t6d0'], disks, usedBytes: 20 * GIB, load });
    inject(host, 'c0t1d0', 'disk.fail', { mode: 'pulled' });
    host.runUntil(SECOND);
    retire(host, VdevAction.VDEV_SPARE, 'c0t1d0', true);
    host.runUntil(1000 * SECOND, () => poolOf(host).lastResilver !== null);
    return factsOf(host, 'resilverFinished')[0].payload.tookNs / SECOND;
  };

  it('of 20 GiB on an idle mirror streams at the media rate, 21.5 GB / 186 MB/s = 115 s and some seeks: 2 to 4 min', () => {
    const took = seconds(undefined);
    expect(took).toBeGreaterThan(105);
    expect(took).toBeLessThan(240);
  });

  it('takes longer beside a load, and the load waits behind it', () => {
    const load = { depth: 3, span: 20 * GIB, until: 3000 * SECOND };
    expect(seconds(load)).toBeGreaterThan(seconds(undefined) * 1.5);
    const host = makeHost({ vdevs: [mirror], spares: ['c0t6d0'], disks, usedBytes: 20 * GIB, load });
    inject(host, 'c0t1d0', 'disk.fail', { mode: 'pulled' });
    host.runUntil(SECOND);
    retire(host, VdevAction.VDEV_SPARE, 'c0t1d0', true);
    host.runUntil(30 * SECOND);
    const behind = osOf(host)
      .ledgers.flatMap(({ ledger }) => ledger)
      .filter((entry) => entry.behind === Behind.RESILVER);
    expect(behind.length).toBeGreaterThan(100);
    expect(behind.every((entry) => entry.place === Place.VDEV_QUEUE)).toBe(true);
  });
});

it('a resilver that waited for another goes back to what asked for it', () => {
  const disks = [...pair, hdd('c0t6d0'), hdd('c0t7d0'), hdd('c0t2d0'), hdd('c0t3d0')];
  const vdevs = [mirror, { kind: 'mirror' as const, disks: ['c0t2d0', 'c0t3d0'] }];
  const host = makeHost({ vdevs, spares: ['c0t6d0', 'c0t7d0'], disks, usedBytes: 4 * GIB });
  for (const disk of ['c0t1d0', 'c0t3d0']) {
    inject(host, disk, 'disk.fail', { mode: 'pulled' });
    host.runUntil(host.now + SECOND);
    retire(host, VdevAction.VDEV_SPARE, disk, true);
    host.runUntil(host.now + SECOND);
  }
  host.runUntil(200 * SECOND);
  const spares = host.facts.filter(({ kind }) => kind === 'spareActivated');
  const resilvers = host.facts.filter(({ kind }) => kind === 'resilverStarted');
  expect(resilvers.map(({ cause }) => cause)).toEqual(spares.map(({ actor, n }) => ({ actor, n })));
});

describe('import', () => {
  const stripe = pair.map(({ name }) => ({ kind: 'disk' as const, disks: [name] }));
  const states = (host: Host) => factsOf(host, 'poolStateChanged').map(({ payload }) => payload.state);

  /** A power cut at `from`, s, and the import that the boot after it asks for, done 20 s later. */
  function boot(host: Host, from: number, meanwhile?: () => void): void {
    host.post('cn-0001/pool/zones', 'nodePower', { on: false, reason: 'power' });
    meanwhile?.();
    host.runUntil((from + 1) * SECOND);
    host.post('cn-0001/os', 'poolImport', { afterCrash: true });
    host.runUntil((from + 20) * SECOND);
  }

  it('takes some seconds, and replays the ZIL after a crash', () => {
    const host = makeHost({
      vdevs: [mirror],
      disks: pair,
      load: { kind: ZioKind.ZIO_LOG_WRITE, depth: 4, until: 10 * SECOND },
    });
    host.runUntil(5 * SECOND);
    const answered = osOf(host).done.length;
    host.post('cn-0001/pool/zones', 'nodePower', { on: false, reason: 'power' });
    host.runUntil(20 * SECOND);
    expect(osOf(host).done.length - answered).toBeLessThanOrEqual(4);
    host.post('cn-0001/os', 'poolImport', { afterCrash: true });
    host.runUntil(40 * SECOND);
    const [imported] = osOf(host).imported;
    expect(imported.error).toBe('');
    expect(imported.tookNs / SECOND).toBeGreaterThan(1.5);
    expect(imported.tookNs / SECOND).toBeLessThan(6);
    expect(imported.zilReplayedBytes).toBeGreaterThanOrEqual(answered * 8 * KIB);
    expect(imported.zilReplayedBytes).toBeLessThanOrEqual((answered + 8) * 8 * KIB);
    expect(imported.spaces.map((space) => space.dataset)).toEqual(['zones', 'zones/a', 'zones/b']);
  });

  it('refuses a pool without enough replicas', () => {
    const host = makeHost({
      vdevs: [{ kind: 'disk', disks: ['c0t0d0'] }],
      disks: [hdd('c0t0d0')],
      imported: false,
    });
    inject(host, 'c0t0d0', 'disk.fail', { mode: 'errors' });
    host.runUntil(SECOND);
    host.post('cn-0001/os', 'poolImport', { afterCrash: false });
    host.runUntil(10 * SECOND);
    expect(osOf(host).imported[0].error).toBe('insufficient replicas');
    expect(factsOf(host, 'poolStateChanged').map(({ payload }) => payload.state)).toEqual(['UNAVAIL']);
    expect(factsOf(host, 'ereportPosted')).toEqual([]);
  });

  it('finds a stripe whose disk is back in its bay, after the next boot and not before', () => {
    const host = makeHost({ vdevs: stripe, disks: pair });
    boot(host, 0, () => inject(host, 'c0t1d0', 'disk.fail', { mode: 'pulled' }));
    const vdev = host.facts.find(({ kind }) => kind === 'vdevStateChanged');
    const lost = host.facts.find(({ kind }) => kind === 'poolStateChanged');
    expect(lost?.cause).toEqual({ actor: vdev?.actor, n: vdev?.n });
    revert(host, 'c0t1d0', 'disk.fail');
    repair(host, 'pool/zones', 'zpool.clear');
    host.runUntil(30 * SECOND);
    expect(states(host)).toEqual(['UNAVAIL']);
    boot(host, 30);
    expect(states(host)).toEqual(['UNAVAIL', 'ONLINE']);
    expect(osOf(host).imported.map(({ error }) => error)).toEqual(['insufficient replicas', '']);
  });

  it.each(['while it was down', 'while it was missed'])('is lost with a disk replaced %s', (when) => {
    const host = makeHost({ vdevs: stripe, disks: pair });
    const another = () => repair(host, 'disk/c0t1d0', 'disk.replace');
    boot(host, 0, () => {
      if (when === 'while it was down') another();
      else inject(host, 'c0t1d0', 'disk.fail', { mode: 'errors' });
    });
    if (when === 'while it was missed') another();
    host.runUntil(29 * SECOND);
    boot(host, 30);
    expect(states(host)).toEqual(['UNAVAIL']);
    expect(osOf(host).imported.map(({ error }) => error)).toEqual(Array(2).fill('insufficient replicas'));
    const refused = factsOf(host, 'syslogWritten').map(({ payload }) => payload.text);
    expect(refused).toEqual(
      when === 'while it was down' ? [] : ["zpool replace zones c0t1d0: cannot open 'zones': no such pool"],
    );
  });

  it('fills a disk of a mirror that was replaced while its node was down', () => {
    const host = makeHost({ vdevs: [mirror], disks: pair, usedBytes: GIB });
    boot(host, 0, () => repair(host, 'disk/c0t1d0', 'disk.replace'));
    host.runUntil(120 * SECOND);
    expect(factsOf(host, 'resilverFinished')).toHaveLength(1);
  });

  it('that misses a disk is not the doing of the disk: who asked for it is told so', () => {
    const host = makeHost({ vdevs: [mirror], disks: pair });
    host.post('cn-0001/pool/zones', 'nodePower', { on: false, reason: 'power' });
    inject(host, 'c0t1d0', 'disk.fail', { mode: 'pulled' });
    host.runUntil(SECOND);
    host.post('cn-0001/os', 'poolImport', { afterCrash: false });
    host.runUntil(20 * SECOND);
    const injected = host.facts.find(({ kind }) => kind === 'faultInjected');
    const unavailable = host.facts.find(({ kind }) => kind === 'vdevStateChanged');
    const imported = host.facts.find(({ kind }) => kind === 'poolWasImported');
    expect(unavailable?.cause).toEqual({ actor: injected?.actor, n: injected?.n });
    expect(imported?.cause).not.toEqual({ actor: unavailable?.actor, n: unavailable?.n });
  });

  it('goes on with a resilver that a power cut ended', () => {
    const disks = [...pair, hdd('c0t6d0')];
    const host = makeHost({ vdevs: [mirror], spares: ['c0t6d0'], disks, usedBytes: 4 * GIB });
    repair(host, 'disk/c0t1d0', 'disk.replace');
    host.runUntil(5 * SECOND);
    host.post('cn-0001/pool/zones', 'nodePower', { on: false, reason: 'power' });
    host.runUntil(6 * SECOND);
    host.post('cn-0001/os', 'poolImport', { afterCrash: true });
    host.runUntil(120 * SECOND);
    expect(factsOf(host, 'resilverFinished')).toHaveLength(1);
    expect(factsOf(host, 'poolStateChanged').at(-1)?.payload.state).toBe('ONLINE');
  });
});

it('charges waiting behind another zone to that zone', () => {
  const host = makeHost({
    vdevs: [{ kind: 'disk', disks: ['c0t0d0'] }],
    disks: [hdd('c0t0d0')],
    load: { depth: 30, zones: ['a', 'b'] },
  });
  host.runUntil(20 * SECOND);
  const a = host.idOf('cn-0001/zone/a');
  const b = host.idOf('cn-0001/zone/b');
  const waits = osOf(host)
    .ledgers.flatMap(({ ledger }) => ledger)
    .filter((entry) => entry.behind === Behind.OTHER_ZONE);
  expect(new Set(waits.map((entry) => entry.zone))).toEqual(new Set([a, b]));
});

it('counts disk-busy time once: a saturated disk is busy all the time, an idle one not at all', () => {
  const host = makeHost({ vdevs: [mirror], disks: pair, load: { depth: 20 } });
  host.runUntil(20 * SECOND);
  expect(osOf(host).busyNs / SECOND).toBeGreaterThan(19.8);
  expect(osOf(host).busyNs / SECOND).toBeLessThan(20.1);
});

it('costs at most 2.1 events an uncontended read on a disk, 1.1 on flash, in this locality', () => {
  const events = (disk: ReturnType<typeof hdd>) => {
    const host = makeHost({
      vdevs: [{ kind: 'disk', disks: [disk.name] }],
      disks: [disk],
      load: { depth: 1 },
    });
    host.runUntil(20 * SECOND);
    return host.events / osOf(host).done.length - 1;
  };
  expect(events(hdd('c0t0d0'))).toBeLessThan(2.1);
  expect(events(ssd('c0t0d0'))).toBeLessThan(1.1);
});

it('survives the wire and a snapshot of its state', () => {
  const run = (wire: boolean) => {
    const host = makeHost({ vdevs: [mirror], disks: pair, load: { depth: 6 }, wire });
    host.post('cn-0001/os', 'txgSync', txg(1, 8 * MIB));
    host.runUntil(5 * SECOND);
    structuredClone(poolOf(host));
    return host.digest();
  };
  expect(run(true)).toBe(run(false));
});

it('sums every ledger whatever happens: faults, repairs and load in any order', () => {
  const step = fc.record({
    disk: fc.constantFrom('c0t0d0', 'c0t1d0', 'c0t2d0', 'c0t6d0', 'c0t7d0'),
    act: fc.constantFrom(
      'errors',
      'hang',
      'pulled',
      'slow',
      'latent',
      'corrupt',
      'replace',
      'clear',
      'fault',
      'txg',
      'power',
    ),
    after: fc.integer({ min: 1, max: 5000 }),
  });
  const shapes = [[mirror], [{ kind: 'raidz1' as const, disks: ['c0t0d0', 'c0t1d0', 'c0t2d0'] }]];
  fc.assert(
    fc.property(fc.nat(1), fc.nat(1), fc.array(step, { maxLength: 8 }), (shape, kind, steps) => {
      const used = new Set(shapes[shape].flatMap((vdev) => vdev.disks));
      const names = [...used, 'c0t6d0', 'c0t7d0'];
      const host = makeHost({
        vdevs: shapes[shape],
        logs: [{ kind: 'disk', disks: ['c0t7d0'] }],
        spares: ['c0t6d0'],
        disks: names.map((name) => (name === 'c0t7d0' ? ssd(name) : hdd(name))),
        usedBytes: GIB,
        load: { depth: 5, kind: kind as ZioKind, until: 6 * SECOND, zones: ['a', 'b'], span: GIB },
      });
      let at = 0;
      let number = 0;
      for (const { disk, act, after } of steps) {
        at += after * 1_000_000;
        host.runUntil(at);
        if (!names.includes(disk)) continue;
        if (act === 'slow') inject(host, disk, 'disk.slow', { factor: 20 });
        else if (act === 'latent') inject(host, disk, 'disk.latent-errors', { share: 0.05 });
        else if (act === 'corrupt') inject(host, disk, 'disk.corrupt', { share: 0.05 });
        else if (act === 'replace') repair(host, `disk/${disk}`, 'disk.replace');
        else if (act === 'clear') repair(host, 'pool/zones', 'zpool.clear');
        else if (act === 'fault') retire(host, VdevAction.VDEV_FAULT, disk, true);
        else if (act === 'txg') host.post('cn-0001/os', 'txgSync', txg(++number, 5 * MIB));
        else if (act === 'power')
          host.post('cn-0001/pool/zones', 'nodePower', { on: false, reason: 'power' });
        else inject(host, disk, 'disk.fail', { mode: act });
      }
      host.runUntil(at + 70 * SECOND);
      const { busy, leaves, imported } = poolOf(host);
      const open = leaves.reduce((sum, leaf) => sum + leaf.active.reduce((a, b) => a + b, 0), 0);
      const waiting = leaves.reduce((sum, leaf) => sum + leaf.waiting.flat().length, 0);
      if (imported) expect(busy.outstanding).toBe(open + waiting);
    }),
    { numRuns: 40, seed: 11 },
  );
});
