import { describe, expect, test } from 'vitest';
import type { Scenario } from '@orrery/spec';
import { combinationsIn, worstGroup } from './combination.ts';
import { csvOf } from './csv.ts';
import { differenceOf, ordersOf, type Sweep } from './definition.ts';
import { combinationsOf, parseSeeds, parseVaried } from './product.ts';
import { failedResult, type RunResult } from './result.ts';

describe('what is typed', () => {
  test('seeds are ranges and single ones, in the order given', () => {
    expect(parseSeeds('3..5,1')).toEqual([3, 4, 5, 1]);
    expect(parseSeeds('7')).toEqual([7]);
  });

  test.each([
    ['', 'expected for instance 1..500'],
    ['1..', 'expected for instance 1..500'],
    ['-1', 'expected for instance 1..500'],
    ['5..1', 'lesser seed first'],
    ['1..3,2', '2 is there twice'],
    ['1..99999999', 'at most 1000000 seeds'],
  ])('seeds %j are refused', (text, why) => expect(() => parseSeeds(text)).toThrow(why));

  test('a comma inside a value is part of it', () => {
    expect(parseVaried('a.b=1,[2,3], {c: 4, d: "x,]"}')).toEqual({
      path: 'a.b',
      values: ['1', '[2,3]', '{c: 4, d: "x,]"}'],
    });
  });

  test.each([
    ['caches', 'expected path=a,b,c'],
    ['=1', 'expected path=a,b,c'],
    ['a=1,,2', 'a value between commas'],
    ['a=', 'a value between commas'],
    ['a=1,2,1', '1 is there twice'],
    ['seed=1,2', 'by --seeds'],
  ])('%j is refused', (text, why) => expect(() => parseVaried(text)).toThrow(why));

  test('the last setting turns fastest', () => {
    expect(combinationsOf([parseVaried('a=1,2'), parseVaried('b=x,y')])).toEqual([
      { a: '1', b: 'x' },
      { a: '1', b: 'y' },
      { a: '2', b: 'x' },
      { a: '2', b: 'y' },
    ]);
    expect(combinationsOf([])).toEqual([{}]);
    expect(() => combinationsOf([parseVaried('a=1,2'), parseVaried('a=3')])).toThrow('there twice');
  });
});

const scenario = { name: 's', durationNs: 60_000_000_000 } as Scenario;
const sweep: Sweep = {
  name: 's',
  engine: 1,
  seeds: [1, 2, 3],
  varied: [{ path: 'a', values: ['x', 'y,z'] }],
  variations: [
    { settings: { a: 'x' }, scenario },
    { settings: { a: 'y,z' }, scenario },
  ],
};
const orders = [...ordersOf(sweep)];

function resultOf(at: number, p99Ms: number, ok: boolean, recoveryS: number | null): RunResult {
  const { key, settings, seed } = orders[at];
  const latency = [
    { group: 'db', requests: 100, errors: 1, p50Ns: 1_000_000, p99Ns: 2_000_000 },
    { group: 'web', requests: 100, errors: 0, p50Ns: 1_500_000, p99Ns: p99Ms * 1_000_000 },
    { group: 'all', requests: 200, errors: 1, p50Ns: 1_200_000, p99Ns: p99Ms * 1_000_000 },
  ];
  return {
    ...failedResult(orders[at], '', { engine: 1, wallSeconds: 0.5, worker: 'h:1' }),
    key,
    settings,
    seed,
    digest: '00000000000000ff',
    checks: [{ name: 'web, fast', ok, found: '' }],
    latency,
    recovered: recoveryS !== null,
    recoveryNs: recoveryS === null ? null : recoveryS * 1_000_000_000,
  };
}

const results = [
  resultOf(0, 10, true, 30),
  resultOf(1, 40, true, 50),
  resultOf(2, 12, false, 40),
  resultOf(3, 44, true, null),
  resultOf(4, 11, true, 35),
  failedResult(orders[5], 'its process died', { engine: 1, wallSeconds: 2, worker: 'h:2' }),
];

test('half of a sweep is half of each combination', () => {
  expect(orders.map(({ key }) => key)).toEqual(['v1-1', 'v2-1', 'v1-2', 'v2-2', 'v1-3', 'v2-3']);
});

test('runs are summed up by combination: median and range over seeds, checks counted', () => {
  const [x, y] = combinationsIn(sweep, results);
  expect(x).toMatchObject({ runs: 3, failed: 0, held: 2, notRecovered: 0 });
  expect(x.checks).toEqual([{ name: 'web, fast', held: 2, of: 3 }]);
  expect(x.recoveryNs).toEqual({ median: 35e9, low: 30e9, high: 40e9, runs: 3 });
  expect(x.latency[1].p99Ns).toEqual({ median: 11e6, low: 10e6, high: 12e6, runs: 3 });
  expect(y).toMatchObject({ runs: 2, failed: 1, held: 2, notRecovered: 1 });
  expect(y.recoveryNs).toMatchObject({ median: 50e9, runs: 1 });
  expect(worstGroup([x, y])).toBe('web');
});

test('the range of many seeds leaves out the outermost twentieths', () => {
  const seeds = Array.from({ length: 39 }, (_, at) => at + 1);
  const many = { ...sweep, seeds, variations: sweep.variations.slice(0, 1) };
  const runs = seeds.map((seed) => ({ ...resultOf(0, seed, true, seed), seed }));
  // 39 draws: of the 40 gaps the outermost two on either side are left out.
  expect(combinationsIn(many, runs)[0].recoveryNs).toEqual({ median: 20e9, low: 2e9, high: 38e9, runs: 39 });
});

test('a table for other programs has a line a run and quotes what has commas', () => {
  const lines = csvOf(sweep, results).split('\n');
  expect(lines).toHaveLength(8);
  expect(lines[0]).toContain('run,a,seed,digest,error,checks_held,checks,recovered,recovery_s,db_requests');
  expect(lines[0]).toContain('"check: web, fast"');
  expect(lines[2]).toContain('v2-1,"y,z",1,00000000000000ff,,1,1,true,50,100,1,1,2,');
  expect(lines[6]).toContain('v2-3,"y,z",3,,its process died,0,0,,,');
});

test('another sweep is told from this one by what differs', () => {
  const { name, engine, seeds, varied } = sweep;
  const head = { name, engine, seeds, varied, scenarios: 'abc' };
  expect(differenceOf(head, { ...head })).toBeUndefined();
  expect(differenceOf(head, { ...head, engine: 2 })).toBe('it is of engine 1, this is engine 2');
  expect(differenceOf(head, { ...head, seeds: [1, 2] })).toBe('its seeds are 1..3, not 1..2');
  expect(differenceOf(head, { ...head, varied: [] })).toBe('it varies a=x,y,z, not nothing');
  expect(differenceOf(head, { ...head, scenarios: 'abd' })).toContain('changed since');
});
