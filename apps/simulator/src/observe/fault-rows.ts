/** One row a fault: what was injected, what fmd said of it, whom users felt it through, and when it was over. */
import type { HostFact } from '@orrery/actor';
import type { Facts } from '@orrery/proto';
import type { FaultEffects } from './fault-effects.ts';
import type { CaseRow, Timelines } from './timelines.ts';
import type { UserWindows } from './user-windows.ts';

export interface FaultRow {
  id: string;
  kind: string;
  target: string;
  /** ns. */
  injectedAt: number;
  revertedAt: number | undefined;
  /** When the repair had done its work: of a disk that holds the old one's data, not of the command. */
  repairedAt: number | undefined;
  /** Since when a new disk is in the bay that does not hold the data yet, ns. */
  replacedAt: number | undefined;
  /** The first case that the fault led to, listed after the injection. */
  seenAt: number | undefined;
  seenAs: string;
  caseOpen: boolean;
  /** VMs that were slower or failed more from the injection to the end. */
  users: string[];
}

interface Injected {
  id: string;
  kind: string;
  target: string;
  injectedAt: number;
  revertedAt: number | undefined;
}

/** From the start of a resilver to its end, onto one disk. */
interface Resilver {
  disk: string;
  startedAt: number;
  finishedAt: number | undefined;
}

export class FaultRows {
  private readonly rows: Injected[] = [];
  private readonly repairs: { time: number; kind: string; target: string }[] = [];
  private readonly resilvers: Resilver[] = [];

  observe(fact: HostFact): void {
    if (fact.kind === 'faultInjected') {
      const { faultId: id, kind, target } = fact.payload as Facts['faultInjected'];
      this.rows.push({ id, kind, target, injectedAt: fact.time, revertedAt: undefined });
    } else if (fact.kind === 'faultReverted') {
      const { faultId } = fact.payload as Facts['faultReverted'];
      const row = this.rows.find((each) => each.id === faultId);
      if (row !== undefined) row.revertedAt = fact.time;
    } else if (fact.kind === 'partRepaired') {
      const { kind, target } = fact.payload as Facts['partRepaired'];
      this.repairs.push({ time: fact.time, kind, target });
    } else if (fact.kind === 'resilverStarted') {
      const disk = diskOf(fact.address, (fact.payload as Facts['resilverStarted']).vdev);
      this.resilvers.push({ disk, startedAt: fact.time, finishedAt: undefined });
    } else if (fact.kind === 'resilverFinished') {
      const disk = diskOf(fact.address, (fact.payload as Facts['resilverFinished']).vdev);
      const resilver = this.resilvers.findLast((each) => each.disk === disk);
      if (resilver !== undefined) resilver.finishedAt = fact.time;
    }
  }

  /** @param until how far the run has come, ns */
  results(timelines: Timelines, effects: FaultEffects, users: UserWindows, until: number): FaultRow[] {
    return this.rows.map((row) => {
      const seen = caseOf(row, timelines, effects);
      const over = this.repairOf(row);
      const end = over.repairedAt ?? row.revertedAt ?? until;
      return {
        ...row,
        ...over,
        seenAt: seen?.listedAt,
        seenAs: seen?.code ?? '',
        caseOpen: seen !== undefined && seen.closedAt === undefined,
        users: users.felt(row.target, row.injectedAt, end),
      };
    });
  }

  private repairOf({ target, injectedAt }: Injected): Pick<FaultRow, 'repairedAt' | 'replacedAt'> {
    const repair = this.repairs.find((each) => each.target === target && each.time >= injectedAt);
    if (repair?.kind !== 'disk.replace') return { repairedAt: repair?.time, replacedAt: undefined };
    const since = this.resilvers.filter((each) => each.disk === target && each.startedAt >= repair.time);
    const done = since.find((each) => each.finishedAt !== undefined)?.finishedAt;
    return { repairedAt: done, replacedAt: done === undefined ? repair.time : undefined };
  }
}

const diskOf = (pool: string, disk: string) => `${pool.split('/')[0]}/disk/${disk}`;

/**
 * The case that goes back to the fault, one on its part first. A case that goes back to no fault belongs to the one whose part
 * it suspects: a node suspects nobody, it holds the parts of others.
 */
function caseOf(row: Injected, timelines: Timelines, effects: FaultEffects): CaseRow | undefined {
  const [node = '', ...part] = row.target.split('/');
  const name = part.at(-1);
  const suspects = (each: CaseRow) =>
    name !== undefined &&
    each.node === node &&
    each.suspects.some((suspect) => suspect.resource.split(/[/=]/).includes(name));
  const listed = [...timelines.cases.values()].filter(
    (each) => each.message && each.listedAt >= row.injectedAt,
  );
  const caused = listed.filter((each) => effects.faultOfCase(each.uuid) === row.id);
  return (
    caused.find(suspects) ??
    caused[0] ??
    listed.find((each) => effects.faultOfCase(each.uuid) === undefined && suspects(each))
  );
}
