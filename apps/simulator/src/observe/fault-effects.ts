/** What each fault brought about: the facts whose chain of causes goes back to its injection, in few words. */
import type { HostFact } from '@orrery/actor';
import type { FactKind, Facts } from '@orrery/proto';
import { formatNs } from '@orrery/spec';

interface Effects {
  /** Since when the node it struck is down, ns; −1: it is not. */
  downSince: number;
  downNs: number;
  zonesStopped: number;
  pools: Set<string>;
  spares: number;
  resilvers: number;
  healed: number;
  filesLost: number;
  links: Set<string>;
  cutOff: Set<string>;
  cpus: number;
  pages: number;
}

type Note<K extends FactKind> = (effects: Effects, payload: Facts[K], time: number) => void;

const noted: { [K in FactKind]?: Note<K> } = {
  nodeStateChanged: (effects, { state }, time) => {
    if (effects.downSince < 0 && state !== 'running') effects.downSince = time;
    if (effects.downSince < 0 || state !== 'running') return;
    effects.downNs += time - effects.downSince;
    effects.downSince = -1;
  },
  zoneStateChanged: (effects, { zoneState, zoneStateBefore }) => {
    if (zoneState === 'installed' && zoneStateBefore !== 'ready') effects.zonesStopped++;
  },
  poolStateChanged: (effects, { pool, state }) => {
    if (state !== 'ONLINE') effects.pools.add(`${pool} ${state}`);
  },
  poolSuspendedFact: (effects, { pool, suspended }) => {
    if (suspended) effects.pools.add(`${pool} SUSPENDED`);
  },
  spareActivated: (effects) => void effects.spares++,
  resilverFinished: (effects) => void effects.resilvers++,
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

  observe(fact: HostFact): void {
    if (reports.has(fact.kind)) return;
    const faultId =
      fact.kind === 'faultInjected'
        ? (fact.payload as Facts['faultInjected']).faultId
        : this.faultOf.get(fact.cause.actor)?.get(fact.cause.n);
    if (faultId === undefined) return;
    let numbers = this.faultOf.get(fact.actor);
    if (numbers === undefined) this.faultOf.set(fact.actor, (numbers = new Map()));
    numbers.set(fact.n, faultId);
    let effects = this.byFault.get(faultId);
    if (effects === undefined) this.byFault.set(faultId, (effects = noEffects()));
    const note = noted[fact.kind] as Note<FactKind> | undefined;
    note?.(effects, fact.payload, fact.time);
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
    downNs: 0,
    zonesStopped: 0,
    pools: new Set(),
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
