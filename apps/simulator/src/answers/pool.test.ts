import type { FactRef } from '@orrery/proto';
import { expect, test } from 'vitest';
import { HandMade } from './hand-made.case.ts';
import { why } from './why.ts';

const pool = 'cn-0001/pool/zones';

/** Says that a disk of the pool changed, by an ereport of its own when it fell out. */
function vdev(made: HandMade, seconds: number, name: string, stateBefore: string, state: string) {
  const detector = `cn-0001/disk/${name}`;
  const noticed = { class: 'ereport.fs.zfs.probe_failure', detector, count: 1, payload: [] };
  const cause = state === 'ONLINE' ? undefined : made.say(seconds, pool, 'ereportPosted', noticed);
  return made.say(
    seconds,
    pool,
    'vdevStateChanged',
    { pool: 'zones', vdev: name, stateBefore, state, aux: '' },
    cause,
  );
}

function became(made: HandMade, seconds: number, stateBefore: string, state: string, cause: FactRef) {
  return made.say(seconds, pool, 'poolStateChanged', { pool: 'zones', stateBefore, state }, cause);
}

function ask(made: HandMade, name: string, seconds: number) {
  const index = made.index({ until: seconds * 1e9 });
  return why(index, made.subject(name, index));
}

test('a disk that healed is not why its pool is degraded: the one that is out now is', () => {
  const made = new HandMade();
  became(made, 60, 'ONLINE', 'DEGRADED', vdev(made, 60, 'c0t1d0', 'ONLINE', 'FAULTED'));
  vdev(made, 70, 'c0t2d0', 'ONLINE', 'FAULTED');
  vdev(made, 90, 'c0t1d0', 'FAULTED', 'ONLINE');
  const answer = ask(made, pool, 100);
  expect(answer.root?.part).toBe('cn-0001/disk/c0t2d0');
  expect(answer.steps.map(({ text }) => text).join()).not.toContain('c0t1d0');
});

test('two disks that are out are told as two chains', () => {
  const made = new HandMade();
  became(made, 60, 'ONLINE', 'DEGRADED', vdev(made, 60, 'c0t1d0', 'ONLINE', 'FAULTED'));
  vdev(made, 70, 'c0t2d0', 'ONLINE', 'REMOVED');
  expect(ask(made, pool, 100).steps.map(({ text, depth }) => `${depth} ${text}`)).toEqual([
    '0 pool zones ONLINE → DEGRADED',
    '1 zones: c0t2d0 ONLINE → REMOVED',
    '2 ereport.fs.zfs.probe_failure, disk c0t2d0',
    '1 zones: c0t1d0 ONLINE → FAULTED',
    '2 ereport.fs.zfs.probe_failure, disk c0t1d0',
  ]);
});

test('a state has lasted since its own change, an outage since its first', () => {
  const made = new HandMade();
  became(made, 60, 'ONLINE', 'DEGRADED', vdev(made, 60, 'c0t1d0', 'ONLINE', 'FAULTED'));
  became(made, 220, 'DEGRADED', 'SUSPENDED', vdev(made, 220, 'c0t2d0', 'ONLINE', 'FAULTED'));
  expect(ask(made, pool, 240).headline).toBe(
    'pool zones of cn-0001 has been SUSPENDED for 20 s (since 00:03:40.000), and not ONLINE for 3m00s (since 00:01:00.000).',
  );
  expect(ask(made, pool, 100).headline).toBe(
    'pool zones of cn-0001 has been DEGRADED for 40 s (since 00:01:00.000).',
  );
});
