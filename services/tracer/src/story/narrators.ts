/** What each kind of fact means to a fault's story: storage, fma and the fault itself. */
import type { FactKind, Facts } from '@orrery/proto';
import { hostOf, leafOf, partOf, serviceAt } from '../address.ts';
import type { ObservedFact } from './fact.ts';
import {
  closePhase,
  type Library,
  markFixed,
  openPhase,
  type PhaseStart,
  tellPoint,
  touchPhase,
} from './library.ts';
import { addEvent, type Ereport, type Story } from './story.ts';

/** Told once the story of a fact is known. */
export type Narrator<K extends FactKind> = (library: Library, story: Story, fact: ObservedFact<K>) => void;
export type Narrators = { readonly [K in FactKind]?: Narrator<K> };

/** A phase that begins with this fact, on its host. */
export function from(
  fact: ObservedFact,
  key: string,
  name: string,
  rest: Partial<PhaseStart> = {},
): PhaseStart {
  return {
    key,
    name,
    service: serviceAt(fact.address),
    time: fact.time,
    host: hostOf(fact.address),
    ...rest,
  };
}

/** Ereports kept for a diagnosis that may come. */
const EREPORTS_MAX = 64;

function tellDiagnosis(library: Library, story: Story, fact: ObservedFact<'suspectListed'>): void {
  const { uuid, code, severity, engine, suspects, firstEreportAt } = fact.payload;
  const attributes = {
    'smartos.fma.code': code,
    'smartos.fma.severity': severity,
    'smartos.fma.case': uuid,
    'smartos.fma.engine': engine,
    'smartos.fma.suspects': suspects.map((s) => `${s.class} ${s.certainty}% ${s.resource}`).join('; '),
  };
  const told = story.ereports.filter((ereport) => ereport.time >= firstEreportAt);
  const first = firstEreportAt > 0 ? firstEreportAt : (told[0]?.time ?? fact.time);
  const phase = tellPoint(
    library,
    story,
    from(fact, `diagnose:${uuid}`, `diagnose ${code}`, { attributes }),
    first,
  );
  for (const ereport of told) addEvent(phase, ereportEvent(ereport));
  story.ereports = [];
  openPhase(library, story, from(fact, `case:${uuid}`, `case ${code}`, { attributes: { ...attributes } }));
}

function ereportEvent(ereport: Ereport) {
  const attributes = { 'smartos.fma.detector': ereport.detector, 'smartos.count': ereport.count };
  return { time: ereport.time, name: ereport.class, attributes };
}

function tellVdev(library: Library, story: Story, fact: ObservedFact<'vdevStateChanged'>): void {
  const { pool, vdev, state, stateBefore, aux } = fact.payload;
  const key = vdevKey(fact.address, fact.payload);
  closePhase(library, key, fact.time);
  if (state === 'ONLINE' || state === 'AVAIL' || state === 'INUSE') return;
  const attributes = {
    'smartos.pool': pool,
    'smartos.vdev': vdev,
    'smartos.vdev.aux': aux,
    'smartos.before': stateBefore,
  };
  openPhase(library, story, from(fact, key, `${vdev} ${state}`, { attributes }));
}

function tellPool(library: Library, story: Story, fact: ObservedFact<'poolStateChanged'>): void {
  const { pool, state, stateBefore } = fact.payload;
  const key = poolKey(fact.address, pool);
  closePhase(library, key, fact.time);
  if (state === 'ONLINE') return;
  const attributes = { 'smartos.pool': pool, 'smartos.before': stateBefore };
  openPhase(library, story, from(fact, key, `${pool} ${state}`, { attributes }));
}

/** Keys of phases, by host and name, so that whoever reports the end finds the beginning. */
export function poolKey(address: string, pool: string): string {
  return `pool:${hostOf(address)}:${leafOf(pool)}`;
}

export function vdevKey(address: string, fact: Facts['vdevStateChanged']): string {
  return `vdev:${hostOf(address)}:${leafOf(fact.pool)}:${leafOf(fact.vdev)}`;
}

export function spareKey(address: string, fact: { pool: string; spare: string }): string {
  return `spare:${hostOf(address)}:${leafOf(fact.pool)}:${leafOf(fact.spare)}`;
}

export function resilverKey(address: string, pool: string): string {
  return `resilver:${hostOf(address)}:${leafOf(pool)}`;
}

export const faultNarrators: Narrators = {
  faultReverted: (library, story, fact) => {
    const attributes = { 'orrery.asked_by': fact.payload.askedBy };
    tellPoint(library, story, from(fact, 'revert', `revert ${story.faultId}`, { attributes }));
    markFixed(story, fact.time);
  },
  partRepaired: (library, story, fact) => {
    const attributes = { 'orrery.asked_by': fact.payload.askedBy, 'smartos.target': fact.payload.target };
    tellPoint(library, story, from(fact, 'repair', `repair ${fact.payload.kind}`, { attributes }));
    if (fact.payload.target === story.target) markFixed(story, fact.time);
  },
};

