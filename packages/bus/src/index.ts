/** Who hears of a message, and when; and how processes that hold parts of one run agree on it. */
export { boundaryAfter, dueTime, type BusRules, type Place } from './due.ts';
export { BusError, busErrors, type BusErrorCode } from './errors.ts';
export { type Bus, type BrokerInputs, type FactPage, type OpenBroker, type RecordPage } from './bus.ts';
export { localBus } from './local.ts';
export {
  ANYWHERE,
  ask,
  mergeFacts,
  mergeRecords,
  NEVER,
  newFactMerge,
  newRecordMerge,
  Runner,
  type Closing,
  type FactMerge,
  type Listener,
  type MergedWindow,
  type RecordMerge,
  type Simulation,
  type TracedItem,
  type TracedWindow,
  type WindowReport,
  type WindowRules,
} from './window/index.ts';
