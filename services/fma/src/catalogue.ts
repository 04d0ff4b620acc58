/** fma owns no part that can break; it owns what a person tells it with fmadm. */
import type { FaultCatalogueEntry, RepairCatalogueEntry, TargetKind } from '@orrery/spec';

export const faults: readonly FaultCatalogueEntry[] = [];

const PARTS: readonly TargetKind[] = ['disk', 'dimm', 'cpu', 'psu', 'pool', 'node'];

/** All are sent to `fm/<node>` with the part's address, or a case's UUID, as `part`. */
export const repairs: readonly RepairCatalogueEntry[] = [
  { kind: 'fmadm.acquit', targets: PARTS, params: [] },
  { kind: 'fmadm.repaired', targets: PARTS, params: [] },
  { kind: 'fmadm.replaced', targets: PARTS, params: [] },
];
