/** One fact as the line that an operator would tell of it; facts that nobody cares about have none. */
import { formatBytes, formatNs, formatParam } from '@orrery/spec';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import { catalogue } from '../services.ts';

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

type Told = { mark: Mark; text: string; source?: string };
type Teller<K extends FactKind> = (payload: Facts[K], fact: HostFact) => Told | undefined;

/** ` mode=errors`, each as its unit is written. */
function paramsOf({ kind, params }: Facts['faultInjected']): string {
  const known = catalogue.faults.find((row) => row.kind === kind)?.params ?? [];
  return params
    .filter((param) => param.text !== '' || param.number !== 0)
    .map((param) => ` ${param.name}=${formatParam(known, param)}`)
    .join('');
}

/** Address without its node: `disk c0t2d0`. */
export function partOf(target: string): string {
  const [first, ...rest] = target.split('/');
  return rest.length === 0 ? target : first === 'uplink' ? target.replace('/', ' ') : rest.join(' ');
}

/** At most four names: `cn-0001, cn-0002 and 5 more`. */
export function someOf(names: readonly string[]): string {
  const shown = names.slice(0, 4).join(', ');
  return names.length > 4 ? `${shown} and ${names.length - 4} more` : shown;
}

const aux = (text: string) => (text === '' ? '' : ` (${text})`);
const failedStates: readonly string[] = ['hung', 'off'];

/** A mirror or raidz whose state only follows from its disks': the disk's line and the pool's say it. */
export const isInterior = (vdev: string) => /^(mirror|raidz[123]|spare|replacing)-\d+$/.test(vdev);

