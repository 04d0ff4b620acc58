/** A sweep: which scenarios, expanded, are run with which seeds, by which engine. */
import type { Scenario } from '@orrery/spec';
import type { Varied } from './product.ts';

/** One combination of the varied settings. */
export interface Variation {
  /** Value of each varied setting, by path. */
  settings: Readonly<Record<string, string>>;
  scenario: Scenario;
}

export interface Sweep {
  /** The scenario's. */
  name: string;
  engine: number;
  seeds: readonly number[];
  varied: readonly Varied[];
  /** In the product's order. */
  variations: readonly Variation[];
}

/** One run of a sweep; whoever has it needs nothing else to do it. */
export interface Order {
  /** Within its sweep: `v2-17` is the second variation with seed 17. */
  key: string;
  settings: Readonly<Record<string, string>>;
  seed: number;
  scenario: Scenario;
}

/** By seed, then by variation: what is done after half the time is half of each combination. */
export function* ordersOf({ seeds, variations }: Sweep): Iterable<Order> {
  for (const seed of seeds)
    for (const [at, { settings, scenario }] of variations.entries())
      yield { key: `v${at + 1}-${seed}`, settings, seed, scenario };
}

export function countOf({ seeds, variations }: Sweep): number {
  return seeds.length * variations.length;
}

/** What is kept of a sweep beside its results, for the same sweep to be known again. */
export interface SweepHead {
  name: string;
  engine: number;
  seeds: readonly number[];
  varied: readonly Varied[];
  /** Hash of the expanded scenarios. */
  scenarios: string;
}

/** Text that two sweeps share when their expanded scenarios are the same, wherever their files are. */
export function scenariosText({ variations }: Sweep): string {
  const placeless = <Item extends { source: string }>(items: readonly Item[]) =>
    items.map((item) => ({ ...item, source: '' }));
  return JSON.stringify(
    variations.map(({ settings, scenario }) => ({
      settings,
      scenario: {
        ...scenario,
        timeline: placeless(scenario.timeline),
        checks: placeless(scenario.checks),
      },
    })),
  );
}

/** In what a sweep differs from the one whose results are there; undefined when in nothing. */
export function differenceOf(there: SweepHead, asked: SweepHead): string | undefined {
  const differ = (a: unknown, b: unknown) => JSON.stringify(a) !== JSON.stringify(b);
  if (there.engine !== asked.engine) return `it is of engine ${there.engine}, this is engine ${asked.engine}`;
  if (there.name !== asked.name) return `it is of scenario ${there.name}, not ${asked.name}`;
  if (differ(there.seeds, asked.seeds))
    return `its seeds are ${seedsText(there.seeds)}, not ${seedsText(asked.seeds)}`;
  if (differ(there.varied, asked.varied))
    return `it varies ${variedText(there.varied)}, not ${variedText(asked.varied)}`;
  if (there.scenarios !== asked.scenarios) return 'the scenario or its settings have changed since';
  return undefined;
}

/** `1..500`, or `1, 2, 7` shortened. */
export function seedsText(seeds: readonly number[]): string {
  const first = seeds[0] ?? 0;
  if (seeds.length > 1 && seeds.every((seed, at) => seed === first + at)) return `${first}..${seeds.at(-1)}`;
  return seeds.length > 5 ? `${seeds.slice(0, 4).join(',')},… (${seeds.length})` : seeds.join(',');
}

export function variedText(varied: readonly Varied[]): string {
  return varied.length === 0
    ? 'nothing'
    : varied.map(({ path, values }) => `${path}=${values.join(',')}`).join(' ');
}
