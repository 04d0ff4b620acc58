/** Why the disk side of a request grew: what it reads, who else reads, and what its disks are like. */
import { formatBytes, formatNs } from '@orrery/spec';
import { causesOf, rootOf, stepsOf } from '../causes.ts';
import { programsAt } from '../callees.ts';
import { bootChain } from '../down.ts';
import type { Fact } from '../fact.ts';
import { presentOutage, presentResilver } from '../history.ts';
import { resilverLeft } from '../now.ts';
import { partName } from '../part-name.ts';
import { poolChains } from '../pool-causes.ts';
import { percent } from '../words.ts';
import { factStep, servedStep, type Reason, type SlowContext } from './context.ts';
import { limpingDisk } from './disks.ts';
import { isLoaded, load, round } from './load.ts';
import { ownWrites } from './own-writes.ts';
import { busierNeighbour } from './neighbour.ts';
import { perRequest } from './served.ts';

/** Misses a request that are worth a word, and the factor by which they must have grown. */
const MISSES_MIN = 0.05;
const MISSES_RATIO = 1.3;
/** An ARC that holds this share of what it held is warm. */
const WARM_SHARE = 0.99;

/** Time of a read or write in a device or its queue, without another account's name on it. */
export function diskReason(context: SlowContext): Reason | undefined {
  return (
    coldArc(context) ??
    limping(context) ??
    resilver(context) ??
    diskErrors(context) ??
    degradedPool(context) ??
    busierNeighbour(context, 'disk') ??
    (isLoaded(context) ? load(context, 'its own requests queue at the disks') : undefined) ??
    moreMisses(context) ??
    busierNeighbour(context, 'write')
  );
}

/** Writes that wait: for the log, for a txg, for room in one. */
export function writeReason(context: SlowContext): Reason | undefined {
  return (
    limping(context) ??
    resilver(context) ??
    diskErrors(context) ??
    degradedPool(context) ??
    busierNeighbour(context, 'write') ??
    (isLoaded(context) ? load(context, 'its own writes') : undefined) ??
    busierNeighbour(context, 'disk') ??
    ownWrites(context)
  );
}

function missesGrew({ now, baseline }: SlowContext): boolean {
  const misses = perRequest(now.arcMisses, now);
  return misses >= perRequest(baseline.arcMisses, baseline) * MISSES_RATIO + MISSES_MIN;
}

/** What is said of a request's reads. */
function readsDetail({ now, baseline }: SlowContext): string {
  const misses = perRequest(now.arcMisses, now);
  return `${round(misses)} reads a request go to disk, were ${round(perRequest(baseline.arcMisses, baseline))}`;
}

/** The node booted, and what was in its memory is not there again. */
export function coldArc(context: SlowContext): Reason | undefined {
  const { index, subject, now, baseline } = context;
  if (subject.node === '' || !missesGrew(context)) return undefined;
  const goal = Math.min(now.workingSetBytes, baseline.arcBytes === 0 ? Infinity : baseline.arcBytes);
  if (now.arcBytes >= goal * WARM_SHARE) return undefined;
  const chain = bootChain(index, subject.node);
  const boot = chain[0];
  if (boot === undefined) return undefined;
  const share = (served: typeof now) => percent(served.arcHits, served.arcHits + served.arcMisses);
  const text =
    `the ARC of ${subject.node} is cold: ${formatBytes(now.arcBytes)} of ${subject.name}'s ` +
    `${formatBytes(now.workingSetBytes)} working set, hit rate ${share(now)}, was ${share(baseline)}`;
  const step = servedStep(context, text);
  const booted = factStep(boot, `${subject.node} booted ${formatNs(index.until - boot.time)} ago`, 1);
  return {
    detail: readsDetail(context),
    because: [step, booted, ...stepsOf(chain.slice(1), 2)],
    root: { kind: 'cold-arc', part: subject.node, text, fact: step.fact },
  };
}

/** More misses in an ARC that is as full as ever: others took its place, or other data is read. */
function moreMisses(context: SlowContext): Reason | undefined {
  if (!missesGrew(context)) return undefined;
  const pushed = busierNeighbour(context, 'arc');
  if (pushed !== undefined)
    return { ...pushed, detail: `${readsDetail(context)}: its data was pushed out of the ARC` };
  const step = servedStep(context, readsDetail(context));
  const root = { kind: 'load' as const, part: context.subject.address, text: step.text, fact: step.fact };
  return { detail: readsDetail(context), because: [step], root };
}

