/** Every row of the catalogue has a test of its symptom: a kind, a part or a mode without one fails here. */
import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { catalogue } from '@orrery/simulator';

/** Rows, as `kind on part`, with `mode=…` where a fault has modes, by the file whose tests name them. */
const table: Record<string, readonly string[]> = {
  'disk.test.ts': [
    'disk.fail mode=errors on disk',
    'disk.fail mode=hang on disk',
    'disk.fail mode=pulled on disk',
    'disk.slow on disk',
    'disk.latent-errors on disk',
    'disk.corrupt on disk',
    'disk.delay on disk',
    'disk.replace on disk',
    'zpool.clear on disk',
    'zpool.clear on pool',
    'fmadm.repaired on disk',
    'fmadm.acquit on disk',
    'fmadm.replaced on disk',
    'fmadm.repaired on pool',
    'fmadm.acquit on pool',
    'fmadm.replaced on pool',
  ],
  'memory-cpu.test.ts': [
    'memory.correctable on dimm',
    'memory.uncorrectable on dimm',
    'cpu.cache-errors on cpu',
    'dimm.replace on dimm',
    'cpu.replace on cpu',
    'fmadm.repaired on dimm',
    'fmadm.acquit on dimm',
    'fmadm.replaced on dimm',
    'fmadm.repaired on cpu',
    'fmadm.acquit on cpu',
    'fmadm.replaced on cpu',
  ],
  'node.test.ts': [
    'node.power on node',
    'node.hang on node',
    'psu.fail on psu',
    'node.nmi on node',
    'node.reset on node',
    'node.power-on on node',
    'node.power-off on node',
    'psu.replace on psu',
    'tunable.set on node',
    'fmadm.repaired on node',
    'fmadm.acquit on node',
    'fmadm.replaced on node',
    'fmadm.repaired on psu',
    'fmadm.acquit on psu',
    'fmadm.replaced on psu',
  ],
  'net.test.ts': [
    'link.down on nic',
    'link.down on uplink',
    'link.flap on nic',
    'link.flap on uplink',
    'link.loss on nic',
    'link.loss on uplink',
    'switch.fail on switch',
    'link.replace on nic',
    'link.replace on uplink',
    'switch.replace on switch',
  ],
};

function rowsOfCatalogue(): string[] {
  const faults = catalogue.faults.flatMap(({ kind, target, params }) => {
    const [mode] = params.filter(({ allowed }) => allowed.length > 0);
    const kinds = mode === undefined ? [kind] : mode.allowed.map((value) => `${kind} ${mode.name}=${value}`);
    return kinds.map((name) => `${name} on ${target}`);
  });
  return [
    ...faults,
    ...catalogue.repairs.flatMap(({ kind, targets }) => targets.map((target) => `${kind} on ${target}`)),
  ];
}

test('every fault and repair of the catalogue has a row, and every row is in the catalogue', () => {
  expect(Object.values(table).flat().sort()).toEqual(rowsOfCatalogue().sort());
});

test('every row is injected or repaired, and named, in its file', () => {
  for (const [file, rows] of Object.entries(table)) {
    const text = readFileSync(new URL(file, import.meta.url), 'utf8');
    for (const row of rows) {
      const [kind, ...more] = row.split(' ');
      expect(text.includes(`'${kind}'`), `${file} tries ${kind}`).toBe(true);
      const mode = more[0].startsWith('mode=') ? ` ${more[0]}` : '';
      expect(text.includes(`${kind}${mode}`), `${file} names ${kind}${mode}`).toBe(true);
    }
  }
});
