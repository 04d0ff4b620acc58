/**
 * What zfs-diagnosis makes of each `ereport.fs.zfs.*`; it does not look at the disk, only at what was reported.
 *
 * Why.       A pool reports every error it meets, most of which it mended itself; an operator wants to hear of a disk once.
 * Rules.     1. One case for each (pool, vdev); pool-wide ereports have the vdev ''.
 *            2. `io` must fire its SERD, and then nothing may be heard of a removal for the remove timeout.
 *            3. `checksum` must fire its SERD and is solved at once.
 *            4. `probe_failure` waits for the remove timeout; of an inactive spare it must fire its SERD first.
 *            5. `delay`, `data`, `authentication` and `config_cache_write` join a case and never solve it.
 *            6. What was noticed during an import is not looked at, nor `io`, `checksum` and `probe_failure` while a
 *               pool is being opened, nor what is older than the pool's load.
 * Omits.     The check that a vdev or pool is still unusable when it is solved is made from the ereport's own
 *            `vdev_state`; when that is missing, the report is believed.
 */
import { HOUR, MINUTE, SECOND } from '@orrery/kernel';
import type { SerdRule } from './serd.ts';

/**
 * How long zfs-diagnosis waits to hear of a removal before it blames a disk, ns. Shorter: pulled disks are taken
 * for broken ones; longer: a spare comes later.
 */
export const REMOVE_TIMEOUT_NS = 15 * SECOND;

export const ZFS_SERDS = {
  io: { n: 10, tNs: 10 * MINUTE },
  checksum: { n: 10, tNs: 10 * MINUTE },
  probe: { n: 5, tNs: 24 * HOUR },
} as const satisfies Record<string, SerdRule>;

export type ZfsSerdName = keyof typeof ZFS_SERDS;

export type ZfsRule =
  /** Joins the case; nothing follows. */
  | { readonly act: 'attach' }
  /** Solves the case now. */
  | { readonly act: 'solve'; readonly fault: string; readonly scope: 'pool' | 'vdev' }
  /** Solves it when the SERD fires: at once, or after the remove timeout. */
  | { readonly act: 'serd'; readonly serd: ZfsSerdName; readonly fault: string; readonly wait: boolean }
  /** Solves it after the remove timeout. */
  | { readonly act: 'wait'; readonly fault: string };

export interface ZfsEreport {
  /** `ereport.fs.zfs.io`. */
  readonly class: string;
  /** `pool_failmode` of the payload: wait, continue, panic; '' is wait. */
  readonly failmode: string;
  /** `pool_context`: none, open, import; '' is none. */
  readonly context: string;
  /** `vdev_type`: disk, file, mirror, …; '' is disk. */
  readonly vdevType: string;
  /** `vdev_state` as text: ONLINE when the trouble is over; '' when not said. */
  readonly vdevState: string;
  /** Whether the vdev is a hot spare that is not in use. */
  readonly inactiveSpare: boolean;
}

const PREFIX = 'ereport.fs.zfs.';
const ATTACH: ZfsRule = { act: 'attach' };

const RULES: Readonly<Record<string, ZfsRule>> = {
  zpool: { act: 'solve', fault: 'fault.fs.zfs.pool', scope: 'pool' },
  log_replay: { act: 'solve', fault: 'fault.fs.zfs.log_replay', scope: 'pool' },
  io: { act: 'serd', serd: 'io', fault: 'fault.fs.zfs.vdev.io', wait: true },
  checksum: { act: 'serd', serd: 'checksum', fault: 'fault.fs.zfs.vdev.checksum', wait: false },
  probe_failure: { act: 'wait', fault: 'fault.fs.zfs.vdev.io' },
  delay: ATTACH,
  data: ATTACH,
  authentication: ATTACH,
  config_cache_write: ATTACH,
};

const SPARE_PROBE: ZfsRule = { act: 'serd', serd: 'probe', fault: 'fault.fs.zfs.vdev.io', wait: false };
const DEVICE: ZfsRule = { act: 'solve', fault: 'fault.fs.zfs.device', scope: 'vdev' };
const LEAF_ERRORS = new Set(['io', 'checksum', 'probe_failure']);
const LEAF_TYPES = new Set(['', 'disk', 'file', 'spare']);

/** @returns what follows from an ereport; undefined: zfs-diagnosis does not look at it */
export function zfsRule(ereport: ZfsEreport): ZfsRule | undefined {
  if (!ereport.class.startsWith(PREFIX) || ereport.context === 'import') return undefined;
  const name = ereport.class.slice(PREFIX.length);
  if (LEAF_ERRORS.has(name) && (ereport.context === 'open' || !LEAF_TYPES.has(ereport.vdevType)))
    return undefined;
  const recovered = ereport.vdevState === 'ONLINE' || ereport.vdevState === 'HEALTHY';
  if (name.startsWith('vdev.')) return recovered ? ATTACH : DEVICE;
  if (name === 'probe_failure' && ereport.inactiveSpare) return SPARE_PROBE;
  if (name === 'io_failure') {
    const failmode = ereport.failmode === 'continue' ? 'continue' : 'wait';
    return { act: 'solve', fault: `fault.fs.zfs.io_failure_${failmode}`, scope: 'pool' };
  }
  return RULES[name];
}
