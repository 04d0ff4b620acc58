/** fma owns no part that can break; it owns what a person tells it with fmadm. */
import type { FaultRow, RepairRow, TargetKind } from '@orrery/spec';

export const faults: readonly FaultRow[] = [];

const PARTS: readonly TargetKind[] = ['disk', 'dimm', 'cpu', 'psu', 'pool', 'node'];

/** All are sent to `fm/<node>` with the part's address, or a case's UUID, as `part`. */
export const repairs: readonly RepairRow[] = [
  {
    kind: 'fmadm.acquit',
    targets: PARTS,
    params: [],
    effect: 'the part was never at fault: its cases are resolved',
  },
  {
    kind: 'fmadm.repaired',
    targets: PARTS,
    params: [],
    effect: 'the part was mended: its cases are resolved',
  },
  {
    kind: 'fmadm.replaced',
    targets: PARTS,
    params: [],
    effect: 'the part is another one: its cases are resolved',
  },
];
