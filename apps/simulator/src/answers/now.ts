/** What is going on at the moment asked about, in sentences: how far a phase is, and whether fmd has spoken. */
import { formatNs } from '@orrery/spec';
import { causesOf, rootOf } from './causes.ts';
import { isKind, refOf, type Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import { nodeChanges, nodeState, presentResilver, type Outage } from './history.ts';
import { counted } from './part-name.ts';
import { unwellVdevs } from './pool-causes.ts';
import type { Subject } from './subject.ts';
import { partOf, percent, wordsOf } from './words.ts';

const phaseWords: Readonly<Record<string, string>> = {
  off: 'without power, until somebody gives it some',
  post: 'in POST',
  netboot: 'loading its platform from the head node',
  booting: 'booting',
  hung: 'hung, until somebody sends an NMI, resets it or cuts its power',
  panicked: 'panicking',
  dumping: 'dumping to zones/dump',
};

/** The phase a node is in, and how far. */
export function nodeNow(index: FactIndex, node: string): string {
  const state = nodeState(index, node);
  const last = nodeChanges(index, node).at(-1);
  const words = phaseWords[state] ?? state;
  if (last === undefined) return words;
  const passed = index.until - last.fact.time;
  const mean = phaseMean(index, node, state);
  if (state === 'running') return `multi-user since ${formatNs(passed)}`;
  return mean === 0 ? words : `${words}, ${percent(Math.min(passed, mean * 0.99), mean)}`;
}

function phaseMean(index: FactIndex, node: string, state: string): number {
  const timings = index.datacenter.nodes.find(({ address }) => address === node)?.timings;
  if (timings === undefined) return 0;
  if (state === 'post') return timings.post.ns;
  if (state === 'netboot') return timings.platformLoad.ns;
  if (state === 'booting') return timings.boot.ns;
  return state === 'dumping' ? timings.dump.ns : 0;
}

/**
 * What fmd on that node said of the trouble since `since`, or why it said nothing; nothing where no fault could be meant.
 * @param chain the causes of the trouble
 */
export function fmdNow(index: FactIndex, node: string, chain: readonly Fact[], since: number): string[] {
  if (chain.length === 0 || rootOf(chain)?.kind === 'person') return [];
  const listed = index.ofKind('suspectListed').filter((fact) => {
    return fact.time >= since && fact.address.startsWith(`fm/${node}/`) && concerns(index, fact, chain);
  });
  if (listed.length > 0) return [listed.map(wordsOf).join('; ')];
  const reported = chain.some((fact) => fact.kind === 'ereportPosted');
  const state = nodeState(index, node);
  if (state === 'hung') return [`fmd says nothing: it runs on ${node}, and hangs with it`];
  if (state !== 'running') {
    const after = reported ? ' and will see the ereport after the boot' : '';
    return [`fmd has said nothing${reported ? ' yet' : ''}: it runs on ${node}${after}`];
  }
  if (reported) return ['fmd has the ereports, and has diagnosed nothing from them yet'];
  return ['fmd says nothing: nobody sent it an ereport of this'];
}

/** Whether a diagnosis is of that trouble: it suspects a part in the chain, or has a cause in common with it. */
function concerns(index: FactIndex, listed: Fact<'suspectListed'>, chain: readonly Fact[]): boolean {
  const parts = new Set(chain.map(partOf));
  if (listed.payload.suspects.some(({ resource }) => parts.has(resource))) return true;
  const known = new Set(chain.map(refOf));
  return causesOf(index, listed).some((fact) => known.has(refOf(fact)));
}

/** Spare, resilver, cases of a pool. */
export function poolNow(index: FactIndex, pool: string): string[] {
  const lines: string[] = [];
  const resilver = presentResilver(index, pool);
  if (resilver !== undefined) lines.push(resilverNow(index, resilver));
  const finished = index.of(pool, 'resilverFinished').at(-1);
  if (resilver === undefined && finished !== undefined) lines.push(`${wordsOf(finished)}`);
  const spares = new Map<string, string>();
  for (const fact of index.of(pool, 'spareActivated')) spares.set(fact.payload.spare, fact.payload.original);
  for (const fact of index.of(pool, 'spareReturned')) spares.delete(fact.payload.spare);
  const out = new Map(unwellVdevs(index, pool).map(({ payload }) => [payload.vdev, payload.state]));
  for (const [spare, original] of spares) {
    const state = out.get(spare);
    if (state !== undefined) lines.push(`${spare}, which served for ${original}, is ${state} itself`);
    else lines.push(`${spare} serves for ${original}, until somebody replaces ${original}`);
  }
  const lost = new Set(index.of(pool, 'dataLost').map(({ payload }) => payload.path));
  if (lost.size > 0) lines.push(`${counted(lost.size, 'file')} damaged for good`);
  const open = openCases(index, pool);
  if (open > 0) lines.push(`${counted(open, 'case')} open in fmd`);
  return lines;
}

function resilverNow(index: FactIndex, resilver: NonNullable<ReturnType<typeof presentResilver>>): string {
  const { vdev } = resilver.begun.payload;
  const last = resilver.progress.at(-1);
  const left = resilverLeft(index, resilver);
  const toGo = left === undefined ? '' : `, about ${formatNs(left)} to go`;
  return `resilver of ${vdev} ${percent(last?.payload.doneBytes ?? 0, last?.payload.totalBytes ?? 1)}${toGo}`;
}

/** Time that a resilver still takes at the rate it had so far, ns; undefined before its first progress. */
export function resilverLeft(
  index: FactIndex,
  { begun, progress }: NonNullable<ReturnType<typeof presentResilver>>,
): number | undefined {
  const last = progress.at(-1);
  if (last === undefined || last.payload.doneBytes === 0 || last.time === begun.time) return undefined;
  const { doneBytes, totalBytes } = last.payload;
  const left = ((totalBytes - doneBytes) / doneBytes) * (last.time - begun.time);
  return Math.max(0, Math.round(left - (index.until - last.time)));
}

/** What fmadm lists of a pool and the node's disks. */
function openCases(index: FactIndex, pool: string): number {
  const node = pool.split('/')[0] ?? '';
  const ofPool = (resource: string) => resource === pool || resource.startsWith(`${node}/disk/`);
  return openSuspects(index, node).filter(({ payload }) =>
    payload.suspects.some(({ resource }) => ofPool(resource)),
  ).length;
}

const CLOSED = ['REPAIRED', 'RESOLVED', 'DISCARDED'];

function caseStates(index: FactIndex, node: string): [uuid: string, state: string][] {
  const states = new Map<string, string>();
  for (const fact of index.ofKind('caseStateChanged')) {
    if (fact.address.startsWith(`fm/${node}/`)) states.set(fact.payload.uuid, fact.payload.state);
  }
  return [...states];
}

/** What fmd of a node told an operator about, of cases that are still open. */
export function openSuspects(index: FactIndex, node: string): Fact<'suspectListed'>[] {
  const closed = new Set(
    caseStates(index, node)
      .filter(([, state]) => CLOSED.includes(state))
      .map(([uuid]) => uuid),
  );
  return index
    .ofKind('suspectListed')
    .filter(
      ({ address, payload }) =>
        address.startsWith(`fm/${node}/`) && payload.message && !closed.has(payload.uuid),
    );
}

/** What fmd says of the fabric. */
export const FABRIC_SILENT = 'fmd says nothing: links and switches send it no ereports; see dladm and syslog';

/** What is going on around an outage: of the node it lies in first. */
export function outageNow(
  index: FactIndex,
  subject: Subject,
  outage: Outage,
  chain: readonly Fact[],
): string[] {
  const { node } = subject;
  const lines: string[] = [];
  if (subject.kind === 'link' || subject.kind === 'switch') return [FABRIC_SILENT];
  if (node === '') return lines;
  if (nodeState(index, node) !== 'running') {
    lines.push(`${subject.kind === 'node' ? '' : `${node} is `}${nodeNow(index, node)}`);
  }
  const pool = [outage.last.fact, ...chain].find(
    (fact) => isKind(fact, 'vdevStateChanged') || isKind(fact, 'poolStateChanged'),
  );
  if (pool !== undefined) lines.push(...poolNow(index, pool.address));
  const begin = Math.min(outage.first.fact.time, ...chain.map(({ time }) => time));
  lines.push(...fmdNow(index, node, chain, begin));
  return lines;
}
