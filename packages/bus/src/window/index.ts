/** The window protocol, pure: frontier, inbox, replica, outbox, closer, and the runner that joins them. */
export { type Action, type WindowReport } from './action.ts';
export { ask, type Closing } from './closer.ts';
export { decodeEnvelope, decodeReplicaSnapshot, encodeEnvelope } from './codec.ts';
export { NEVER, type WindowRules } from './frontier.ts';
export { sameBytes, sameWindow } from './inbox.ts';
export { ANYWHERE, mergeFacts, newFactMerge, type FactMerge, type MergedWindow } from './merge.ts';
export {
  mergeRecords,
  newRecordMerge,
  type RecordMerge,
  type TracedItem,
  type TracedWindow,
} from './record-merge.ts';
export { type Needed, type Outgoing, type OutgoingObject } from './outbox.ts';
export { type Broker, type Listener, type Simulation } from './ports.ts';
export { ownName, Runner, shardName, type Restart, type RunnerOptions, type Stored } from './runner.ts';
