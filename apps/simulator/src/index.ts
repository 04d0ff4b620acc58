/** The composition root: every service in one process, run, observed, asked. */
export { engine } from './engine.ts';
export { boundaryAt, resolveTarget, stampTimeline, type StampedCommand } from './commands.ts';
export { catalogue, placeAll, services } from './services.ts';
export {
  Simulation,
  type OutsideCommand,
  type SimulationOptions,
  type SimulationSnapshot,
} from './simulation.ts';
export { decodeSnapshot, encodeSnapshot } from './adapters/state-codec.ts';
export type { Clock } from './live/clock.ts';
export { memoryLiveLog, type LiveLog, type LogReaders } from './live/live-log.ts';
export { LiveRun, type LiveEnd, type LiveRunOptions } from './live/live-run.ts';
export { answerFrom } from './live/answers.ts';
export { memoryReaders } from './live/memory-readers.ts';
export { recorderOf } from './parts/recorder.ts';
export { Observer } from './observer.ts';
export { accountName } from './observe/account-name.ts';
export { figuresOf, globMatcher, type CheckResult } from './observe/checks.ts';
export { percentile, type Histogram } from './observe/histogram.ts';
export type { FaultRow } from './observe/fault-rows.ts';
export type { StepRow } from './observe/job-steps.ts';
export { stateAt, type CaseRow, type Change, type Timelines } from './observe/timelines.ts';
export { StoryTeller } from './observe/story.ts';
export { tell, type Mark, type StoryLine } from './observe/tellers.ts';
export {
  addFigures,
  emptyFigures,
  latencyAt,
  phaseAt,
  type Figures,
  type VmFigures,
} from './observe/vm-figures.ts';
export {
  addressesOf,
  FactIndex,
  findSubject,
  FORKS,
  FORKS_MS,
  momentAt,
  slow,
  slowLines,
  when,
  whenLines,
  why,
  whyLines,
  type FactSource,
  type Found,
  type Growth,
  type IndexOptions,
  type Injection,
  type Moment,
  type Root,
  type RootKind,
  type SlowAnswer,
  type SnapshotCodec,
  type Step,
  type Subject,
  type Verdict,
  type WhenAnswer,
  type WhyAnswer,
} from './answers/index.ts';
export { hostFactOf } from './host-fact.ts';
