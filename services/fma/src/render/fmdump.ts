/** The lines of `fmdump` (faults) and `fmdump -e` (ereports). */
import type { EreportPosted } from '@orrery/proto';
import type { FaultRecord } from './record.ts';

const TIME_WIDTH = 20;

export const FMDUMP_HEADER = `${'TIME'.padEnd(TIME_WIDTH)} ${'UUID'.padEnd(36)} SUNW-MSG-ID`;
export const FMDUMP_E_HEADER = `${'TIME'.padEnd(TIME_WIDTH)} CLASS`;

/** One line for a case; `verbose` adds its suspects as `fmdump -v` does. */
export function renderFmdump(record: FaultRecord, verbose = false): string {
  const { suspects } = record;
  const head = `${record.time.padEnd(TIME_WIDTH)} ${suspects.uuid} ${suspects.code}`;
  if (!verbose) return head;
  const lines = suspects.suspects.map((suspect) =>
    [
      `  ${String(suspect.certainty).padStart(3)}%  ${suspect.class}`,
      '',
      `        Problem in: ${suspect.resource}`,
      `           Affects: ${suspect.asru}`,
      `               FRU: ${suspect.fru === '' ? '-' : suspect.fru}`,
      `          Location: -`,
    ].join('\n'),
  );
  return [head, ...lines].join('\n');
}

/** One line for an ereport; a batch says how many. */
export function renderEreport(time: string, ereport: Pick<EreportPosted, 'class' | 'count'>): string {
  const times = ereport.count > 1 ? ` × ${ereport.count}` : '';
  return `${time.padEnd(TIME_WIDTH)} ${ereport.class}${times}`;
}
