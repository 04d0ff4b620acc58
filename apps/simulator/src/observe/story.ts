/**
 * The story is the run as an operator would tell it: one line a fact that they would care about; it is no log.
 *
 * Facts that come in a crowd (every zone of a node booting) are told once, as a count, by `StoryTeller`.
 */
import { formatBytes, formatNs } from '@orrery/spec';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';

/** ✗ broken, ! a symptom or a diagnosis, ✓ mended, + done by a person, blank otherwise. */
export type Mark = '✗' | '!' | '✓' | '+' | ' ';

export interface StoryLine {
  /** ns. */
  time: number;
  where: string;
  mark: Mark;
  text: string;
  /** Where it was asked for, `scenario.yaml:31`; else ''. */
  source: string;
}

type Teller<K extends FactKind> = (
  payload: Facts[K],
  fact: HostFact,
) => { mark: Mark; text: string; source?: string } | undefined;

const params = (list: Facts['faultInjected']['params']) =>
  list
    .filter((param) => param.text !== '' || param.number !== 0)
    .map((param) => ` ${param.name}=${param.text === '' ? String(param.number) : param.text}`)
    .join('');

/** Address without its node: `disk c0t2d0`. */
function partOf(target: string): string {
  const [, ...rest] = target.split('/');
  return rest.length === 0 ? target : rest.join(' ');
}

const aux = (text: string) => (text === '' ? '' : ` (${text})`);

const tellers: { [K in FactKind]?: Teller<K> } = {
  faultInjected: (p) => ({
    mark: '✗',
    text: `${p.faultId} ${p.kind}${params(p.params)} on ${partOf(p.target)}`,
    source: p.askedBy,
  }),
  faultReverted: (p) => ({
    mark: '+',
    text: `${p.faultId} ${p.kind} reverted on ${partOf(p.target)}`,
    source: p.askedBy,
  }),
  partRepaired: (p) => ({ mark: '+', text: `${p.kind} ${partOf(p.target)}`, source: p.askedBy }),
  nodeStateChanged: (p) => ({
    mark:
      p.state === 'running'
        ? '✓'
        : p.state === 'hung' || p.state === 'off' || p.state === 'panicked'
          ? '!'
          : ' ',
    text: `node ${p.stateBefore} → ${p.state}${aux(p.reason)}`,
  }),
  nodePanicked: (p) => ({ mark: '!', text: `kernel panic: ${p.message}` }),
  syslogWritten: (p) => ({ mark: ' ', text: p.text }),
  cpuStateChanged: (p) => ({ mark: '!', text: `cpu ${p.cpu} ${p.state}` }),
  pageRetired: (p) => ({ mark: ' ', text: `page retired on DIMM ${p.dimm}, ${p.retired} so far` }),
  psuStateChanged: (p) => ({
    mark: p.ok ? '✓' : '!',
    text: `PSU ${p.psu} ${p.ok ? 'ok' : 'failed'}, ${p.working} working`,
  }),
  vdevStateChanged: (p) => ({
    mark: p.state === 'ONLINE' ? '✓' : '!',
    text: `${p.pool}: ${p.vdev} ${p.stateBefore} → ${p.state}${aux(p.aux)}`,
  }),
  poolStateChanged: (p) => ({
    mark: p.state === 'ONLINE' ? '✓' : '!',
    text: `pool ${p.pool} ${p.stateBefore} → ${p.state}`,
  }),
  spareActivated: (p) => ({ mark: ' ', text: `${p.pool}: spare ${p.spare} in use for ${p.original}` }),
  spareReturned: (p) => ({ mark: '✓', text: `${p.pool}: spare ${p.spare} AVAIL` }),
  resilverStarted: (p) => ({
    mark: ' ',
    text: `${p.pool}: resilver of ${formatBytes(p.bytes)} onto ${p.vdev} begins`,
  }),
  resilverFinished: (p) => ({
    mark: '✓',
    text: `${p.pool}: resilvered ${formatBytes(p.bytes)} in ${formatNs(p.tookNs)}, ${p.errors} errors`,
  }),
  dataLost: (p) => ({ mark: '✗', text: `${p.pool}: ${p.path} is damaged, ${p.blocks} blocks` }),
  poolSuspendedFact: (p) => ({
    mark: p.suspended ? '✗' : '✓',
    text: `pool ${p.pool} ${p.suspended ? 'suspended: no I/O is served' : 'serves again'}`,
  }),
  poolWasImported: (p) => ({
    mark: ' ',
    text: `${p.pool} imported in ${formatNs(p.tookNs)}, ${formatBytes(p.zilReplayedBytes)} of ZIL replayed`,
  }),
  suspectListed: (p, fact) =>
    p.message
      ? {
          mark: '!',
          text:
            `fmd ${p.code} ${p.severity}: ` +
            p.suspects.map((s) => `${s.class} ${s.certainty} %, ${partOf(s.resource)}`).join('; ') +
            (p.firstEreportAt > 0
              ? ` (${formatNs(fact.time - p.firstEreportAt)} after the first ereport)`
              : ''),
        }
      : undefined,
  caseStateChanged: (p) =>
    p.state === 'REPAIRED' || p.state === 'RESOLVED'
      ? { mark: '✓', text: `case ${p.uuid.slice(0, 8)} ${p.code} ${p.state.toLowerCase()}` }
      : undefined,
  linkStateChanged: (p) => ({
    mark: p.up ? '✓' : '!',
    text: `link ${partOf(p.link)} ${p.up ? 'up' : 'down'}`,
  }),
  linkLossChanged: (p) => ({
    mark: '!',
    text: `link ${partOf(p.link)} loses ${p.lossPerMillion / 10_000} % of packets`,
  }),
  switchStateChanged: (p) => ({ mark: p.up ? '✓' : '!', text: `switch ${p.switch} ${p.up ? 'up' : 'down'}` }),
  pathsChanged: (p) => ({
    mark: p.lost > 0 ? '!' : '✓',
    text:
      p.lost > 0
        ? `${p.lost} paths lost; cut off: ${p.unreachable.slice(0, 4).join(', ')}${p.unreachable.length > 4 ? ` and ${p.unreachable.length - 4} more` : ''}`
        : `${p.restored} paths restored`,
  }),
  serverStatusChanged: (p) => ({
    mark: p.status === 'running' ? '✓' : '!',
    text: `head node: ${p.server} ${p.statusBefore} → ${p.status}`,
  }),
  jobStateChanged: (p) =>
    p.execution === 'failed'
      ? { mark: '!', text: `${p.kind} of ${p.vm.slice(0, 8)} failed: ${p.error}` }
      : undefined,
};

