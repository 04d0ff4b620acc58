/** What the renderers need of a case: a SuspectListed fact, who reported it, and what became of it. */
import type { SuspectListed } from '@orrery/proto';

export interface FaultRecord {
  readonly suspects: SuspectListed;
  /** When it was diagnosed, as text for people: `00:02:15.050` or a date. */
  readonly time: string;
  /** Latest CaseStateChanged: SOLVED, CLOSED, REPAIRED, … */
  readonly caseState: string;
  /** Latest ResourceRetired action: fault, degrade, offline, retire, spare; '' for none. */
  readonly retired: string;
  readonly host: string;
  /** Platform, chassis and product, as sysinfo has them. */
  readonly platform: string;
  readonly chassisId: string;
  readonly productSn: string;
}

/** State of an affected resource in fmadm's words. */
export function affectsState(record: FaultRecord): string {
  if (record.caseState === 'REPAIRED' || record.caseState === 'RESOLVED') return 'ok and in service';
  if (record.caseState === 'CLOSED' || record.caseState === 'CLOSE_WAIT')
    return 'faulted and taken out of service';
  return record.retired === 'degrade'
    ? 'faulted but still providing degraded service'
    : 'faulted but still in service';
}

/** The same in one word, for `fmadm faulty -r`: ok, degraded, unknown or faulted. */
export function resourceWord(record: FaultRecord): string {
  if (record.caseState === 'REPAIRED' || record.caseState === 'RESOLVED') return 'ok';
  return record.retired === 'degrade' ? 'degraded' : 'faulted';
}
