/** How a subject's state changed, and its outages: from the change that ended well-being to the one that restored it. */
import type { Facts } from '@orrery/proto';
import { isKind, type Fact } from './fact.ts';
import type { FactIndex } from './fact-index.ts';
import type { Subject } from './subject.ts';

export interface Change {
  readonly fact: Fact;
  readonly state: string;
  /** Whether an operator would call it well. */
  readonly well: boolean;
}

export interface Outage {
  /** What began it. */
  readonly first: Change;
  /** Its last change so far, `first` when there was none since. */
  readonly last: Change;
  /** What ended it; undefined: it lasts. */
  readonly end: Change | undefined;
}

export function historyOf(index: FactIndex, subject: Subject): Change[] {
  switch (subject.kind) {
    case 'node':
      return nodeChanges(index, subject.address);
    case 'vm':
      return vmChanges(index, subject.address);
    case 'pool':
      return poolChanges(index, subject.address);
    case 'disk':
      return diskChanges(index, subject);
    case 'link':
      return linkChanges(index, subject.address);
    case 'switch':
      return index
        .of(subject.address, 'switchStateChanged')
        .map((fact) => ({ fact, state: fact.payload.up ? 'up' : 'down', well: fact.payload.up }));
    case 'part':
      return partChanges(index, subject);
    case 'client':
    case 'headnode':
      return [];
  }
}

export function nodeChanges(index: FactIndex, address: string): Change[] {
  return index
    .of(address, 'nodeStateChanged')
    .map((fact) => ({ fact, state: fact.payload.state, well: fact.payload.state === 'running' }));
}

/** A zone's `running` begins before its boot's work: until that is done it serves nobody. */
function vmChanges(index: FactIndex, address: string): Change[] {
  const facts: Fact[] = [...index.of(address, 'zoneStateChanged'), ...index.of(address, 'zoneBooted')];
  let booted = true;
  let said = 'running';
  return facts
    .sort((a, b) => a.n - b.n)
    .map((fact) => {
      if (isKind(fact, 'zoneStateChanged')) {
        const { zoneState, zoneStateBefore } = fact.payload;
        if (zoneState !== zoneStateBefore) booted = false;
        said = saidOf(fact.payload);
      } else booted = true;
      const well = said === 'running' && booted;
      return { fact, state: said === 'running' && !booted ? 'booting' : said, well };
    });
}

/** What an operator calls it. zoneadm's `configured` is what is left of a zone once its dataset is gone. */
export function saidOf({ state, zoneState, zoneStateBefore }: Facts['zoneStateChanged']): string {
  if (state !== zoneState || zoneState !== 'configured') return state;
  return zoneStateBefore === '' || zoneStateBefore === 'configured' ? 'stopped' : 'destroyed';
}

function poolChanges(index: FactIndex, address: string): Change[] {
  return index
    .of(address, 'poolStateChanged')
    .map((fact) => ({ fact, state: fact.payload.state, well: fact.payload.state === 'ONLINE' }));
}

function diskChanges(index: FactIndex, subject: Subject): Change[] {
  const disk = subject.address.slice(subject.address.lastIndexOf('/') + 1);
  const pools = `${subject.node}/pool/`;
  return index
    .ofKind('vdevStateChanged')
    .filter((fact) => fact.address.startsWith(pools) && fact.payload.vdev === disk)
    .map((fact) => ({
      fact,
      state: fact.payload.state,
      well: ['ONLINE', 'AVAIL', 'INUSE'].includes(fact.payload.state),
    }));
}

function linkChanges(index: FactIndex, address: string): Change[] {
  const changes: Change[] = [
    ...index
      .of(address, 'linkStateChanged')
      .map((fact) => ({ fact, state: fact.payload.up ? 'up' : 'down', well: fact.payload.up })),
    ...index.of(address, 'linkLossChanged').map((fact) => {
      const { lossPerMillion } = fact.payload;
      return { fact, state: `losing ${lossPerMillion / 10_000} %`, well: lossPerMillion === 0 };
    }),
  ];
  return changes.sort((a, b) => a.fact.time - b.fact.time || a.fact.n - b.fact.n);
}

