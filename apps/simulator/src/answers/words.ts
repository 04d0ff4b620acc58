/** A fact in an operator's words: the story's own, or, where the story is silent, its own short ones. */
import { formatNs } from '@orrery/spec';
import type { FactKind, Facts } from '@orrery/proto';
import { tell } from '../observe/tellers.ts';
import type { HostFact } from '@orrery/actor';
import { isKind, type Fact } from './fact.ts';
import { saidOf } from './history.ts';
import { partName } from './part-name.ts';

type Words = { [K in FactKind]?: (fact: Fact<K>) => string };

const own: Words = {
  faultInjected: ({ payload: { faultId, kind, target } }) => `fault ${faultId} ${kind}, ${partName(target)}`,
  ereportPosted: ({ payload: { class: name, detector, count } }) =>
    `${name}, ${partName(detector)}${count > 1 ? ` × ${count}` : ''}`,
  commandAccepted: ({ payload }) => `asked for: ${payload.text === '' ? payload.kind : payload.text}`,
  partRepaired: ({ payload }) => `${payload.kind} ${partName(payload.target)}`,
  nodeStateChanged: ({ payload }) => nodeWords(payload.stateBefore, payload.state, payload.reason),
  zoneStateChanged: ({ payload }) => zoneWords(payload),
  vdevStateChanged: ({ payload: { pool, vdev, stateBefore, state, aux } }) =>
    `${pool}: ${vdev} ${stateBefore} → ${state}${because(aux)}`,
  suspectListed: ({ time, payload: { code, severity, suspects, firstEreportAt, message } }) =>
    `fmd${message ? '' : ', quietly'}: ${code} ${severity}: ` +
    suspects.map((suspect) => `${suspect.class}, ${partName(suspect.resource)}`).join('; ') +
    (firstEreportAt > 0 ? `, ${formatNs(time - firstEreportAt)} after the first ereport` : ''),
  diskErrored: ({ payload: { disk, kind, count } }) => `disk ${lastWord(disk)}: ${count} × ${kind} error`,
  resourceRetired: ({ payload }) => `fmd: ${partName(payload.resource)} retired (${payload.action})`,
  caseStateChanged: ({ payload }) => `case ${payload.uuid.slice(0, 8)} ${payload.code} ${payload.state}`,
  fmdStateChanged: ({ payload }) => `fmd ${payload.running ? 'runs' : 'stopped'}`,
  resilverProgressed: ({ payload: { pool, vdev, doneBytes, totalBytes } }) =>
    `${pool}: resilver of ${vdev} ${percent(doneBytes, totalBytes)}`,
  jobStateChanged: ({ payload: { kind, vm, execution, error } }) =>
    `${kind} of ${vm.slice(0, 8)} ${execution}${error === '' ? '' : `: ${error}`}`,
  jobStepFinished: ({ payload }) => stepWords(payload),
  vmStateReported: ({ payload }) =>
    `the head node hears that ${payload.uuid.slice(0, 8)} is ${payload.state}`,
  txgSyncedFact: ({ payload }) => `${payload.pool}: txg ${payload.txg} synced in ${formatNs(payload.tookNs)}`,
  diskReplaced: ({ payload: { disk } }) => `a new disk is in the bay of ${lastWord(disk)}`,
  blockHealed: ({ payload }) => `${payload.pool}: ${payload.blocks} blocks healed on ${payload.disk}`,
};

export function wordsOf(fact: Fact): string {
  const words = own[fact.kind] as ((fact: Fact) => string) | undefined;
  if (words !== undefined) return words(fact);
  return tell(fact as unknown as HostFact)?.text ?? fact.kind;
}

export function percent(part: number, whole: number): string {
  return `${whole === 0 ? 100 : Math.floor((part * 100) / whole)} %`;
}

function zoneWords(payload: Facts['zoneStateChanged']): string {
  const { alias, uuid, zoneState, state, reason } = payload;
  const plain = zoneState === state || zoneState === 'installed';
  return `${alias === '' ? uuid.slice(0, 8) : alias} ${saidOf(payload)}${plain ? '' : ` (zone ${zoneState})`}${because(reason)}`;
}

const stepNames: Readonly<Record<string, string>> = {
  allocation_ticket: 'waited for the allocation ticket, one VM at a time',
  vm_ticket: 'waited for its turn, one job of a VM at a time',
  ensure_image: 'waited for its image',
  clone: 'cloned its dataset',
  configure: 'configured the zone',
  boot: 'booted the zone',
};

/** A step of a job, and how long it took. */
export function stepWords({ step, tookNs, detail }: Facts['jobStepFinished']): string {
  return `${stepNames[step] ?? step}: ${formatNs(tookNs)}${detail === '' ? '' : ` (${detail})`}`;
}

const phases: Readonly<Record<string, string>> = {
  off: 'power is gone',
  post: 'POST begins',
  netboot: 'asks for its platform',
  booting: 'the kernel boots',
  running: 'multi-user',
  hung: 'the kernel hangs: nothing moves, no heartbeat',
  panicked: 'the kernel panics',
  dumping: 'dumps to zones/dump',
};

function nodeWords(before: string, state: string, reason: string): string {
  return `${phases[state] ?? `${before} → ${state}`}${reason === 'hang' ? '' : because(reason)}`;
}

function because(reason: string): string {
  return reason === '' ? '' : ` (${reason})`;
}

function lastWord(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1);
}

/** The part that a fact is about, as an address. */
export function partOf(fact: Fact): string {
  if (isKind(fact, 'ereportPosted')) return fact.payload.detector;
  if (isKind(fact, 'suspectListed')) return fact.payload.suspects[0]?.resource ?? fact.address;
  if (isKind(fact, 'faultInjected') || isKind(fact, 'partRepaired')) return fact.payload.target;
  if (isKind(fact, 'commandAccepted')) return fact.payload.target;
  if (isKind(fact, 'psuStateChanged')) return `${fact.address}/psu/${lastWord(fact.payload.psu)}`;
  if (isKind(fact, 'cpuStateChanged')) return `${fact.address}/cpu/${fact.payload.cpu}`;
  if (isKind(fact, 'pageRetired')) return `${fact.address}/dimm/${lastWord(fact.payload.dimm)}`;
  if (isKind(fact, 'resourceRetired')) return fact.payload.resource;
  if (isKind(fact, 'diskErrored') && fact.payload.disk !== '')
    return diskAddress(fact.address, fact.payload.disk);
  if (isKind(fact, 'vdevStateChanged')) return diskAddress(fact.address, fact.payload.vdev);
  return fact.address;
}

function diskAddress(address: string, disk: string): string {
  const node = address.split('/')[0] ?? '';
  return disk.includes('/') ? disk : `${node}/disk/${disk}`;
}
