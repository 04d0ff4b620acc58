import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import { describe, expect, test } from 'vitest';
import { linkWatch, nodeWatch, poolWatch, type Watch } from './watch.ts';

const SECOND = 1e9;

function tell<K extends FactKind>(
  watch: Watch,
  seconds: number,
  address: string,
  kind: K,
  payload: Facts[K],
): void {
  watch.observe({ time: seconds * SECOND, address, kind, payload } as HostFact);
}

function phase(watch: Watch, seconds: number, state: string): void {
  tell(watch, seconds, 'cn-0001', 'nodeStateChanged', { stateBefore: '', state, reason: '' });
}

function booted(watch: Watch, seconds: number, uuid: string): void {
  tell(watch, seconds, `cn-0001/zone/${uuid}`, 'zoneBooted', { uuid, alias: '', tookNs: 1 });
}

const node = (alone = '', state = 'dumping') =>
  nodeWatch({
    node: 'cn-0001',
    state,
    zones: new Set(alone === '' ? ['a', 'b'] : [alone]),
    withoutPool: false,
    alone,
    startedAt: 100 * SECOND,
    patienceNs: 300 * SECOND,
  });

describe('a node', () => {
  test('that boots without a pool is not whole, and whose disks it misses is known', () => {
    const watch = node('', 'post');
    const zones = 'cn-0001/pool/zones';
    const change = { pool: 'zones', stateBefore: 'ONLINE', state: 'UNAVAIL' };
    tell(watch, 160, zones, 'vdevStateChanged', { ...change, vdev: 'c0t2d0', aux: 'cannot open' });
    expect(watch.whole).toBe(true);
    tell(watch, 160, zones, 'poolStateChanged', change);
    expect(watch).toMatchObject({ whole: false, broken: ['c0t2d0'] });
  });

  test('is back when it is multi-user, its zones when all have booted', () => {
    const watch = node();
    phase(watch, 110, 'post');
    phase(watch, 170, 'netboot');
    phase(watch, 185, 'booting');
    phase(watch, 230, 'running');
    booted(watch, 240, 'a');
    expect(watch.outcome(241 * SECOND)).toBeUndefined();
    booted(watch, 250, 'b');
    expect(watch.outcome(250 * SECOND)).toBe('back');
    expect(watch).toMatchObject({ backAt: 230 * SECOND, zonesAt: 250 * SECOND });
    expect(watch.phases.map(({ name }) => name)).toEqual(['dump', 'POST', 'platform load', 'boot']);
  });

  test('without power or hung waits for a person, and so does one that shows no news', () => {
    const off = node();
    phase(off, 110, 'off');
    expect(off.outcome(111 * SECOND)).toBe('person');
    const still = node('', 'netboot');
    expect(still.outcome(399 * SECOND)).toBeUndefined();
    expect(still.outcome(401 * SECOND)).toBe('person');
  });

  test('asked for one of its VMs waits for that one', () => {
    const watch = node('b', 'booting');
    phase(watch, 120, 'running');
    booted(watch, 125, 'a');
    expect(watch.outcome(126 * SECOND)).toBeUndefined();
    booted(watch, 130, 'b');
    expect(watch.outcome(130 * SECOND)).toBe('back');
    expect(watch.backAt).toBe(130 * SECOND);
  });
});

describe('a pool', () => {
  const pool = 'cn-0001/pool/zones';
  const watching = (resilvering: boolean) =>
    poolWatch({ pool, resilvering, startedAt: 100 * SECOND, patienceNs: 60 * SECOND });
  const finish = (watch: Watch, seconds: number) =>
    tell(watch, seconds, pool, 'resilverFinished', {
      pool: 'zones',
      vdev: 'c0t5d0',
      bytes: 1,
      errors: 0,
      tookNs: 1,
    });

  test('is back when its resilver is through, and whole when it is ONLINE', () => {
    const spare = watching(true);
    expect(spare.outcome(5000 * SECOND)).toBeUndefined();
    finish(spare, 400);
    expect(spare.outcome(406 * SECOND)).toBe('back');
    expect(spare).toMatchObject({ backAt: 400 * SECOND, whole: false });
    const replaced = watching(true);
    finish(replaced, 400);
    tell(replaced, 400, pool, 'poolStateChanged', {
      pool: 'zones',
      stateBefore: 'DEGRADED',
      state: 'ONLINE',
    });
    expect(replaced.outcome(406 * SECOND)).toBe('back');
    expect(replaced).toMatchObject({ backAt: 400 * SECOND, whole: true });
  });

  test('waits for no diagnosis between one resilver and the next', () => {
    const watch = watching(true);
    finish(watch, 400);
    tell(watch, 400, pool, 'resilverStarted', { pool: 'zones', vdev: 'c0t13d0', bytes: 1 });
    finish(watch, 500);
    expect(watch.phases.map(({ name }) => name)).toEqual(['resilver', 'resilver']);
  });

  test('in which nothing happens waits for a person, who will want to know which disk', () => {
    const watch = watching(false);
    const fell = { pool: 'zones', vdev: 'c0t2d0', stateBefore: 'ONLINE', state: 'FAULTED', aux: '' };
    tell(watch, 110, pool, 'vdevStateChanged', fell);
    expect(watch.outcome(170 * SECOND)).toBeUndefined();
    expect(watch.outcome(171 * SECOND)).toBe('person');
    expect(watch.broken).toEqual(['c0t2d0']);
  });
});

test('a link is back when it says so', () => {
  const link = 'cn-0001/nic/ixgbe0';
  const watch = linkWatch(link, 100 * SECOND, 60 * SECOND);
  expect(watch.outcome(150 * SECOND)).toBeUndefined();
  expect(watch.outcome(161 * SECOND)).toBe('person');
  tell(watch, 155, link, 'linkStateChanged', { link, up: true });
  expect(watch.outcome(161 * SECOND)).toBe('back');
});
