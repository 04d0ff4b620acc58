/** The catalogue of what can be broken in a disk and mended, and the symptom of each. */
import { MINUTE, SECOND } from '@orrery/kernel';
import type { FaultRow, RepairRow } from '@orrery/spec';

export const faults: readonly FaultRow[] = [
  {
    kind: 'disk.corrupt',
    target: 'disk',
    effect: 'a share of the blocks of a disk reads back wrong data, without an error',
    params: [{ name: 'share', unit: 'share', default: '0.1%', allowed: [], least: 0, most: 1 }],
    symptom:
      'ereport.fs.zfs.checksum for each bad block read; healed where there is a copy; on the 11th within 10 min the vdev is DEGRADED (ZFS-8000-GH) and a spare comes in; a stripe loses file data, named by zpool status -v, while its metadata heals',
    showsWithinNs: 5 * MINUTE,
    revert: 'blocks read right again; counters, DEGRADED and lost files stay until zpool.clear',
  },
  {
    kind: 'disk.delay',
    target: 'disk',
    effect: 'the next I/O of a disk takes so much longer, once',
    params: [{ name: 'delay', unit: 'duration', default: '1ns', allowed: [], least: 1 }],
    symptom: 'nothing that an operator sees; the digest of the run is another',
    showsWithinNs: MINUTE,
    revert: 'it is over by itself',
  },
  {
    kind: 'disk.fail',
    target: 'disk',
    effect: 'a disk errs on every I/O (errors), does not answer (hang), or is taken out of its bay (pulled)',
    params: [{ name: 'mode', unit: 'text', default: 'errors', allowed: ['errors', 'hang', 'pulled'] }],
    symptom:
      'errors: ereport.fs.zfs.io, a failed probe, 15 s later FAULTED (ZFS-8000-FD) and a spare; hang: I/O stalls 20 s first; pulled: REMOVED at once and a spare, no case; the pool stays DEGRADED until disk.replace; without a replica it is SUSPENDED, and UNAVAIL from the next boot on, until a boot finds the disk',
    showsWithinNs: MINUTE,
    revert: 'the disk works again, but its vdev stays as it is until zpool.clear or disk.replace',
  },
  {
    kind: 'disk.latent-errors',
    target: 'disk',
    effect: 'a share of the blocks of a disk cannot be read until they are written',
    params: [{ name: 'share', unit: 'share', default: '0.1%', allowed: [], least: 0, most: 1 }],
    symptom:
      'ereport.fs.zfs.io for each bad block read, which takes longer and is healed from another copy; on the 11th within 10 min, after 15 s more, FAULTED (ZFS-8000-FD) and a spare',
    showsWithinNs: 5 * MINUTE,
    revert: 'blocks can be read again; counters and FAULTED stay until zpool.clear',
  },
  {
    kind: 'disk.slow',
    target: 'disk',
    effect: 'every I/O of a disk takes a factor longer',
    params: [{ name: 'factor', unit: 'number', default: '8', allowed: [], least: 1, most: 100_000 }],
    symptom:
      'no case, ever; ereport.fs.zfs.delay only for I/Os of 30 s and more; a loaded mirror reads round it, writes and raidz reads go at its pace',
    showsWithinNs: 10 * SECOND,
    revert: 'the disk is as fast as before',
  },
];

export const repairs: readonly RepairRow[] = [
  {
    kind: 'disk.replace',
    targets: ['disk'],
    params: [],
    effect: 'a new disk comes into the bay and is resilvered; then its spare is AVAIL again',
  },
  {
    kind: 'zpool.clear',
    targets: ['disk', 'pool'],
    params: [],
    effect: 'counters go to zero, vdevs that are out are opened again, a suspended pool goes on',
  },
];
