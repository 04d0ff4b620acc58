/** The time line: what was in which state from when to when, a lane for each fault and each part that changed. */
import { MS } from '@orrery/kernel';
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import type { Scenario } from '@orrery/spec';
import type { Lane, Marker, Tone } from './model.ts';

/** Lanes shown: more than an eye takes in. */
const LANES_MAX = 40;
/** Segments kept a lane: a flapping link has no end of them. */
const SEGMENTS_MAX = 500;

interface OpenSegment {
  from: number;
  text: string;
  tone: Tone;
}

interface OpenLane {
  name: string;
  order: number;
  segments: { from: number; to: number; text: string; tone: Tone }[];
  open: OpenSegment | undefined;
}

export interface Lanes {
  byKey: Map<string, OpenLane>;
  markers: Marker[];
  /** Zones that are not running, by node. */
  zonesDown: Map<string, Set<string>>;
  /** What a node's lane shows before its first change. */
  first: { text: string; tone: Tone };
}

export function createLanes(scenario: Scenario): Lanes {
  const runs = scenario.datacenter.start === 'running';
  const first: Lanes['first'] = runs ? { text: 'running', tone: 'good' } : { text: 'off', tone: 'bad' };
  return { byKey: new Map(), markers: [], zonesDown: new Map(), first };
}

/** Order of the kinds of lane on the page. */
const Order = {
  fault: 0,
  node: 1,
  zones: 2,
  head: 3,
  pool: 4,
  vdev: 5,
  resilver: 6,
  net: 7,
  case: 8,
} as const;

function seconds(ns: number): number {
  return Math.round(ns / MS) / 1_000;
}

/** Ends what a lane shows and, with a text, begins something else. `before` is what it showed from the run's start on. */
function change(
  lanes: Lanes,
  key: string,
  lane: { name: string; order: number; before?: { text: string; tone: Tone } },
  time: number,
  next?: { text: string; tone: Tone },
): void {
  let row = lanes.byKey.get(key);
  if (row === undefined) {
    const open = lane.before === undefined ? undefined : { from: 0, ...lane.before };
    row = { name: lane.name, order: lane.order, segments: [], open };
    lanes.byKey.set(key, row);
  }
  if (row.open !== undefined && row.segments.length < SEGMENTS_MAX)
    row.segments.push({ ...row.open, to: seconds(time) });
  row.open = next === undefined ? undefined : { from: seconds(time), ...next };
}

const nodeTones: Readonly<Record<string, Tone>> = {
  running: 'good',
  post: 'busy',
  netboot: 'busy',
  booting: 'busy',
  dumping: 'busy',
};

const poolTones: Readonly<Record<string, Tone>> = { ONLINE: 'good', DEGRADED: 'busy' };

function host(address: string): string {
  return address.split('/')[0];
}

function leaf(address: string): string {
  return address.slice(address.lastIndexOf('/') + 1);
}

type Drawer<K extends FactKind> = (lanes: Lanes, payload: Facts[K], fact: HostFact) => void;

const good = { text: 'ONLINE', tone: 'good' } as const;

const faultDrawers: { [K in FactKind]?: Drawer<K> } = {
  faultInjected: (lanes, { faultId, kind, target }, { time }) => {
    const name = `${faultId} ${kind}`;
    change(lanes, `fault ${faultId}`, { name, order: Order.fault }, time, { text: target, tone: 'fault' });
    lanes.markers.push({ time: seconds(time), text: faultId });
  },
  faultReverted: (lanes, { faultId, kind }, { time }) => {
    change(lanes, `fault ${faultId}`, { name: `${faultId} ${kind}`, order: Order.fault }, time);
  },
  partRepaired: (lanes, { target }, { time }) => {
    for (const [key, lane] of lanes.byKey) {
      if (lane.order === Order.fault && lane.open?.text === target) change(lanes, key, lane, time);
    }
  },
  suspectListed: (lanes, { uuid, code, message }, { time, address }) => {
    if (!message) return;
    const name = `case ${code}`;
    const text = `${address.split('/')[1] ?? ''} ${uuid.slice(0, 8)}`;
    change(lanes, `case ${uuid}`, { name, order: Order.case }, time, { text, tone: 'case' });
  },
  caseStateChanged: (lanes, { uuid, state }, { time }) => {
    const key = `case ${uuid}`;
    const lane = lanes.byKey.get(key);
    if (lane !== undefined && (state === 'REPAIRED' || state === 'RESOLVED')) change(lanes, key, lane, time);
  },
};

