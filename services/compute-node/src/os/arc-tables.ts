/**
 * The ARC's tables, one a dataset: what a kernel has cached of a dataset stays when the zone on it halts, and is found
 * again by the next boot. It goes when the dataset is destroyed or rolled back, or with the kernel.
 */
import { addArcDataset, removeArcDataset, warmDataset, type ArcDataset } from './model/arc.ts';
import type { OsState, OsZone } from './state.ts';

/** The table of a zone's dataset, made at its first use. */
export function tableOf(os: OsState, zone: OsZone, now: number): ArcDataset {
  zone.table ??= keptTable(os, zone);
  if (zone.table === undefined) {
    zone.table = addArcDataset(os.arc, recordsOf(zone), zone.recordBytes);
    os.tables.set(zone.dataset, zone.table);
    if (zone.warm) warmDataset(os.arc, zone.table, now);
  }
  zone.warm = false;
  return zone.table;
}

/** What an earlier life of the zone left in the ARC; a table of other records is of no use, and goes. */
export function keptTable(os: OsState, zone: OsZone): ArcDataset | undefined {
  const kept = os.tables.get(zone.dataset);
  if (kept === undefined) return undefined;
  if (kept.records === recordsOf(zone) && kept.recordBytes === zone.recordBytes) return kept;
  dropTable(os, zone.dataset);
  return undefined;
}

/** The dataset's blocks are no longer what they were: nobody can find those that are cached. */
export function dropTable(os: OsState, dataset: string): void {
  const table = os.tables.get(dataset);
  if (table !== undefined) {
    removeArcDataset(os.arc, table);
    os.tables.delete(dataset);
    for (const zone of os.zones.values()) if (zone.table === table) zone.table = undefined;
  }
  const name = `${dataset.slice(dataset.lastIndexOf('/') + 1)}/`;
  for (const [image, { table: blocks, underWay }] of os.images) {
    if (!image.startsWith(name) || underWay.size > 0) continue;
    removeArcDataset(os.arc, blocks);
    os.images.delete(image);
  }
}

function recordsOf(zone: OsZone): number {
  return Math.max(1, Math.ceil(zone.workingSetBytes / zone.recordBytes));
}
