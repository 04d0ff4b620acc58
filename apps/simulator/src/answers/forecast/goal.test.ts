import { Place } from '@orrery/proto';
import { expect, test } from 'vitest';
import { charge, HandMade } from '../hand-made.case.ts';
import { why } from '../why.ts';
import { goalOf } from './goal.ts';
import { when, whenLines } from './when.ts';

const pool = 'cn-0001/pool/zones';

function ask(made: HandMade, name: string, seconds: number): string[] {
  const index = made.index({ until: seconds * 1e9 });
  const moment = () => {
    throw new Error('a fork was asked for, where none can tell');
  };
  const codec = { encode: moment, decode: moment };
  return whenLines(when({ index, subject: made.subject(name, index), moment, codec }));
}

function fails(made: HandMade, seconds: number, disk: string, pools: [before: string, state: string]): void {
  const change = { pool: 'zones', vdev: disk, stateBefore: 'ONLINE', state: 'FAULTED', aux: '' };
  const cause = made.say(seconds, pool, 'vdevStateChanged', change);
  const [stateBefore, state] = pools;
  made.say(seconds, pool, 'poolStateChanged', { pool: 'zones', stateBefore, state }, cause);
}

test('a VM on a suspended pool waits for what its pool waits for', () => {
  const made = new HandMade();
  fails(made, 60, 'c0t1d0', ['ONLINE', 'DEGRADED']);
  fails(made, 70, 'c0t2d0', ['DEGRADED', 'SUSPENDED']);
  made.say(70, pool, 'poolSuspendedFact', { pool: 'zones', suspended: true });
  const who = 'new disks (disk.replace cn-0001/disk/c0t1d0, cn-0001/disk/c0t2d0) and then zpool clear';
  expect(ask(made, 'db', 80)).toEqual([`db will not be back by itself: it waits for ${who}.`]);
  expect(ask(made, pool, 80)).toEqual([
    `pool zones of cn-0001 will not be back by itself: it waits for ${who}.`,
  ]);
});

/** A boot after a panic that misses two disks of the raidz1. */
function missed(made = new HandMade()): HandMade {
  const down = made.panic(60, 'cn-0001');
  const booting = made.node(120, 'cn-0001', 'netboot', 'booting', down);
  const change = { pool: 'zones', stateBefore: 'ONLINE', state: 'UNAVAIL' };
  for (const vdev of ['c0t1d0', 'c0t2d0'])
    made.say(125, pool, 'vdevStateChanged', { ...change, vdev, aux: 'cannot open' });
  made.say(125, pool, 'poolStateChanged', change, booting);
  made.node(160, 'cn-0001', 'booting', 'running', booting);
  return made;
}

test('a pool that was not imported waits for its disks and a boot, with it its node and the VMs that it would run', () => {
  const made = missed();
  const index = made.index({ until: 200e9 });
  const disks = 'cn-0001/disk/c0t1d0, cn-0001/disk/c0t2d0';
  const who = `somebody to bring back ${disks} with their data, and then to reboot cn-0001 (node.reset)`;
  for (const name of [pool, 'db', 'cn-0001', 'cn-0001/disk/c0t1d0'])
    expect(goalOf(index, made.subject(name, index))).toMatchObject({ watch: undefined, person: who });
  const headlines = [pool, 'db', 'cn-0001'].map((name) => why(index, made.subject(name, index)).headline);
  expect(headlines).toEqual([
    'pool zones of cn-0001 has been UNAVAIL for 1m15s (since 00:02:05.000).',
    'db has been stopped for 2m20s (since 00:01:00.000): its pool could not be imported.',
    'cn-0001 is up, but without its pool zones, which could not be imported.',
  ]);
  const { root, steps } = why(index, made.subject('db', index));
  expect(root?.part).toBe('cn-0001/disk/c0t2d0');
  expect(steps.map(({ text, depth }) => `${depth} ${text}`)).toEqual([
    '0 pool zones ONLINE → UNAVAIL',
    '1 zones: c0t2d0 ONLINE → UNAVAIL (cannot open)',
    '1 zones: c0t1d0 ONLINE → UNAVAIL (cannot open)',
  ]);
});