const machineDrawers: { [K in FactKind]?: Drawer<K> } = {
  nodeStateChanged: (lanes, { state }, { time, address }) => {
    const lane = { name: address, order: Order.node, before: lanes.first };
    change(lanes, `node ${address}`, lane, time, { text: state, tone: nodeTones[state] ?? 'bad' });
  },
  zoneStateChanged: (lanes, { uuid, zoneState, zoneStateBefore }, { time, address }) => {
    const node = host(address);
    let down = lanes.zonesDown.get(node);
    if (down === undefined) lanes.zonesDown.set(node, (down = new Set()));
    const before = down.size;
    if (zoneState === 'running') down.delete(uuid);
    else if (zoneStateBefore === 'running') down.add(uuid);
    if (down.size === before) return;
    const next = down.size === 0 ? undefined : { text: `${down.size} down`, tone: 'bad' as const };
    change(lanes, `zones ${node}`, { name: `${node} VMs`, order: Order.zones }, time, next);
  },
  serverStatusChanged: (lanes, { server, status }, { time }) => {
    const lane = { name: `${server} heartbeat`, order: Order.head };
    change(
      lanes,
      `head ${server}`,
      lane,
      time,
      status === 'running' ? undefined : { text: status, tone: 'bad' },
    );
  },
  poolStateChanged: (lanes, { pool, state }, { time, address }) => {
    const lane = { name: `${host(address)} pool ${leaf(pool)}`, order: Order.pool, before: good };
    change(lanes, `pool ${address}`, lane, time, { text: state, tone: poolTones[state] ?? 'bad' });
  },
  vdevStateChanged: (lanes, { vdev, state }, { time, address }) => {
    const isFine = state === 'ONLINE' || state === 'AVAIL' || state === 'INUSE';
    const key = `vdev ${address} ${vdev}`;
    if (isFine && !lanes.byKey.has(key)) return;
    const lane = { name: `${host(address)} disk ${leaf(vdev)}`, order: Order.vdev };
    change(
      lanes,
      key,
      lane,
      time,
      isFine ? undefined : { text: state, tone: state === 'DEGRADED' ? 'busy' : 'bad' },
    );
  },
  resilverStarted: (lanes, { vdev }, { time, address }) => {
    const lane = { name: `${host(address)} resilver`, order: Order.resilver };
    change(lanes, `resilver ${address}`, lane, time, { text: `onto ${leaf(vdev)}`, tone: 'busy' });
  },
  resilverFinished: (lanes, _payload, { time, address }) => {
    const lane = { name: `${host(address)} resilver`, order: Order.resilver };
    change(lanes, `resilver ${address}`, lane, time);
  },
};

const netDrawers: { [K in FactKind]?: Drawer<K> } = {
  linkStateChanged: (lanes, { link, up }, { time }) => {
    change(
      lanes,
      `link ${link}`,
      { name: link, order: Order.net },
      time,
      up ? undefined : { text: 'down', tone: 'bad' },
    );
  },
  linkLossChanged: (lanes, { link, lossPerMillion }, { time }) => {
    const text = `${lossPerMillion / 10_000} % lost`;
    const next = lossPerMillion === 0 ? undefined : { text, tone: 'busy' as const };
    change(lanes, `loss ${link}`, { name: `${link} loss`, order: Order.net }, time, next);
  },
  switchStateChanged: (lanes, payload, { time }) => {
    const next = payload.up ? undefined : { text: 'down', tone: 'bad' as const };
    change(lanes, `switch ${payload.switch}`, { name: payload.switch, order: Order.net }, time, next);
  },
};

const drawers: { [K in FactKind]?: Drawer<K> } = { ...faultDrawers, ...machineDrawers, ...netDrawers };

export function observeLanes(lanes: Lanes, fact: HostFact): void {
  const draw = drawers[fact.kind] as Drawer<FactKind> | undefined;
  draw?.(lanes, fact.payload, fact);
}

/** Finished lanes, what matters most first. @param end the run's end, s */
export function finishLanes(lanes: Lanes, end: number): { lanes: Lane[]; leftOut: number } {
  const rows = [...lanes.byKey.values()]
    .map(({ name, order, segments, open }) => ({
      name,
      order,
      segments: open === undefined ? segments : [...segments, { ...open, to: end }],
    }))
    .filter((row) => row.segments.length > 0);
  const begin = (row: (typeof rows)[number]) => row.segments[row.segments[0].from === 0 ? 1 : 0]?.from ?? 0;
  rows.sort((a, b) => a.order - b.order || begin(a) - begin(b));
  const shown = rows.slice(0, LANES_MAX).map(({ name, segments }) => ({ name, segments }));
  return { lanes: shown, leftOut: rows.length - shown.length };
}
