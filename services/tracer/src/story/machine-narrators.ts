/** What each kind of fact means to a fault's story: nodes, zones, network and head node. */
import { hostOf, leafOf } from '../address.ts';
import type { ObservedFact } from './fact.ts';
import { closePhase, type Library, openPhase, tellPoint, touchPhase } from './library.ts';
import { from, type Narrators } from './narrators.ts';
import { addEvent, type Story } from './story.ts';

const stateNames: Readonly<Record<string, string>> = {
  post: 'POST',
  netboot: 'network boot',
  booting: 'boot',
  panicked: 'panic',
  dumping: 'dump',
};

function tellNode(library: Library, story: Story, fact: ObservedFact<'nodeStateChanged'>): void {
  const { state, reason } = fact.payload;
  const host = hostOf(fact.address);
  closePhase(library, `nodestate:${host}`, fact.time);
  if (state === 'running') {
    closePhase(library, `node:${host}`, fact.time);
    return;
  }
  const attributes = { 'smartos.reason': reason };
  if (!library.open.has(`node:${host}`)) {
    openPhase(library, story, from(fact, `node:${host}`, 'node down', { error: reason, attributes }));
  }
  const rest = { within: `node:${host}`, attributes: { ...attributes } };
  openPhase(library, story, from(fact, `nodestate:${host}`, stateNames[state] ?? state, rest));
}

function tellZone(library: Library, story: Story, fact: ObservedFact<'zoneStateChanged'>): void {
  const { uuid, alias, zoneState, zoneStateBefore, state, reason } = fact.payload;
  const key = `zone:${uuid}`;
  if (zoneState === 'running') {
    closePhase(library, key, fact.time);
    return;
  }
  const phase = library.open.get(key)?.phase;
  if (phase !== undefined) {
    addEvent(phase, { time: fact.time, name: zoneState, attributes: { 'smartos.vm.state': state } });
  } else if (zoneStateBefore === 'running') {
    const attributes = { 'smartos.vm.uuid': uuid, 'smartos.vm.alias': alias, 'smartos.reason': reason };
    openPhase(library, story, from(fact, key, `${alias} down`, { attributes }));
  }
}

function tellPaths(library: Library, story: Story, fact: ObservedFact<'pathsChanged'>): void {
  const { lost, restored, unreachable } = fact.payload;
  const key = `paths:${story.faultId}`;
  if (lost > 0) {
    for (const endpoint of unreachable) {
      if (endpoint.startsWith('cn-') && !story.hosts.includes(endpoint)) story.hosts.push(endpoint);
    }
    const attributes = { 'smartos.paths.lost': lost, 'smartos.unreachable': unreachable.join(' ') };
    if (!library.open.has(key)) openPhase(library, story, from(fact, key, 'paths lost', { attributes }));
  }
  const phase = library.open.get(key)?.phase;
  if (phase === undefined) return;
  addEvent(phase, { time: fact.time, name: 'paths', attributes: { lost, restored } });
  if (restored > 0 && unreachable.length === 0) closePhase(library, key, fact.time);
}

export const computeNarrators: Narrators = {
  nodeStateChanged: tellNode,
  nodePanicked: (library, story, fact) => {
    const { message } = fact.payload;
    const rest = {
      error: message,
      within: `node:${hostOf(fact.address)}`,
      attributes: { 'smartos.panic': message },
    };
    tellPoint(library, story, from(fact, 'panic', 'kernel panic', rest));
  },
  zoneStateChanged: tellZone,
  cpuStateChanged: (library, story, fact) => {
    const key = `cpu:${hostOf(fact.address)}:${fact.payload.cpu}`;
    closePhase(library, key, fact.time);
    if (fact.payload.state === 'on-line') return;
    openPhase(library, story, from(fact, key, `CPU ${fact.payload.cpu} ${fact.payload.state}`));
  },
  pageRetired: (library, story, fact) => {
    const { dimm } = fact.payload;
    const start = from(fact, `pages:${fact.address}:${dimm}`, `retire pages of DIMM ${leafOf(dimm)}`);
    touchPhase(library, story, start, 1, 'page retired');
  },
  psuStateChanged: (library, story, fact) => {
    const key = `psu:${hostOf(fact.address)}:${leafOf(fact.payload.psu)}`;
    closePhase(library, key, fact.time);
    if (fact.payload.ok) return;
    openPhase(library, story, from(fact, key, `PSU ${leafOf(fact.payload.psu)} failed`));
  },
  syslogWritten: (_library, story, fact) => {
    const last = [...story.open.values()].at(-1);
    if (last !== undefined)
      addEvent(last, { time: fact.time, name: 'syslog', attributes: { 'log.text': fact.payload.text } });
  },
};

export const netNarrators: Narrators = {
  linkStateChanged: (library, story, fact) => {
    const { link, up } = fact.payload;
    closePhase(library, `link:${link}`, fact.time);
    if (!up)
      openPhase(
        library,
        story,
        from(fact, `link:${link}`, `link ${link} down`, { service: 'net', host: hostOf(link) }),
      );
  },
  linkLossChanged: (library, story, fact) => {
    const { link, lossPerMillion } = fact.payload;
    closePhase(library, `loss:${link}`, fact.time);
    if (lossPerMillion === 0) return;
    const attributes = { 'smartos.loss_per_million': lossPerMillion };
    const rest = { service: 'net' as const, host: hostOf(link), attributes };
    openPhase(library, story, from(fact, `loss:${link}`, `link ${link} loses packets`, rest));
  },
  switchStateChanged: (library, story, fact) => {
    const key = `switch:${fact.payload.switch}`;
    closePhase(library, key, fact.time);
    if (!fact.payload.up)
      openPhase(library, story, from(fact, key, `switch ${leafOf(fact.payload.switch)} down`));
  },
  pathsChanged: tellPaths,
};

export const headnodeNarrators: Narrators = {
  serverStatusChanged: (library, story, fact) => {
    const { server, status, lastHeartbeat } = fact.payload;
    const key = `server:${server}`;
    closePhase(library, key, fact.time);
    if (status === 'running') return;
    const attributes = { 'smartos.server': server, 'smartos.last_heartbeat_ns': lastHeartbeat };
    openPhase(library, story, from(fact, key, `server ${status}`, { host: hostOf(server), attributes }));
  },
};
