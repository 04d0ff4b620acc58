/**
 * How long it took until what a fault had brought down was back.
 *
 * Rules. 1. Brought down is a node, zone, pool, link or way to a node whose loss goes back to the fault's injection.
 *        2. A part is back when it is as it was, whoever brought it back.
 *        3. Recovery is from the first loss to the moment when the last lost part was back. A fault that brings nothing
 *           down has none; a fault whose parts are not all back at the end has not recovered.
 * Omits. What is only slow: that is in the latency.
 */
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';

export interface Recovery {
  fault: string;
  kind: string;
  target: string;
  /** First loss, ns; undefined: nothing was brought down. */
  lostAt: number | undefined;
  /** When all was back, ns; undefined: it was not, or nothing was lost. */
  backAt: number | undefined;
}

interface Lost {
  kind: string;
  target: string;
  lostAt: number | undefined;
  backAt: number | undefined;
  parts: Set<string>;
}

const WAY = 'way to ';

/** A part's name, and whether it is well. */
type Word = [part: string, well: boolean];

export class Recoveries {
  private readonly faults = new Map<string, Lost>();

  /** @param fault that the fact goes back to, if any */
  observe(fact: HostFact, fault: string | undefined): void {
    if (fact.kind === 'faultInjected') {
      const { faultId, kind, target } = fact.payload as Facts['faultInjected'];
      this.faults.set(faultId, { kind, target, lostAt: undefined, backAt: undefined, parts: new Set() });
      return;
    }
    if (fact.kind === 'pathsChanged') {
      const { unreachable } = fact.payload as Facts['pathsChanged'];
      this.keepAway(new Set(unreachable.map((endpoint) => `${WAY}${endpoint}`)), fact.time, fault);
      return;
    }
    for (const [part, well] of wordsOf(fact)) {
      if (well) this.giveBack(part, fact.time);
      else if (fault !== undefined) this.lose(fault, part, fact.time);
    }
  }

  results(): Recovery[] {
    return [...this.faults].map(([fault, { kind, target, lostAt, backAt, parts }]) => ({
      fault,
      kind,
      target,
      lostAt,
      backAt: parts.size === 0 ? backAt : undefined,
    }));
  }

  /** @param away ways that are lost now: all others are there */
  private keepAway(away: ReadonlySet<string>, time: number, fault: string | undefined): void {
    for (const { parts } of this.faults.values())
      for (const part of parts) if (part.startsWith(WAY) && !away.has(part)) this.giveBack(part, time);
    if (fault !== undefined) for (const way of away) this.lose(fault, way, time);
  }

  private lose(fault: string, part: string, time: number): void {
    const lost = this.faults.get(fault);
    if (lost === undefined) return;
    lost.lostAt ??= time;
    lost.parts.add(part);
  }

  private giveBack(part: string, time: number): void {
    for (const lost of this.faults.values()) if (lost.parts.delete(part)) lost.backAt = time;
  }
}

/** A pool that a boot imported serves again, although nobody had cleared it. */
function poolWords(address: string, state: string): Word[] {
  const own: Word = [address, state === 'ONLINE'];
  return state === 'ONLINE' || state === 'DEGRADED' ? [own, [`${address} served`, true]] : [own];
}

function wordsOf({ kind, address, payload }: HostFact): Word[] {
  switch (kind) {
    case 'nodeStateChanged':
      return [[address, (payload as Facts['nodeStateChanged']).state === 'running']];
    case 'zoneStateChanged': {
      const { zoneState } = payload as Facts['zoneStateChanged'];
      return zoneState === 'installed' ? [[address, false]] : [];
    }
    case 'zoneBooted':
      return [[address, true]];
    case 'poolStateChanged':
      return poolWords(address, (payload as Facts['poolStateChanged']).state);
    case 'poolSuspendedFact':
      return [[`${address} served`, !(payload as Facts['poolSuspendedFact']).suspended]];
    case 'linkStateChanged': {
      const { link, up } = payload as Facts['linkStateChanged'];
      return [[link, up]];
    }
    default:
      return [];
  }
}
