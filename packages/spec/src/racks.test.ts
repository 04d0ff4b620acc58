import { expect, test } from 'vitest';
import { loadDatacenter } from './load.ts';
import { formatProblem } from './problem.ts';

const warningsOf = (switches: string): string[] => {
  const text = `name: two-racks
racks:
  a: { nodes: { count: 1, profile: small }, switches: [tor] }
  b: { nodes: { count: 1, profile: small } }
switches: ${switches}
profiles:
  small:
    cpus: 8
    memory: 32GiB
    disks: [{ name: c0t0d0, count: 2, kind: ssd, size: 500GB }]
    pools: { zones: { vdevs: [{ mirror: [c0t0d0, c0t1d0] }] } }
`;
  const loaded = loadDatacenter({ read: () => text }, 'datacenter.yaml', {});
  if (!loaded.ok) throw new Error(loaded.problems.map(formatProblem).join('; '));
  return loaded.warnings.map(formatProblem);
};

test('a rack that was left without a switch is said, since its nodes reach nobody', () => {
  const [warning, ...others] = warningsOf('{ tor: { rack: a, uplinks: [{ to: border, rate: 10Gbps }] } }');
  expect(warning).toContain('racks.b  has no switch: its nodes reach nobody, but by NICs that name one');
  expect(others).toEqual([]);
  const own = '{ tor: { rack: a }, own: { rack: b, uplinks: [{ to: tor, rate: 10Gbps }] } }';
  expect(warningsOf(own)).toEqual([]);
});
