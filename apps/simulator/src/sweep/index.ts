/** Sweeps: many whole runs of a scenario, by seed and by setting, and what they show together. */
export { combinationsIn, worstGroup, type Combination, type Spread } from './combination.ts';
export { csvOf } from './csv.ts';
export {
  countOf,
  differenceOf,
  ordersOf,
  scenariosText,
  seedsText,
  variedText,
  type Order,
  type Sweep,
  type SweepHead,
  type Variation,
} from './definition.ts';
export { combinationsOf, parseSeeds, parseVaried, RUNS_MAX, type Varied } from './product.ts';
export { ALL_VMS, failedResult, ResultCollector, type GroupLatency, type RunResult } from './result.ts';
