import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { linksTo, routesFrom } from './routes.ts';
import type { Topology } from './topology.ts';

/** Places 0 … n − 1 that each take 1 ns to pass, and uplinks given as [a, b, ns]. */
function graph(places: number, uplinks: [number, number, number][]): Topology {
  return {
    places: Array.from({ length: places }, (_, index) => `switch/${index}`),
    placeNs: Array.from({ length: places }, () => 1),
    links: uplinks.map(([a, b, latencyNs], index) => ({
      address: `uplink/${index}`,
      a,
      b,
      latencyNs,
      bytesPerSecond: 1,
    })),
    uplinks: uplinks.length,
    ports: {},
    networkTags: {},
  };
}

const up = (topology: Topology): boolean[] => topology.links.map(() => true);

describe('routes', () => {
  // A square: 0-1 10 ns, 1-3 10 ns, 0-2 5 ns, 2-3 30 ns.
  const square = graph(4, [
    [0, 1, 10],
    [1, 3, 10],
    [0, 2, 5],
    [2, 3, 30],
  ]);

  it('take the quickest way and pay each place on it', () => {
    const tree = routesFrom(square, up(square), 0);
    expect(tree.costNs).toEqual([1, 12, 7, 23]);
    expect(linksTo(square, tree, 3)).toEqual([0, 2]);
  });

  it('go the other way round, and backwards over a link, when a link is down', () => {
    const tree = routesFrom(square, [true, false, true, true], 1);
    expect(linksTo(square, tree, 3)).toEqual([1, 4, 6]);
    expect(tree.costNs[3]).toBe(1 + 11 + 6 + 31);
  });

  it('end where nothing leads', () => {
    const tree = routesFrom(square, [false, true, false, true], 0);
    expect(tree.costNs).toEqual([1, -1, -1, -1]);
    expect(linksTo(square, tree, 3)).toEqual([]);
  });

  it('choose among equals: fewer links first, then the lower index', () => {
    const equals = graph(3, [
      [0, 2, 21],
      [0, 1, 10],
      [1, 2, 10],
      [0, 2, 21],
    ]);
    expect(linksTo(equals, routesFrom(equals, up(equals), 0), 2)).toEqual([0]);
    expect(linksTo(equals, routesFrom(equals, [false, true, true, true], 0), 2)).toEqual([6]);
  });

  it('cost the same in both directions', () => {
    const uplink = fc.tuple(fc.nat(5), fc.nat(5), fc.integer({ min: 1, max: 9 }));
    fc.assert(
      fc.property(fc.array(uplink, { maxLength: 12 }), (uplinks) => {
        const topology = graph(6, uplinks);
        for (let a = 0; a < 6; a++) {
          const forth = routesFrom(topology, up(topology), a);
          for (let b = 0; b < 6; b++) {
            expect(routesFrom(topology, up(topology), b).costNs[a]).toBe(forth.costNs[b]);
          }
        }
      }),
      { seed: 3, numRuns: 100 },
    );
  });
});