/** DIMMs, supplies, CPUs: what the node and its fault manager said of them. */
function partChanges(index: FactIndex, { address, node }: Subject): Change[] {
  const name = address.slice(address.lastIndexOf('/') + 1);
  const what = address.split('/')[1];
  const changes: Change[] = index
    .ofKind('suspectListed')
    .filter((fact) => fact.payload.suspects.some(({ resource }) => resource === address))
    .map((fact) => ({ fact, state: 'faulty', well: false }));
  if (what === 'psu') {
    for (const fact of index.of(node, 'psuStateChanged')) {
      const { psu, ok } = fact.payload;
      if (psu === name) changes.push({ fact, state: ok ? 'ok' : 'failed', well: ok });
    }
  }
  if (what === 'cpu') {
    for (const fact of index.of(node, 'cpuStateChanged')) {
      const { cpu, state } = fact.payload;
      if (String(cpu) === name) changes.push({ fact, state, well: state === 'on-line' });
    }
  }
  for (const fact of index.of(node, 'ereportPosted')) {
    if (fact.payload.detector === address) changes.push({ fact, state: 'erring', well: false });
  }
  for (const fact of index.ofKind('partRepaired')) {
    if (fact.payload.target === address) changes.push({ fact, state: 'repaired', well: true });
  }
  return changes.sort((a, b) => a.fact.time - b.fact.time);
}

/** Outages in order. A life that begins unwell (a datacenter that starts off) is one as well. */
export function outagesOf(changes: readonly Change[]): Outage[] {
  const outages: Outage[] = [];
  let first: Change | undefined;
  let last: Change | undefined;
  for (const change of changes) {
    if (!change.well) {
      first ??= change;
      last = change;
    } else if (first !== undefined && last !== undefined) {
      outages.push({ first, last, end: change });
      first = undefined;
    }
  }
  if (first !== undefined && last !== undefined) outages.push({ first, last, end: undefined });
  return outages;
}

/** The outage that lasts at the index's moment. */
export function presentOutage(index: FactIndex, subject: Subject): Outage | undefined {
  return outagesOf(historyOf(index, subject)).findLast((outage) => outage.end === undefined);
}

/** Whether an outage of a VM began with its node's, and not with anything that was done to it. */
export function endedByNode({ first }: Outage): boolean {
  return isKind(first.fact, 'zoneStateChanged') && first.fact.payload.reason.startsWith('node: ');
}

/** A node's state at the moment: what its facts say, else what the specification starts it in. */
export function nodeState(index: FactIndex, address: string): string {
  const last = index.of(address, 'nodeStateChanged').at(-1);
  return last?.payload.state ?? (index.datacenter.start === 'running' ? 'running' : 'off');
}

/** A VM's state as vmadm on its node has it, whoever can ask; `booting` while its boot's work is not done. */
export function vmStateOf(index: FactIndex, subject: Subject): string {
  const last = vmChanges(index, subject.address).at(-1);
  if (last !== undefined) return last.state;
  const starts = index.datacenter.start === 'running' && subject.vm?.spec?.autoboot === true;
  return starts ? 'running' : 'stopped';
}

/** The pool of a VM or node, as an address; '' when it has none. */
export function poolOf(index: FactIndex, subject: Subject): string {
  const node = index.datacenter.nodes.find(({ address }) => address === subject.node);
  const name = subject.vm?.spec?.pool ?? node?.pools[0]?.name;
  return name === undefined || name === '' ? '' : `${subject.node}/pool/${name}`;
}

/** The last fact of a resilver under way in that pool, and its beginning. */
export function presentResilver(
  index: FactIndex,
  pool: string,
): { begun: Fact<'resilverStarted'>; progress: Fact<'resilverProgressed'>[] } | undefined {
  const begun = index.of(pool, 'resilverStarted').at(-1);
  if (begun === undefined) return undefined;
  const after = (fact: Fact) => fact.n > begun.n;
  if (index.of(pool, 'resilverFinished').some(after)) return undefined;
  return { begun, progress: index.of(pool, 'resilverProgressed').filter(after) };
}
