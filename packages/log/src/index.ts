/** What happened in a run: commands, facts, snapshots and the digest. The folder that keeps it is in `./files`. */
export { diffLogs, type Difference } from './diff.ts';
export { combineDigests, foldFact, foldInto, type DigestTable } from './digest.ts';
export { LogError, logErrors, type LogErrorCode, type LogErrorFields } from './errors.ts';
export { jsonLines } from './export/json-lines.ts';
export { rowsOf, type AddressOf, type Row } from './export/rows.ts';
export { newHash, type Hash64 } from './hash64.ts';
export {
  formatVersion,
  type Cut,
  type LogReader,
  type LogWriter,
  type NamedSnapshot,
  type NewHeader,
  type PassedOver,
  type VerifiedSnapshot,
} from './log.ts';
export {
  discardingLog,
  newMemoryLog,
  readMemoryLog,
  resumeMemoryLog,
  writeMemoryLog,
  type MemoryLog,
} from './memory.ts';
export { requireEngine, type Resumed } from './resume.ts';
export { verifyLog, type Verification } from './verify.ts';
