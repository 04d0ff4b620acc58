/** Files and a catalogue for tests. */
import { readFileSync } from 'node:fs';
import type { Catalogue } from './scenario-model.ts';
import type { FileSource } from './source.ts';

export const fixtures = new URL('../fixtures/', import.meta.url).pathname;

/** Files under the fixtures folder, as bytes. */
export const fixtureFiles: FileSource = {
  read: (path) => {
    try {
      return readFileSync(`${fixtures}${path}`);
    } catch {
      return undefined;
    }
  },
};

/** Files in memory. */
export function filesOf(texts: Readonly<Record<string, string | Uint8Array>>): FileSource {
  return { read: (path) => (Object.hasOwn(texts, path) ? texts[path] : undefined) };
}

export const catalogue: Catalogue = {
  faults: [
    {
      kind: 'disk.fail',
      target: 'disk',
      params: [{ name: 'mode', unit: 'text', default: 'errors', allowed: ['errors', 'hang', 'pulled'] }],
    },
    {
      kind: 'disk.slow',
      target: 'disk',
      params: [
        { name: 'factor', unit: 'number', default: '10', allowed: [], least: 1, most: 1000 },
        { name: 'share', unit: 'share', default: '100%', allowed: [] },
        { name: 'ramp', unit: 'duration', default: '0s', allowed: [] },
      ],
    },
    { kind: 'node.power', target: 'node', params: [] },
    { kind: 'switch.fail', target: 'switch', params: [] },
    { kind: 'link.down', target: 'nic', params: [] },
    { kind: 'link.down', target: 'uplink', params: [] },
  ],
  repairs: [
    { kind: 'disk.replace', targets: ['disk'], params: [] },
    { kind: 'fmadm.repaired', targets: ['disk', 'dimm', 'cpu'], params: [] },
  ],
  tunables: ['zfs_zone_delay_enable'],
};