/** The line a fact makes, if an operator would care. */
export function tell(fact: HostFact): StoryLine | undefined {
  const teller = tellers[fact.kind] as Teller<FactKind> | undefined;
  const told = teller?.(fact.payload, fact);
  if (told === undefined) return undefined;
  const slash = fact.address.indexOf('/');
  const first = fact.address.slice(0, slash < 0 ? undefined : slash);
  const where =
    first === 'fm' ? fact.address.split('/')[1] : first === 'switch' || first === 'uplink' ? 'net' : first;
  return { time: fact.time, where, mark: told.mark, text: told.text, source: told.source ?? '' };
}

/** Ereports of one class and part, and zones of one node changing to one state, told once as a count. */
export class StoryTeller {
  private readonly print: (line: StoryLine) => void;
  private readonly crowds = new Map<string, { line: StoryLine; count: number; until: number }>();

  constructor(print: (line: StoryLine) => void) {
    this.print = print;
  }

  observe(fact: HostFact): void {
    if (this.crowds.size > 0) this.flush(fact.time);
    if (fact.kind === 'ereportPosted') this.addEreport(fact);
    else if (fact.kind === 'zoneStateChanged') this.addZone(fact);
    else {
      const line = tell(fact);
      if (line !== undefined) {
        this.flush(Infinity);
        this.print(line);
      }
    }
  }

  /** Prints the crowds that ended before `time`; Infinity: all. */
  flush(time: number): void {
    for (const [key, crowd] of this.crowds) {
      if (crowd.until > time) continue;
      this.crowds.delete(key);
      this.print({ ...crowd.line, text: crowd.line.text.replace('{n}', String(crowd.count)) });
    }
  }

  private join(key: string, line: StoryLine, count: number, lasts: number): void {
    const crowd = this.crowds.get(key);
    if (crowd === undefined) this.crowds.set(key, { line, count, until: line.time + lasts });
    else crowd.count += count;
  }

  private addEreport(fact: HostFact): void {
    const { class: name, detector, count } = fact.payload as Facts['ereportPosted'];
    const text = `${name} (${partOf(detector)}) × {n}`;
    this.join(
      `${name} ${detector}`,
      { time: fact.time, where: detector.split('/')[0], mark: '!', text, source: '' },
      count,
      60e9,
    );
  }

  private addZone(fact: HostFact): void {
    const { zoneState, zoneStateBefore } = fact.payload as Facts['zoneStateChanged'];
    if (zoneState !== 'running' && zoneState !== 'installed') return;
    if (zoneStateBefore === 'configured' || zoneStateBefore === 'incomplete') return;
    const where = fact.address.split('/')[0];
    const what = zoneState === 'running' ? 'running' : 'stopped';
    const line: StoryLine = {
      time: fact.time,
      where,
      mark: what === 'running' ? '✓' : ' ',
      text: `{n} zones ${what}`,
      source: '',
    };
    this.join(`${where} ${what}`, line, 1, 5e9);
  }
}
