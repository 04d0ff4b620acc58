/** Why the CPU side of a request grew: a cap, a crowd, CPUs gone, or more work. */
import { formatNs } from '@orrery/spec';
import { causesOf, rootOf, stepsOf } from '../causes.ts';
import { servedStep, type Reason, type SlowContext } from './context.ts';
import { heavier, isLoaded, load, LOAD_RATIO } from './load.ts';
import { busierNeighbour, loadRatio } from './neighbour.ts';
import { meanNs, perRequest, type Served } from './served.ts';
import { Place } from '@orrery/proto';

/** CPU that a zone used, in percent of one. */
function cpuPercent(served: Served): number {
  return Math.round((served.cpuNs * 100) / Math.max(1, served.to - served.from));
}

export function cpuCap(context: SlowContext): Reason {
  const { subject, now, baseline } = context;
  const cap = subject.vm?.spec?.limits.cpuCap ?? 0;
  const limit = cap === 0 ? 'its VCPUs' : `its CPU cap of ${cap} %`;
  const text = `${subject.name} runs into ${limit}: it uses ${cpuPercent(now)} %, used ${cpuPercent(baseline)} %`;
  const step = servedStep(context, text);
  const more = isLoaded(context) ? load(context, '').because : [];
  return {
    detail: `at ${limit}`,
    because: [step, ...more.map((one) => ({ ...one, depth: one.depth + 1 }))],
    root: { kind: 'cap', part: subject.address, text, fact: step.fact },
  };
}

export function runQueue(context: SlowContext): Reason | undefined {
  const { index, subject } = context;
  const offline = index.last(
    'cpuStateChanged',
    (fact) => fact.address === subject.node && fact.payload.state === 'faulted',
  );
  if (isLoaded(context)) return load(context, 'its threads wait for a CPU');
  const crowd = busierNeighbour(context, 'cpu');
  if (crowd !== undefined) return crowd;
  if (offline === undefined) return undefined;
  const chain = causesOf(index, offline);
  const root = rootOf(chain);
  return root === undefined ? undefined : { detail: 'fewer CPUs', because: stepsOf(chain), root };
}

/**
 * Requests that wait for a worker: because more came, or because each stays longer. The second is no reason of its own:
 * what makes them stay is.
 */
export function workerPool(context: SlowContext): Reason | undefined {
  const { now, baseline, subject } = context;
  const service = (served: Served) => {
    const waited = served.ledger
      .filter(({ place }) => place === Place.WORKER_POOL)
      .reduce((sum, { ns }) => sum + ns, 0);
    return meanNs(served) - perRequest(waited, served);
  };
  const before = service(baseline);
  const longer = before === 0 ? 1 : service(now) / before;
  const more = loadRatio(context);
  if (more < LOAD_RATIO || longer > more) return undefined;
  const workers = subject.vm?.spec?.workers ?? 0;
  return load(context, workers === 0 ? 'all its workers are busy' : `its ${workers} workers are all busy`);
}

export function onCpu(context: SlowContext): Reason {
  const { now, baseline } = context;
  const cpu = (served: Served) => formatNs(Math.round(perRequest(served.cpuNs, served)));
  return heavier(context, `a request uses ${cpu(now)} of CPU, used ${cpu(baseline)}`);
}
