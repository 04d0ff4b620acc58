/** What can be broken in a disk, and mended: rows for the checker of time lines. */
import type { FaultCatalogueEntry, RepairCatalogueEntry } from '@orrery/spec';

export const faults: readonly FaultCatalogueEntry[] = [
  {
    kind: 'disk.fail',
    target: 'disk',
    params: [{ name: 'mode', unit: 'text', default: 'errors', allowed: ['errors', 'hang', 'pulled'] }],
  },
  {
    kind: 'disk.slow',
    target: 'disk',
    params: [{ name: 'factor', unit: 'number', default: '8', allowed: [], least: 1, most: 100_000 }],
  },
  {
    kind: 'disk.latent-errors',
    target: 'disk',
    params: [{ name: 'share', unit: 'share', default: '0.1%', allowed: [], least: 0, most: 1 }],
  },
  {
    kind: 'disk.corrupt',
    target: 'disk',
    params: [{ name: 'share', unit: 'share', default: '0.1%', allowed: [], least: 0, most: 1 }],
  },
  {
    kind: 'disk.delay',
    target: 'disk',
    params: [{ name: 'delay', unit: 'duration', default: '1ns', allowed: [], least: 1 }],
  },
];

export const repairs: readonly RepairCatalogueEntry[] = [
  { kind: 'disk.replace', targets: ['disk'], params: [] },
  { kind: 'zpool.clear', targets: ['pool', 'disk'], params: [] },
];
