/** What the control API is made of, apart from its transport: the run as seen and driven, its view, feed and requests. */
export { ControlError, invalid, notFound, type ControlCode, type Violation } from './errors.ts';
export { FactFeed, type FactHistory, type FeedOptions, type Follower, type Wanted } from './feed.ts';
export type {
  Accepted,
  Answer,
  Ended,
  Pace,
  Patience,
  Question,
  QuestionName,
  RunControl,
  Submission,
} from './run-control.ts';
export { foldCommand, foldFact } from './view/fold.ts';
export { faultActive } from './view/rows.ts';
export { caseOpen } from './view/fold-trouble.ts';
export { newView, type DatacenterView } from './view/state.ts';