export const fmaNarrators: Narrators = {
  ereportPosted: (library, story, fact) => {
    const { class: name, detector, count } = fact.payload;
    if (story.ereports.length < EREPORTS_MAX)
      story.ereports.push({ time: fact.time, class: name, detector, count });
    touchPhase(
      library,
      story,
      from(fact, `ereports:${detector}`, `ereports of ${partOf(detector)}`),
      count,
      name,
    );
  },
  suspectListed: tellDiagnosis,
  caseStateChanged: (library, _story, fact) => {
    const { uuid, state, stateBefore } = fact.payload;
    const phase = library.open.get(`case:${uuid}`)?.phase;
    if (phase === undefined) return;
    addEvent(phase, { time: fact.time, name: state, attributes: { 'smartos.before': stateBefore } });
    if (state === 'REPAIRED' || state === 'RESOLVED') closePhase(library, phase.key, fact.time);
  },
  resourceRetired: (library, story, fact) => {
    const { caseUuid, resource, action } = fact.payload;
    const rest = {
      within: `case:${caseUuid}`,
      attributes: { 'smartos.resource': resource, 'smartos.fma.case': caseUuid },
    };
    tellPoint(library, story, from(fact, 'retire', `${action} ${partOf(resource)}`, rest));
  },
  fmdStateChanged: (library, story, fact) => {
    const key = `fmd:${hostOf(fact.address)}`;
    const phase = closePhase(library, key, fact.time);
    if (!fact.payload.running) openPhase(library, story, from(fact, key, 'fmd stopped'));
    else if (phase !== undefined) phase.attributes['smartos.fma.replayed'] = fact.payload.replayed;
  },
};

export const storageNarrators: Narrators = {
  vdevStateChanged: tellVdev,
  poolStateChanged: tellPool,
  poolSuspendedFact: (library, story, fact) => {
    const key = `suspended:${hostOf(fact.address)}:${leafOf(fact.payload.pool)}`;
    closePhase(library, key, fact.time);
    if (fact.payload.suspended) openPhase(library, story, from(fact, key, `${fact.payload.pool} suspended`));
  },
  spareActivated: (library, story, fact) => {
    const { pool, spare, original } = fact.payload;
    const attributes = { 'smartos.pool': pool, 'smartos.vdev': original };
    const rest = { within: poolKey(fact.address, pool), attributes };
    openPhase(
      library,
      story,
      from(fact, spareKey(fact.address, fact.payload), `spare ${spare} in use`, rest),
    );
  },
  spareReturned: (library, _story, fact) => {
    closePhase(library, spareKey(fact.address, fact.payload), fact.time);
  },
  resilverStarted: (library, story, fact) => {
    const { pool, vdev, bytes } = fact.payload;
    const attributes = { 'smartos.pool': pool, 'smartos.vdev': vdev, 'smartos.bytes': bytes };
    const rest = { within: poolKey(fact.address, pool), attributes };
    openPhase(library, story, from(fact, resilverKey(fact.address, pool), `resilver ${pool}`, rest));
  },
  resilverProgressed: (library, _story, fact) => {
    const phase = library.open.get(resilverKey(fact.address, fact.payload.pool))?.phase;
    const attributes = {
      'smartos.bytes.done': fact.payload.doneBytes,
      'smartos.bytes': fact.payload.totalBytes,
    };
    if (phase !== undefined) addEvent(phase, { time: fact.time, name: 'progress', attributes });
  },
  resilverFinished: (library, _story, fact) => {
    const phase = closePhase(library, resilverKey(fact.address, fact.payload.pool), fact.time);
    if (phase !== undefined) phase.attributes['smartos.errors'] = fact.payload.errors;
  },
  diskErrored: (library, story, fact) => {
    const { disk, kind, count } = fact.payload;
    touchPhase(
      library,
      story,
      from(fact, `errors:${fact.address}`, `errors of ${leafOf(disk)}`),
      count,
      kind,
    );
  },
  blockHealed: (library, story, fact) => {
    const { pool, disk, blocks } = fact.payload;
    touchPhase(
      library,
      story,
      from(fact, `healed:${fact.address}:${disk}`, `heal ${pool}`),
      blocks,
      `healed on ${disk}`,
    );
  },
  dataLost: (library, story, fact) => {
    const { pool, dataset, path, blocks } = fact.payload;
    const attributes = { 'smartos.dataset': dataset, 'smartos.file': path, 'smartos.count': blocks };
    const error = `permanent errors: ${path}`;
    tellPoint(library, story, from(fact, 'lost', `${pool} loses data`, { attributes, error }));
  },
  poolWasImported: (library, story, fact) => {
    const { pool, state, zilReplayedBytes, tookNs } = fact.payload;
    const attributes = { 'smartos.pool.state': state, 'smartos.zil.replayed_bytes': zilReplayedBytes };
    const rest = { attributes, within: `node:${hostOf(fact.address)}` };
    tellPoint(library, story, from(fact, 'import', `import ${pool}`, rest), Math.max(0, fact.time - tookNs));
  },
  diskReplaced: (library, story, fact) => {
    const attributes = { 'smartos.serial': fact.payload.serial };
    tellPoint(
      library,
      story,
      from(fact, 'replaced', `${leafOf(fact.payload.disk)} replaced`, { attributes }),
    );
  },
};
