/** Runs actors: the one seam to xstate, effects as data, snapshot and restore. */
export {
  defineActor,
  type ActorId,
  type ActorKind,
  type Context,
  type Handlers,
  type Placement,
  type Service,
  type SpanRecord,
} from './kind.ts';
export { createHost, Host, type HostFact, type HostOptions, type HostParts } from './host.ts';
export { restoreHost, takeSnapshot, type HostSnapshot } from './snapshot.ts';
export { WindowedHost, type ShardSnapshot, type WindowedOptions } from './windowed.ts';
export { spanOf, type ObservedSpan } from './records.ts';
export { HandlerFailure } from './errors.ts';
export { MachineStepper, stateWord, type Effect } from './machine.ts';
