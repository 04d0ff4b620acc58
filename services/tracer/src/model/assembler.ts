/**
 * Assembler gathers the span records of each request into its trace; it does not judge whether to keep it.
 *
 * Why.       Records come one at a time from many services, and only the whole trace says whether it is worth keeping.
 * Rules.     1. A trace is done LINGER after its root (the record without a parent) ended, so that children which
 *               outlive a root that timed out are still in it.
 *            2. A trace whose root does not come within PATIENCE of its first record is handed on as it is.
 *            3. Past `recordsMax` held records the oldest open trace is handed on as it is: memory is bounded, and
 *               nothing is lost.
 * State.     One entry an open trace, from its first record until it is done; done ones wait in order of their roots' ends.
 */
import type { SpanRecord } from '@orrery/actor';
import type { SpanService } from '../span.ts';

/**
 * How long a trace waits for its root, ns. Too short cuts long requests in two; too long lets the strays of traces
 * already judged fill the room.
 */
const PATIENCE_NS = 120_000_000_000;

export interface HeldRecord {
  service: SpanService;
  address: string;
  record: SpanRecord;
}

/** All records of one request. */
export interface Trace {
  trace: number;
  records: HeldRecord[];
  /** The record without a parent; undefined when it never came. */
  root: HeldRecord | undefined;
  failed: boolean;
  /** Whether it holds what came after its trace was handed on. */
  late: boolean;
  /** End of its first record, ns. */
  since: number;
}

export interface Assembler {
  lingerNs: number;
  recordsMax: number;
  open: Map<number, Trace>;
  /** Traces whose root has ended, in order of its arrival. */
  ended: Trace[];
  endedHead: number;
  held: number;
}

export function createAssembler(lingerNs: number, recordsMax: number): Assembler {
  return { lingerNs, recordsMax, open: new Map(), ended: [], endedHead: 0, held: 0 };
}

/** Adds a record to its trace. */
export function gather(assembler: Assembler, held: HeldRecord): void {
  const { record } = held;
  let trace = assembler.open.get(record.trace);
  if (trace === undefined) {
    trace = {
      trace: record.trace,
      records: [],
      root: undefined,
      failed: false,
      late: false,
      since: record.end,
    };
    assembler.open.set(record.trace, trace);
  }
  trace.records.push(held);
  assembler.held++;
  if (record.error !== undefined && record.error !== '') trace.failed = true;
  if (record.parent === 0 && trace.root === undefined) {
    trace.root = held;
    assembler.ended.push(trace);
  }
}

/**
 * Takes out one trace that is done at `now` (ns), or the oldest one while too much is held.
 * @returns undefined when there is none
 */
export function takeDone(assembler: Assembler, now: number): Trace | undefined {
  const oldest = assembler.open.values().next();
  if (oldest.done === true) return undefined;
  const isImpatient = oldest.value.root === undefined && now - oldest.value.since > PATIENCE_NS;
  if (isImpatient || assembler.held > assembler.recordsMax) return release(assembler, oldest.value);
  while (assembler.endedHead < assembler.ended.length) {
    const trace = assembler.ended[assembler.endedHead];
    if (trace.root !== undefined && trace.root.record.end + assembler.lingerNs > now) return undefined;
    assembler.endedHead++;
    compact(assembler);
    if (assembler.open.get(trace.trace) === trace) return release(assembler, trace);
  }
  return undefined;
}

/** Takes out any trace, finished or not, oldest first: for the end of a run. */
export function takeAny(assembler: Assembler): Trace | undefined {
  const oldest = assembler.open.values().next();
  return oldest.done === true ? undefined : release(assembler, oldest.value);
}

function release(assembler: Assembler, trace: Trace): Trace {
  assembler.open.delete(trace.trace);
  assembler.held -= trace.records.length;
  return trace;
}

function compact(assembler: Assembler): void {
  if (assembler.endedHead < 1_024 || assembler.endedHead * 2 < assembler.ended.length) return;
  assembler.ended = assembler.ended.slice(assembler.endedHead);
  assembler.endedHead = 0;
}