test('a VM that somebody had stopped is not waited for by its pool, nor one that runs again after the next boot', () => {
  const made = new HandMade();
  const { uuid, alias } = made.subject('batch').vm ?? { uuid: '', alias: '' };
  const change = { uuid, alias, zoneStateBefore: 'running', zoneState: 'installed', state: 'stopped' };
  made.say(50, made.zone('batch'), 'zoneStateChanged', { ...change, reason: 'vmadm stop' });
  missed(made);
  const index = made.index({ until: 200e9 });
  expect(goalOf(index, made.subject('batch', index))?.person).toContain('vmadm start');
  const back = { pool: 'zones', stateBefore: 'UNAVAIL', state: 'ONLINE' };
  for (const vdev of ['c0t1d0', 'c0t2d0'])
    made.say(290, pool, 'vdevStateChanged', { ...back, vdev, aux: '' });
  made.say(290, pool, 'poolStateChanged', back);
  made.boot(300, 'cn-0001', made.node(210, 'cn-0001', 'running', 'post'));
  const later = made.index({ until: 400e9 });
  for (const name of [pool, 'db', 'cn-0001'])
    expect(goalOf(later, made.subject(name, later))).toBeUndefined();
});

test('what another disk has taken the place of is lost, when no parity is left for it', () => {
  const made = missed();
  const replaced = (seconds: number, disk: string) =>
    made.say(seconds, `cn-0001/disk/${disk}`, 'diskReplaced', { disk, serial: 'S' });
  replaced(170, 'c0t1d0');
  expect(ask(made, pool, 180)[0]).toContain('bring back cn-0001/disk/c0t2d0 with its data');
  replaced(190, 'c0t2d0');
  expect(ask(made, 'db', 200)[0]).toContain(
    'a backup: what was on cn-0001/disk/c0t1d0, cn-0001/disk/c0t2d0 is lost',
  );
});

test('a pool that was suspended before a boot is so no more when the boot has imported it', () => {
  const made = new HandMade();
  fails(made, 70, 'c0t2d0', ['ONLINE', 'SUSPENDED']);
  made.say(70, pool, 'poolSuspendedFact', { pool: 'zones', suspended: true });
  made.say(200, pool, 'poolStateChanged', { pool: 'zones', stateBefore: 'SUSPENDED', state: 'ONLINE' });
  const index = made.index({ until: 210e9 });
  expect(goalOf(index, made.subject('db', index))).toBeUndefined();
});

test('a pool whose spare is spent waits for a person, and no fork is needed to see that', () => {
  const made = new HandMade();
  fails(made, 60, 'c0t1d0', ['ONLINE', 'DEGRADED']);
  made.say(61, pool, 'spareActivated', { pool: 'zones', spare: 'c0t5d0', original: 'c0t1d0' });
  expect(ask(made, pool, 80)[0]).toContain('a new disk (disk.replace cn-0001/disk/c0t1d0)');
});

test('a VM that fails all it is asked is not up', () => {
  const made = new HandMade();
  made.serve('db', { from: 0, to: 60, rate: 10, errors: 10, ledger: [charge(Place.ON_CPU, 1)] });
  expect(ask(made, 'db', 60)[0]).toMatch(/^db will not be back by itself: .* fails 100 % of its requests/);
});

test('a destroyed VM is destroyed: nobody can start it', () => {
  const made = new HandMade();
  const { uuid, alias } = made.subject('db').vm ?? { uuid: '', alias: '' };
  const change = { uuid, alias, reason: '' };
  const down = { ...change, zoneStateBefore: 'running', zoneState: 'installed', state: 'stopped' };
  made.say(50, made.zone('db'), 'zoneStateChanged', down);
  const gone = { ...change, zoneStateBefore: 'installed', zoneState: 'configured', state: 'configured' };
  made.say(51, made.zone('db'), 'zoneStateChanged', gone);
  const index = made.index({ until: 60e9 });
  const { headline, steps } = why(index, made.subject('db', index));
  expect(headline).toContain('db has been destroyed for 9 s');
  expect(JSON.stringify(steps)).not.toContain('configured');
  expect(ask(made, 'db', 60)[0]).toContain('vmadm create');
});

test('a node that runs, and that nobody reaches, waits for what broke: not for the cable that hangs in it', () => {
  const made = new HandMade();
  const tor = made.datacenter.switches[0]!.address;
  const down = made.say(60, tor, 'switchStateChanged', { switch: tor, up: false });
  for (const node of ['cn-0001', 'cn-0002']) {
    const link = `${node}/nic/ixgbe0`;
    made.say(60, link, 'linkStateChanged', { link, up: false }, down);
  }
  const index = made.index({ until: 80e9 });
  for (const name of ['cn-0001', 'db', 'cn-0001/nic/ixgbe0', tor])
    expect(goalOf(index, made.subject(name, index))?.person).toBe(`somebody to mend ${tor}`);
  expect(goalOf(index, made.subject('cn-0001', index))?.word).toBe('reachable');
});
