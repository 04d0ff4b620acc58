/**
 * The interval of `when` holds the true time about as often as it says: asked at a third and two thirds of an outage or a
 * resilver, over many seeds. In full: 20 seeds and 20 forks each; otherwise one seed, whose answers must be near.
 */
import { describe, expect, test } from 'vitest';
import { askWhen, indexOf, runScenario, type ScenarioRun } from './scenario-run.ts';

const full = process.env.ORRERY_PROOF === 'full';
const SEEDS = full ? 20 : 1;
const FORKS = full ? 20 : 5;

interface Story {
  scenario: string;
  of: string;
  /** When it is surely over, s. */
  until: number;
  /** Begin and end of what is waited for, ns. */
  span: (run: ScenarioRun) => [from: number, to: number];
}

const stories: Story[] = [
  {
    scenario: 'node-panics',
    of: 'cn-0002',
    until: 600,
    span: (run) => {
      const changes = indexOf(run, Infinity).of('cn-0002', 'nodeStateChanged');
      return [changes[0]?.time ?? 0, changes.find(({ payload }) => payload.state === 'running')?.time ?? 0];
    },
  },
  {
    scenario: 'disk-dies',
    of: 'cn-0001/pool/zones',
    until: 700,
    span: (run) => {
      const index = indexOf(run, Infinity);
      const [begun] = index.of('cn-0001/pool/zones', 'resilverStarted');
      const [ended] = index.of('cn-0001/pool/zones', 'resilverFinished');
      return [begun?.time ?? 0, ended?.time ?? 0];
    },
  },
];

describe.each(stories)(
  '$scenario',
  { timeout: full ? 1_800_000 : 120_000 },
  ({ scenario, of, until, span }) => {
    test(`${SEEDS} seeds, ${FORKS} forks, at a third and two thirds`, () => {
      let held = 0;
      let asked = 0;
      for (let seed = 1; seed <= SEEDS; seed++) {
        const run = runScenario(scenario, { seed, untilNs: until * 1e9 });
        const [from, to] = span(run);
        for (const third of [1, 2]) {
          const at = Math.round(from + ((to - from) * third) / 3);
          const { medianNs = 0, lowNs = 0, highNs = 0 } = askWhen(run, of, at, FORKS);
          const truth = to - at;
          asked++;
          if (truth >= lowNs && truth <= highNs) held++;
          expect(Math.abs(medianNs - truth) / truth, `seed ${seed}: ${truth}, told ${medianNs}`).toBeLessThan(
            0.5,
          );
        }
      }
      if (!full) return;
      expect(held / asked).toBeGreaterThanOrEqual(0.8);
      expect(held / asked).toBeLessThanOrEqual(0.98);
    });
  },
);