export function limping(context: SlowContext): Reason | undefined {
  if (context.pool === '') return undefined;
  const disk = limpingDisk(context.index, context.pool, context.nowFrom);
  if (disk === undefined || busyResilver(context) !== undefined) return undefined;
  const text =
    `disk ${disk.disk} takes ${formatNs(Math.round(disk.serviceNs))} an I/O, ` +
    `its peers in ${disk.vdev} ${formatNs(Math.round(disk.peersNs))}`;
  return {
    detail: `one disk drags ${disk.vdev}`,
    because: [factStep(disk.fact, text, 0)],
    root: { kind: 'disk', part: disk.address, text, fact: factStep(disk.fact, text, 0).fact },
  };
}

/** A resilver that ran at some time of "now". */
function busyResilver({ index, pool, nowFrom }: SlowContext): Fact<'resilverStarted'> | undefined {
  if (pool === '') return undefined;
  const begun = index.of(pool, 'resilverStarted').at(-1);
  if (begun === undefined) return undefined;
  const ended = index.of(pool, 'resilverFinished').find((fact) => fact.n > begun.n);
  return ended === undefined || ended.time > nowFrom ? begun : undefined;
}

export function resilver(context: SlowContext): Reason | undefined {
  const begun = busyResilver(context);
  if (begun === undefined) return undefined;
  const { index, pool } = context;
  const present = presentResilver(index, pool);
  const last = present?.progress.at(-1);
  const done = last === undefined ? '' : `, ${percent(last.payload.doneBytes, last.payload.totalBytes)} done`;
  const text = `${begun.payload.pool} resilvers ${formatBytes(begun.payload.bytes)} onto ${begun.payload.vdev}${done}`;
  const chain = causesOf(index, begun);
  return {
    detail: 'behind the resilver',
    because: [factStep(last ?? begun, text, 0), ...stepsOf(chain.slice(1), 1)],
    root: { kind: 'resilver', part: rootOf(chain)?.part ?? pool, text, fact: factStep(begun, text, 0).fact },
  };
}

/** ns until the resilver under way is through; undefined when none is, or its rate is unknown. */
export function resilverTime({ index, pool }: SlowContext): number | undefined {
  const present = pool === '' ? undefined : presentResilver(index, pool);
  return present === undefined ? undefined : resilverLeft(index, present);
}

/** A disk that makes errors: its I/Os are tried again, or elsewhere. */
export function diskErrors(context: SlowContext): Reason | undefined {
  const { index, pool, nowFrom } = context;
  if (pool === '') return undefined;
  const node = pool.split('/')[0] ?? '';
  const fact =
    index.last('diskErrored', (one) => one.time >= nowFrom && one.address.startsWith(`${node}/`)) ??
    index.last(
      'ereportPosted',
      (one) => one.time >= nowFrom && one.payload.detector.startsWith(`${node}/disk/`),
    );
  if (fact === undefined) return undefined;
  const chain = causesOf(index, fact);
  const root = rootOf(chain);
  if (root === undefined) return undefined;
  return {
    detail: `${partName(root.part)} makes errors`,
    because: stepsOf(chain),
    root: { ...root, kind: 'disk' },
  };
}

/** A pool with fewer disks than it should have. */
function degradedPool(context: SlowContext): Reason | undefined {
  const { index, pool, subject } = context;
  if (pool === '') return undefined;
  const address = { kind: 'pool' as const, name: pool, address: pool, node: subject.node };
  const outage = presentOutage(index, address);
  if (outage === undefined) return undefined;
  const chain = poolChains(index, outage.last.fact)[0] ?? [];
  const root = rootOf(chain);
  if (root === undefined) return undefined;
  return { detail: `its pool is ${outage.last.state}`, because: stepsOf(chain), root };
}

/** Partial records are read before they are written. */
export function recordSize(context: SlowContext): Reason | undefined {
  const { index, subject } = context;
  const record = subject.vm?.spec?.recordSizeBytes ?? 0;
  const steps = programsAt(index.datacenter, subject.vm?.uuid ?? '').flatMap((program) => program.steps);
  const sizes = steps.flatMap((step) =>
    step.op === 'write' || step.op === 'sync-write' ? [step.bytes] : [],
  );
  const least = Math.min(...sizes);
  if (record === 0 || !(least < record)) return undefined;
  const text = `its records are ${formatBytes(record)}: a write of ${formatBytes(least)} reads ${formatBytes(record)} for ${formatBytes(least)}`;
  const step = servedStep(context, text);
  return {
    detail: 'records are read before they are written',
    because: [step],
    root: { kind: 'record-size', part: subject.address, text, fact: step.fact },
  };
}
