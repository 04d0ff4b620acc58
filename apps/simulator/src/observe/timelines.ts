/** Which state each pool, node and case was in, and when: gathered from facts, asked by checks and tables. */
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';

/** A change of state; `state` holds from `time` (ns) on. */
export interface Change {
  time: number;
  state: string;
}

export interface CaseRow {
  uuid: string;
  node: string;
  code: string;
  severity: string;
  /** When fmd listed the suspects, ns. */
  listedAt: number;
  suspects: Facts['suspectListed']['suspects'];
  message: boolean;
  state: string;
  /** When it was repaired or resolved, ns; undefined while open. */
  closedAt: number | undefined;
}

export class Timelines {
  readonly pools = new Map<string, Change[]>();
  readonly nodes = new Map<string, Change[]>();
  readonly cases = new Map<string, CaseRow>();

  observe(fact: HostFact): void {
    switch (fact.kind) {
      case 'poolStateChanged':
        return append(this.pools, fact.address, fact.time, (fact.payload as Facts['poolStateChanged']).state);
      case 'poolSuspendedFact':
        if ((fact.payload as Facts['poolSuspendedFact']).suspended) {
          append(this.pools, fact.address, fact.time, 'SUSPENDED');
        }
        return;
      case 'nodeStateChanged':
        return append(this.nodes, fact.address, fact.time, (fact.payload as Facts['nodeStateChanged']).state);
      case 'suspectListed':
        return this.addCase(fact, fact.payload as Facts['suspectListed']);
      case 'caseStateChanged': {
        const { uuid, state } = fact.payload as Facts['caseStateChanged'];
        const row = this.cases.get(uuid);
        if (row === undefined) return;
        row.state = state;
        if ((state === 'REPAIRED' || state === 'RESOLVED') && row.closedAt === undefined)
          row.closedAt = fact.time;
        return;
      }
      default:
    }
  }

  private addCase(fact: HostFact, listed: Facts['suspectListed']): void {
    const { uuid, code, severity, suspects, message } = listed;
    const node = fact.address.split('/')[1] ?? fact.address;
    const row = {
      uuid,
      node,
      code,
      severity,
      listedAt: fact.time,
      suspects,
      message,
      state: 'SOLVED',
      closedAt: undefined,
    };
    this.cases.set(uuid, row);
  }
}

function append(into: Map<string, Change[]>, key: string, time: number, state: string): void {
  const changes = into.get(key);
  if (changes === undefined) into.set(key, [{ time, state }]);
  // A suspended pool says so twice: by its state and by what it no longer serves.
  else if (changes.at(-1)?.state !== state) changes.push({ time, state });
}

/** State at `time`, `before` when nothing had changed by then. */
export function stateAt(changes: readonly Change[] | undefined, time: number, before: string): string {
  let state = before;
  for (const change of changes ?? []) {
    if (change.time > time) break;
    state = change.state;
  }
  return state;
}
