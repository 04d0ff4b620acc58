/** Why, when and slow: questions to a run's log. */
export { addressesOf } from './addresses.ts';
export type { Growth, Injection, Root, RootKind, SlowAnswer, Step, Verdict, WhyAnswer } from './answer.ts';
export { FactIndex, type FactSource, type IndexOptions } from './fact-index.ts';
export { momentAt, type Moment, type SnapshotCodec } from './forecast/fork.ts';
export { FORKS, FORKS_MS, when, whenLines, type WhenAnswer } from './forecast/when.ts';
export { slowLines, whyLines } from './render.ts';
export { slow } from './slow/slow.ts';
export { findSubject, type Found, type Subject } from './subject.ts';
export { why } from './why.ts';
