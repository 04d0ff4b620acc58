/** A pool goes on from a snapshot as if nothing had been: in the middle of a resilver, a txg, a hang, an import. */
import { deserialize, serialize } from 'node:v8';
import { expect, it } from 'vitest';
import { createHost, restoreHost, takeSnapshot, type Host, type HostSnapshot } from '@orrery/actor';
import { GIB, MIB, SECOND } from '@orrery/kernel';
import { VdevAction } from '@orrery/proto';
import { hdd, hostOptions, inject, repair, retire, ssd } from './pool.case.ts';

const bench = {
  vdevs: [{ kind: 'mirror' as const, disks: ['c0t0d0', 'c0t1d0'] }],
  logs: [{ kind: 'disk' as const, disks: ['c0t7d0'] }],
  spares: ['c0t6d0'],
  disks: [hdd('c0t0d0'), hdd('c0t1d0'), hdd('c0t6d0'), ssd('c0t7d0')],
  usedBytes: GIB,
  load: { depth: 8, span: GIB, until: 100 * SECOND },
};

const steps: Record<number, (host: Host) => void> = {
  1: (host) => inject(host, 'c0t0d0', 'disk.latent-errors', { share: 0.01 }),
  2: (host) => {
    const zones = [{ zone: 0, dataset: 'zones/a', dirtyBytes: 200 * MIB, newBytes: 0, freedBytes: 0 }];
    host.post('cn-0001/os', 'txgSync', { txg: 1, zones, commands: [] });
  },
  4: (host) => inject(host, 'c0t1d0', 'disk.fail', { mode: 'hang' }),
  50: (host) => retire(host, VdevAction.VDEV_FAULT, 'c0t1d0', true),
  60: (host) => repair(host, 'disk/c0t1d0', 'disk.replace'),
  66: (host) => host.post('cn-0001/pool/zones', 'nodePower', { on: false, reason: 'power' }),
  67: (host) => host.post('cn-0001/os', 'poolImport', { afterCrash: true }),
};

function run(restoreAt: readonly number[]): string {
  const options = hostOptions(bench);
  let host = createHost(options);
  for (let second = 0; second < 90; second++) {
    host.runUntil(second * SECOND);
    if (restoreAt.includes(second)) {
      host = restoreHost(hostOptions(bench), deserialize(serialize(takeSnapshot(host))) as HostSnapshot);
    }
    steps[second]?.(host);
  }
  return host.digest();
}

it('ends with the same digest', () => {
  expect(run([2, 3, 5, 30, 45, 51, 55, 61, 68])).toBe(run([]));
});
