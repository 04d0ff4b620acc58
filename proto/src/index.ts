/** The shared vocabulary: message and fact types, their numbers, and the latency ledger. */
export type * from './gen/vocabulary.ts';
export {
  Behind,
  controlMethods,
  CallStatus,
  factNumbers,
  factTypes,
  messageNumbers,
  messageTypes,
  Place,
  VdevAction,
  ZfsOp,
  ZioKind,
  ZioStatus,
} from './gen/vocabulary.ts';
export { addToLedger, ledgerTotal, mergeLedger } from './ledger.ts';
export { serviceOf, type ServiceName } from './services.ts';