const tellers: { [K in FactKind]?: Teller<K> } = {
  commandAccepted: (p) => (p.kind === 'vm' ? { mark: '+', text: p.text, source: p.askedBy } : undefined),
  faultInjected: (p) => ({
    mark: '✗',
    text: `${p.faultId} ${p.kind}${paramsOf(p)} on ${partOf(p.target)}`,
    source: p.askedBy,
  }),
  faultReverted: (p) => ({
    mark: '+',
    text: `${p.faultId} ${p.kind} reverted on ${partOf(p.target)}`,
    source: p.askedBy,
  }),
  partRepaired: (p) => ({ mark: '+', text: `${p.kind} ${partOf(p.target)}`, source: p.askedBy }),
  tunableChanged: (p) => ({ mark: '+', text: `mdb -kw: ${p.name} = ${p.value}`, source: p.askedBy }),
  nodeStateChanged: (p) =>
    p.state === 'panicked'
      ? undefined
      : {
          mark: p.state === 'running' ? '✓' : failedStates.includes(p.state) ? '!' : ' ',
          text: `node ${p.stateBefore} → ${p.state}${aux(p.reason)}`,
        },
  nodePanicked: (p) => ({ mark: '!', text: `kernel panic: ${p.message}` }),
  zoneBooted: (p) => ({ mark: '✓', text: `zone ${p.alias} up in ${formatNs(p.tookNs)}` }),
  syslogWritten: (p) => ({ mark: ' ', text: p.text }),
  cpuStateChanged: (p) => ({ mark: p.state === 'on-line' ? '✓' : '!', text: `cpu ${p.cpu} ${p.state}` }),
  cpuCapChanged: (p) =>
    p.cap < p.before
      ? { mark: '!', text: burstText(p) }
      : { mark: '✓', text: `zone ${p.alias} has its full CPU cap of ${p.cap} % again` },
  psuStateChanged: (p) => ({
    mark: p.ok ? '✓' : '!',
    text: `PSU ${p.psu} ${p.ok ? 'ok' : 'failed'}, ${p.working} working`,
  }),
  vdevStateChanged: (p) =>
    isInterior(p.vdev)
      ? undefined
      : {
          mark: p.state === 'ONLINE' ? '✓' : '!',
          text: `${p.pool}: ${p.vdev} ${p.stateBefore} → ${p.state}${aux(p.aux)}`,
        },
  poolStateChanged: (p) => ({
    mark: p.state === 'ONLINE' ? '✓' : '!',
    text: `pool ${p.pool} ${p.stateBefore} → ${p.state}`,
  }),
  spareActivated: (p) => ({ mark: ' ', text: `${p.pool}: spare ${p.spare} in use for ${p.original}` }),
  spareReturned: (p) => ({ mark: '✓', text: `${p.pool}: spare ${p.spare} AVAIL` }),
  // A log holds nothing that a new one would need: its resilver is over as it begins.
  resilverStarted: (p) =>
    p.bytes === 0
      ? undefined
      : { mark: ' ', text: `${p.pool}: resilver of ${formatBytes(p.bytes)} onto ${p.vdev} begins` },
  resilverFinished: (p) => ({
    mark: '✓',
    text:
      p.bytes === 0
        ? `${p.pool}: ${p.vdev} is in use, with nothing to resilver`
        : `${p.pool}: resilvered ${formatBytes(p.bytes)} in ${formatNs(p.tookNs)}, ${p.errors} errors`,
  }),
  dataLost: (p) => ({ mark: '✗', text: `${p.pool}: ${p.path} is damaged` }),
  blockHealed: (p) => ({ mark: '✓', text: `${p.pool}: ${healedText(p.blocks, p)}` }),
  poolSuspendedFact: (p) => ({
    mark: p.suspended ? '✗' : '✓',
    text: `pool ${p.pool} ${p.suspended ? 'suspended: no I/O is served' : 'serves again'}`,
  }),
  poolWasImported: (p) => ({
    mark: ' ',
    text: `${p.pool} imported in ${formatNs(p.tookNs)}, ${formatBytes(p.zilReplayedBytes)} of ZIL replayed`,
  }),
  suspectListed: (p, fact) => (p.message ? { mark: '!', text: suspectsText(p, fact) } : undefined),
  caseStateChanged: (p) =>
    p.state === 'REPAIRED' ? { mark: '✓', text: `case ${p.uuid.slice(0, 8)} ${p.code} repaired` } : undefined,
  linkStateChanged: (p) => ({
    mark: p.up ? '✓' : '!',
    text: `link ${partOf(p.link)} ${p.up ? 'up' : 'down'}`,
  }),
  linkLossChanged: (p) => ({
    mark: p.lossPerMillion > 0 ? '!' : '✓',
    text: `link ${partOf(p.link)} loses ${p.lossPerMillion / 10_000} % of packets`,
  }),
  switchStateChanged: (p) => ({
    mark: p.up ? '✓' : '!',
    text: `switch ${p.switch.replace(/^switch\//, '')} ${p.up ? 'up' : 'down'}`,
  }),
  pathsChanged: (p) => ({
    mark: p.lost > 0 ? '!' : '✓',
    text:
      p.lost > 0
        ? `${p.lost} paths lost${p.unreachable.length > 0 ? `; cut off: ${someOf(p.unreachable)}` : ''}`
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

function suspectsText(p: Facts['suspectListed'], fact: HostFact): string {
  const suspects = p.suspects.map((s) => `${s.class} ${s.certainty} %, ${partOf(s.resource)}`).join('; ');
  const after =
    p.firstEreportAt > 0 ? ` (${formatNs(fact.time - p.firstEreportAt)} after the first ereport)` : '';
  return `fmd ${p.code} ${p.severity}: ${suspects}${after}`;
}

export function burstText(p: Facts['cpuCapChanged']): string {
  return `zone ${p.alias} has used up its burst time of ${formatNs(p.burstNs)}: held to its CPU baseline of ${p.cap} %`;
}

export function healedText(count: number, healed: Facts['blockHealed'], more = false): string {
  const blocks = more ? `${count} more` : count;
  const plural = count === 1 ? '' : 's';
  const what = healed.metadata ? `metadata block${plural}` : `block${plural}`;
  const from = healed.metadata ? 'the ditto copy' : 'the good copy';
  return `${blocks} ${what} of ${healed.disk} healed from ${from}`;
}

/** The node, `net` or `headnode` that a fact's actor belongs to. */
export function whereOf(address: string): string {
  const [first = '', second = ''] = address.split('/');
  if (first === 'fm') return second;
  if (first === 'switch' || first === 'uplink') return 'net';
  return first === 'outside' ? 'headnode' : first;
}

/** The line a fact makes, if an operator would care. */
export function tell(fact: HostFact): StoryLine | undefined {
  const teller = tellers[fact.kind] as Teller<FactKind> | undefined;
  const told = teller?.(fact.payload, fact);
  if (told === undefined) return undefined;
  const where = whereOf(fact.address);
  return { time: fact.time, where, mark: told.mark, text: told.text, source: told.source ?? '' };
}
