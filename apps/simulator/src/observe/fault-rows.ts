/** One row a fault: what was injected, what fmd said of that part, whom it slowed, and when it was over. */
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';
import type { Timelines } from './timelines.ts';

export interface FaultRow {
  id: string;
  kind: string;
  target: string;
  /** ns. */
  injectedAt: number;
  revertedAt: number | undefined;
  repairedAt: number | undefined;
  /** The first case on the part, listed after the injection. */
  seenAt: number | undefined;
  seenAs: string;
  caseOpen: boolean;
}

export class FaultRows {
  private readonly rows: FaultRow[] = [];
  private readonly repairs: { time: number; target: string }[] = [];

  observe(fact: HostFact): void {
    if (fact.kind === 'faultInjected') {
      const { faultId, kind, target } = fact.payload as Facts['faultInjected'];
      this.rows.push({
        id: faultId,
        kind,
        target,
        injectedAt: fact.time,
        revertedAt: undefined,
        repairedAt: undefined,
        seenAt: undefined,
        seenAs: '',
        caseOpen: false,
      });
    } else if (fact.kind === 'faultReverted') {
      const { faultId } = fact.payload as Facts['faultReverted'];
      const row = this.rows.find((each) => each.id === faultId);
      if (row !== undefined) row.revertedAt = fact.time;
    } else if (fact.kind === 'partRepaired') {
      this.repairs.push({ time: fact.time, target: (fact.payload as Facts['partRepaired']).target });
    }
  }

  results(timelines: Timelines): FaultRow[] {
    return this.rows.map((row) => {
      const node = row.target.split('/')[0];
      const part = row.target.split('/').at(-1) ?? row.target;
      const seen = [...timelines.cases.values()].find(
        (each) =>
          each.message &&
          each.node === node &&
          each.listedAt >= row.injectedAt &&
          each.suspects.some((suspect) => suspect.resource.split(/[/=]/).includes(part) || part === node),
      );
      const repaired = this.repairs.find((each) => each.target === row.target && each.time >= row.injectedAt);
      return {
        ...row,
        repairedAt: repaired?.time,
        seenAt: seen?.listedAt,
        seenAs: seen?.code ?? '',
        caseOpen: seen !== undefined && seen.closedAt === undefined,
      };
    });
  }
}
