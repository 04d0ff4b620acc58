/** Accounts of the ledger by the names that an operator reads. */
import { Place } from '@orrery/proto';

const words: Readonly<Record<number, string>> = {
  [Place.ON_CPU]: 'on-CPU',
  [Place.RUN_QUEUE]: 'run queue',
  [Place.CPU_CAP]: 'CPU cap',
  [Place.WORKER_POOL]: 'worker pool',
  [Place.ARC]: 'ARC',
  [Place.THROTTLE]: 'I/O throttle',
  [Place.DIRTY_DELAY]: 'dirty-data delay',
  [Place.RECORD_RMW]: 'record read-modify-write',
  [Place.TXG_WAIT]: 'txg wait',
  [Place.ZIL_WAIT]: 'ZIL',
  [Place.VDEV_QUEUE]: 'vdev queue',
  [Place.DEVICE]: 'device',
  [Place.WIRE]: 'wire',
  [Place.LINK_QUEUE]: 'link queue',
  [Place.BANDWIDTH_CAP]: 'bandwidth cap',
  [Place.RETRANSMIT]: 'retransmit',
  [Place.TIMEOUT]: 'timeout',
  [Place.LOOKAHEAD]: 'lookahead rounding',
  [Place.LOST]: 'lost',
};

/** `device and vdev queue`, in the order given. */
export function placeWords(places: readonly Place[]): string {
  const names = [...new Set(places)].map((place) => words[place] ?? 'unknown');
  const last = names.pop() ?? '';
  return names.length === 0 ? last : `${names.join(', ')} and ${last}`;
}
