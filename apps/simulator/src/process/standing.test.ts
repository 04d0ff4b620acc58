import { describe, expect, test } from 'vitest';
import { mayLeave } from './drain.ts';
import { notReady } from './readiness.ts';
import { defaultReplicaName, replicaNameProblem } from './replica-name.ts';
import { Speed } from './speed.ts';

describe('a replica is ready', () => {
  const well = { connected: true, phase: 'exchanging', hasShards: true, silentMs: 20 } as const;

  test('while its windows go on, at a boundary however long, and when the run has ended', () => {
    expect(notReady(well)).toBeUndefined();
    expect(notReady({ ...well, phase: 'boundary', silentMs: 3_600_000 })).toBeUndefined();
    expect(notReady({ ...well, phase: 'ended', hasShards: false })).toBeUndefined();
  });

  test('but not without broker, shards or peers', () => {
    expect(notReady({ ...well, connected: false })).toBe('the broker does not answer');
    expect(notReady({ ...well, phase: 'joining', hasShards: false })).toBe('it has no shards');
    expect(notReady({ ...well, phase: 'taking' })).toBe('its shards have not come yet');
    expect(notReady({ ...well, silentMs: 20_000 })).toBe('it has waited for its peers for 20 s');
    expect(notReady({ ...well, phase: 'stopped' })).toBe('the run has failed');
  });
});

describe('a replica that was asked to go may go', () => {
  const asked = { isMember: true, settled: true, others: true, waitedMs: 100 };

  test('once others have its shards and all it said is stored', () => {
    expect(mayLeave(asked)).toBe(false);
    expect(mayLeave({ ...asked, isMember: false })).toBe(true);
    expect(mayLeave({ ...asked, isMember: false, settled: false })).toBe(false);
  });

  test('when nobody else is there, once that is certain and all it said is stored', () => {
    const alone = { ...asked, others: false };
    expect(mayLeave(alone)).toBe(false);
    expect(mayLeave({ ...alone, waitedMs: 1500 })).toBe(true);
    expect(mayLeave({ ...alone, waitedMs: 1500, settled: false })).toBe(false);
    expect(mayLeave({ ...alone, waitedMs: 4000, settled: false })).toBe(true);
  });

  test('at last in any case', () => {
    expect(mayLeave({ ...asked, settled: false, waitedMs: 9000 })).toBe(true);
    expect(mayLeave({ ...asked, isMember: false, settled: false, waitedMs: 9000 })).toBe(true);
  });
});

test('replicas are named for service and machine, and where there is one only, for the service', () => {
  expect(defaultReplicaName('storage', 'db.example.org')).toBe('storage-db-example-org');
  expect(defaultReplicaName('fma', '…')).toBe('fma-0');
  expect(defaultReplicaName('net', 'db')).toBe('net');
  expect(defaultReplicaName('storage', 'x'.repeat(99))).toHaveLength(63);
  expect(replicaNameProblem('storage', 'storage-1')).toBeUndefined();
  expect(replicaNameProblem('storage', 'a.b')).toBe('expected 1 to 63 letters, digits, - and _');
  expect(replicaNameProblem('headnode', 'headnode-2')).toBe(
    'headnode runs in one replica, which is named headnode',
  );
});

test('speed is that of the last ten seconds, and begins anew with another run', () => {
  const speed = new Speed();
  expect(speed.ratio).toBe(0);
  for (let second = 0; second <= 20; second++)
    speed.read((second <= 10 ? second : 10 + (second - 10) * 4) * 1e9, second * 1000);
  expect(speed.ratio).toBe(4);
  speed.read(0, 21_000);
  speed.read(500_000_000, 22_000);
  expect(speed.ratio).toBe(0.5);
});
