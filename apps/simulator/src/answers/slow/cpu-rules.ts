/** Why the CPU side of a request grew: a cap, a crowd, CPUs gone, or more work. */
import { formatNs, formatTime } from '@orrery/spec';
import { causesOf, rootOf, stepsOf } from '../causes.ts';
import { refOf, type Fact } from '../fact.ts';
import { factStep, grownAccounts, servedStep, type Reason, type SlowContext } from './context.ts';
import type { Step } from '../answer.ts';
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
  const held = heldOf(context);
  if (held !== undefined) return heldToBaseline(context, held);
  const cap = subject.vm?.spec?.limits.cpuCap ?? 0;
  const limit = cap === 0 ? 'its VCPUs' : `its CPU cap of ${cap} %`;
  const text = `${subject.name} runs into ${limit}: it uses ${cpuPercent(now)} %, used ${cpuPercent(baseline)} %`;
  const step = servedStep(context, text);
  return {
    detail: `at ${limit}`,
    because: [step, ...moreLoad(context)],
    root: { kind: 'cap', part: subject.address, text, fact: step.fact },
  };
}

function moreLoad(context: SlowContext): Step[] {
  const more = isLoaded(context) ? load(context, '').because : [];
  return more.map((one) => ({ ...one, depth: one.depth + 1 }));
}

/** A time at which a zone's CPU baseline was the cap in effect, because its burst time was used up. */
interface Held {
  drop: Fact<'cpuCapChanged'>;
  /** ns; undefined: it still is. */
  until: number | undefined;
}

/** The last such time that reaches into what is "now". A zone that stops takes its cap with it. */
function heldOf({ index, subject, nowFrom }: SlowContext): Held | undefined {
  const changes = index.of(subject.address, 'cpuCapChanged');
  const drop = changes.findLast(({ payload }) => payload.cap < payload.before);
  if (drop === undefined) return undefined;
  const after = ({ n }: Fact): boolean => n > drop.n;
  const until = (changes.find(after) ?? index.of(subject.address, 'zoneStateChanged').find(after))?.time;
  return until === undefined || until > nowFrom ? { drop, until } : undefined;
}

function heldToBaseline(context: SlowContext, { drop, until }: Held): Reason {
  const { subject, now, baseline } = context;
  const { cap, before, burstNs } = drop.payload;
  const when =
    until === undefined
      ? `it is held to its CPU baseline of ${cap} % since ${formatTime(drop.time)}, until ${formatTime(drop.time + burstNs)}`
      : `it was held to its CPU baseline of ${cap} % from ${formatTime(drop.time)} to ${formatTime(until)}`;
  const text = `${subject.name} has used up its burst time of ${formatNs(burstNs)} at up to ${before} %: ${when}`;
  const used = `${subject.name} uses ${cpuPercent(now)} % of a CPU, used ${cpuPercent(baseline)} %`;
  return {
    detail: `at its CPU baseline of ${cap} %`,
    because: [servedStep(context, used), factStep(drop, text, 1), ...moreLoad(context)],
    root: { kind: 'cap', part: subject.address, text, fact: refOf(drop) },
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
  if (more < LOAD_RATIO || longer > more) return capHolds(context);
  const workers = subject.vm?.spec?.workers ?? 0;
  return load(context, workers === 0 ? 'all its workers are busy' : `its ${workers} workers are all busy`);
}

/** Workers are busy longer because of the baseline: a small wait for each request makes a long one for those behind it. */
function capHolds(context: SlowContext): Reason | undefined {
  const held = heldOf(context);
  const longer = grownAccounts(context.now, context.baseline).find(
    ({ place }) => place !== Place.WORKER_POOL,
  );
  return held !== undefined && longer?.place === Place.CPU_CAP ? heldToBaseline(context, held) : undefined;
}

export function onCpu(context: SlowContext): Reason {
  const { now, baseline } = context;
  const cpu = (served: Served) => formatNs(Math.round(perRequest(served.cpuNs, served)));
  return heavier(context, `a request uses ${cpu(now)} of CPU, used ${cpu(baseline)}`);
}
