import { readdirSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { factRegistry } from './registry.ts';

const folder = new URL('../../../proto/orrery/v1/', import.meta.url);
const sources = readdirSync(folder).map((file) => readFileSync(new URL(file, folder), 'utf8'));

test('every fact has its service, probe and fields', () => {
  const rows = factRegistry(sources);
  expect(rows.length).toBeGreaterThan(30);
  expect(rows.filter((row) => row.fields.length === 0)).toEqual([]);
  expect(rows.find((row) => row.kind === 'zoneServed')).toMatchObject({
    service: 'compute-node',
    type: 'ZoneServed',
    probe: 'orrery:compute-node:zoneServed:fact',
    doc: expect.stringContaining('in one second') as string,
  });
  expect(rows.find((row) => row.kind === 'suspectListed')?.fields).toContainEqual({
    name: 'suspects',
    type: 'Suspect[]',
    doc: '',
  });
});
