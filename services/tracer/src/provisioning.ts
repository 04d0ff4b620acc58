/** Turns the head node's jobs into traces: the job is the root, and each finished step a span of the time it took. */
import type { ServiceName } from '@orrery/proto';
import type { HeldRecord, Trace } from './model/assembler.ts';
import type { ObservedFact } from './story/fact.ts';

/** Jobs followed at once; the oldest is let go without its root when there are more. */
const JOBS_MAX = 10_000;

interface Job {
  /** Number of the trace; negative, so that no request has it. */
  trace: number;
  start: number;
  records: HeldRecord[];
}

export interface Provisioning {
  jobs: Map<string, Job>;
  made: number;
}

export function createProvisioning(): Provisioning {
  return { jobs: new Map(), made: 0 };
}

const onNode: ReadonlySet<string> = new Set(['clone', 'configure', 'boot']);

function jobOf(provisioning: Provisioning, id: string, start: number): Job {
  let job = provisioning.jobs.get(id);
  if (job === undefined) {
    job = { trace: -++provisioning.made, start, records: [] };
    provisioning.jobs.set(id, job);
  }
  return job;
}

/** Span keys of a job's trace: the trace number and the place in it make one negative number. */
function keyOf(job: Job, place: number): number {
  return job.trace * 1_024 - place;
}

function hold(
  job: Job,
  address: string,
  service: ServiceName,
  name: string,
  from: number,
  to: number,
): HeldRecord {
  const place = job.records.length + 1;
  const record = {
    name,
    trace: job.trace,
    key: keyOf(job, place),
    parent: keyOf(job, 0),
    start: from,
    end: to,
  };
  const held = { service, address, record };
  job.records.push(held);
  return held;
}

/** Adds a finished step to its job. @returns a trace that had to be let go to make room */
export function observeStep(
  provisioning: Provisioning,
  fact: ObservedFact<'jobStepFinished'>,
): Trace | undefined {
  const { job: id, vm, step, tookNs, detail } = fact.payload;
  const job = jobOf(provisioning, id, Math.max(0, fact.time - tookNs));
  const service = onNode.has(step) ? 'compute-node' : 'headnode';
  const start = Math.max(job.start, fact.time - tookNs);
  const held = hold(job, fact.address, service, step, start, fact.time);
  held.record.attributes = { 'smartos.vm.uuid': vm, 'smartos.job.detail': detail };
  return overflow(provisioning);
}

/** Begins or ends a job. @returns its trace once it is over, or one let go to make room */
export function observeJob(
  provisioning: Provisioning,
  fact: ObservedFact<'jobStateChanged'>,
): Trace | undefined {
  const { job: id, kind, vm, execution, error } = fact.payload;
  const job = jobOf(provisioning, id, fact.time);
  if (execution !== 'succeeded' && execution !== 'failed' && execution !== 'canceled')
    return overflow(provisioning);
  const failed = execution !== 'succeeded';
  const root = hold(job, fact.address, 'headnode', kind, job.start, fact.time);
  root.record.key = keyOf(job, 0);
  root.record.parent = 0;
  root.record.attributes = { 'smartos.job': id, 'smartos.vm.uuid': vm, 'smartos.job.execution': execution };
  if (failed) root.record.error = error === '' ? execution : error;
  provisioning.jobs.delete(id);
  return { trace: job.trace, records: job.records, root, failed, late: false, since: job.start };
}

function overflow(provisioning: Provisioning): Trace | undefined {
  if (provisioning.jobs.size <= JOBS_MAX) return undefined;
  const oldest = provisioning.jobs.keys().next();
  return oldest.done === true ? undefined : letGo(provisioning, oldest.value);
}

function letGo(provisioning: Provisioning, id: string): Trace | undefined {
  const job = provisioning.jobs.get(id);
  provisioning.jobs.delete(id);
  if (job === undefined) return undefined;
  return {
    trace: job.trace,
    records: job.records,
    root: undefined,
    failed: true,
    late: false,
    since: job.start,
  };
}

/** Jobs that have not ended, as traces without a root: for the end of a run. */
export function takeOpenJobs(provisioning: Provisioning): Trace[] {
  const traces: Trace[] = [];
  for (const id of [...provisioning.jobs.keys()]) {
    const trace = letGo(provisioning, id);
    if (trace !== undefined && trace.records.length > 0) traces.push(trace);
  }
  return traces;
}
