/** What each fault brought about: the facts whose chain of causes goes back to its injection, in few words. */
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import { formatNs } from '@orrery/spec';
import { isInterior } from './tellers.ts';

interface Effects {
  /** Since when the node it struck is down, ns; −1: it is not. */
  downSince: number;
  downNode: string;
  downNs: number;
  zonesStopped: number;
  pools: Set<string>;
  /** Disks of pools, and the state that each was last brought to. */
  vdevs: Map<string, string>;
  spares: number;
  resilvers: number;
  healed: number;
  filesLost: number;
  links: Set<string>;
  cutOff: Set<string>;
  cpus: number;
  pages: number;
}

type Note<K extends FactKind> = (effects: Effects, payload: Facts[K], fact: HostFact) => void;

const noted: { [K in FactKind]?: Note<K> } = {
  nodeStateChanged: (effects, { state }, { time, address }) => {
    if (effects.downSince >= 0 || state === 'running') return;
    effects.downSince = time;
    effects.downNode = address;
  },
  zoneStateChanged: (effects, { zoneState, zoneStateBefore }) => {
    if (zoneState === 'installed' && zoneStateBefore !== 'ready') effects.zonesStopped++;
  },
  vdevStateChanged: (effects, { vdev, state }) => {
    if (state !== 'ONLINE' && !isInterior(vdev)) effects.vdevs.set(vdev, state);
  },
  poolStateChanged: (effects, { pool, state }) => {
    if (state !== 'ONLINE') effects.pools.add(`${pool} ${state}`);
  },
  poolSuspendedFact: (effects, { pool, suspended }) => {
    if (suspended) effects.pools.add(`${pool} SUSPENDED`);
  },
  spareActivated: (effects) => void effects.spares++,
  resilverFinished: (effects, { bytes }) => void (effects.resilvers += bytes > 0 ? 1 : 0),
  blockHealed: (effects, { blocks }) => void (effects.healed += blocks),
  dataLost: (effects) => void effects.filesLost++,
  linkStateChanged: (effects, { link, up }) => {
    if (!up) effects.links.add(link);
  },
  pathsChanged: (effects, { unreachable }) => {
    for (const endpoint of unreachable) effects.cutOff.add(endpoint);
  },
  cpuStateChanged: (effects, { state }) => {
    if (state !== 'on-line') effects.cpus++;
  },
  pageRetired: (effects) => void effects.pages++,
};

/** Reports of each second: they go back to much and bring about nothing. */
const reports: ReadonlySet<FactKind> = new Set([
  'zoneServed',
  'clientServed',
  'nodeServed',
  'diskServed',
  'txgSyncedFact',
]);

export class FaultEffects {
  /** Fault by actor and number of each fact that goes back to one. */
  private readonly faultOf = new Map<number, Map<number, string>>();
  private readonly byFault = new Map<string, Effects>();
  private readonly byCase = new Map<string, string>();

  observe(fact: HostFact): void {
    if (reports.has(fact.kind)) return;
    if (fact.kind === 'nodeStateChanged') this.endDown(fact, fact.payload as Facts['nodeStateChanged']);
    const faultId =
      fact.kind === 'faultInjected'
        ? (fact.payload as Facts['faultInjected']).faultId
        : this.faultOf.get(fact.cause.actor)?.get(fact.cause.n);
    if (faultId === undefined) return;
    let numbers = this.faultOf.get(fact.actor);
    if (numbers === undefined) this.faultOf.set(fact.actor, (numbers = new Map()));
    numbers.set(fact.n, faultId);
    if (fact.kind === 'suspectListed') {
      const { uuid } = fact.payload as Facts['suspectListed'];
      if (!this.byCase.has(uuid)) this.byCase.set(uuid, faultId);
    }
    let effects = this.byFault.get(faultId);
    if (effects === undefined) this.byFault.set(faultId, (effects = noEffects()));
    const note = noted[fact.kind] as Note<FactKind> | undefined;
    note?.(effects, fact.payload, fact);
  }

  /** The fault that an observed fact goes back to; undefined: to none, or it is a report. */
  faultBehind({ actor, n }: HostFact): string | undefined {
    return this.faultOf.get(actor)?.get(n);
  }

  /** The fault whose ereports led to a case; undefined when its causes go back to none. */
  faultOfCase(uuid: string): string | undefined {
    return this.byCase.get(uuid);
  }

  /** A node is back whoever brought it back: an NMI or a power button has a cause of its own. */
  private endDown({ address, time }: HostFact, { state }: Facts['nodeStateChanged']): void {
    if (state !== 'running') return;
    for (const effects of this.byFault.values()) {
      if (effects.downSince < 0 || effects.downNode !== address) continue;
      effects.downNs += time - effects.downSince;
      effects.downSince = -1;
    }
  }

  /** In few words; '' when nothing but the injection is known of it. */
  of(faultId: string): string {
    const effects = this.byFault.get(faultId);
    return effects === undefined ? '' : inWords(effects);
  }
}

function noEffects(): Effects {
  return {
    downSince: -1,
    downNode: '',
    downNs: 0,
    zonesStopped: 0,
    pools: new Set(),
    vdevs: new Map(),
    spares: 0,
    resilvers: 0,
    healed: 0,
    filesLost: 0,
    links: new Set(),
    cutOff: new Set(),
    cpus: 0,
    pages: 0,
  };
}

function inWords(effects: Effects): string {
  const some = (count: number, one: string, many = `${one}s`) =>
    count === 0 ? [] : [`${count} ${count === 1 ? one : many}`];
  return [
    ...(effects.downNs > 0 ? [`down ${formatNs(effects.downNs)}`] : []),
    ...(effects.downSince >= 0 ? ['still down'] : []),
    ...some(effects.zonesStopped, 'zone stopped', 'zones stopped'),
    ...effects.pools,
    // Of a pool that changed its state this is no news.
    ...(effects.pools.size === 0 ? [...effects.vdevs].map(([vdev, state]) => `${vdev} ${state}`) : []),
    ...some(effects.spares, 'spare'),
    ...some(effects.resilvers, 'resilver'),
    ...some(effects.healed, 'block healed', 'blocks healed'),
    ...some(effects.filesLost, 'file damaged', 'files damaged'),
    ...some(effects.links.size, 'link down', 'links down'),
    ...some(effects.cutOff.size, 'node cut off', 'nodes cut off'),
    ...some(effects.cpus, 'CPU off line', 'CPUs off line'),
    ...some(effects.pages, 'page retired', 'pages retired'),
  ].join(', ');
}
