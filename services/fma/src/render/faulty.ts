/** The text of `fmadm faulty`. */
import { messageText } from '../model/message-texts.ts';
import { affectsState, resourceWord, type FaultRecord } from './record.ts';

const WIDTHS = [15, 37, 14, 9] as const;
const LABEL_WIDTH = 12;
const LINE_WIDTH = 80;
const RULE = WIDTHS.map((width) => '-'.repeat(width - 1)).join(' ');

/** The default view: one record with header for each case, in the order given. */
export function renderFaulty(records: readonly FaultRecord[]): string {
  return records.map(renderRecord).join('\n\n');
}

/** `fmadm faulty -r`: a resource and its state on each line. */
export function renderFaultyResources(records: readonly FaultRecord[]): string {
  const lines = records.flatMap((record) =>
    record.suspects.suspects.map((suspect) => `${suspect.asru.padEnd(71)} ${resourceWord(record)}`),
  );
  return [...new Set(lines)].join('\n');
}

function renderRecord(record: FaultRecord): string {
  const { suspects } = record;
  const text = messageText(suspects.code);
  const lines = [
    RULE,
    columns('TIME', 'EVENT-ID', 'MSG-ID', 'SEVERITY'),
    RULE,
    columns(record.time, suspects.uuid, suspects.code, suspects.severity),
    '',
    `Host        : ${record.host}`,
    `Platform    : ${record.platform.padEnd(24)}Chassis_id  : ${record.chassisId}`,
    `Product_sn  : ${record.productSn}`,
    '',
  ];
  for (const suspect of suspects.suspects) {
    const share = suspect.certainty === 100 ? '' : ` ${suspect.certainty}%`;
    lines.push(`Fault class : ${suspect.class}${share}`);
    lines.push(`Affects     : ${suspect.asru}`, indent(affectsState(record)));
    lines.push(`Problem in  : ${suspect.resource}`, indent(affectsState(record)));
    if (suspect.fru !== '') lines.push(`FRU         : ${suspect.fru}`, indent(fruState(record)));
  }
  lines.push(
    '',
    paragraph('Description', text.description),
    '',
    paragraph('Response', text.response),
    '',
    paragraph('Impact', text.impact),
    '',
    paragraph('Action', text.action),
  );
  return lines.join('\n');
}

function fruState(record: FaultRecord): string {
  return record.caseState === 'REPAIRED' || record.caseState === 'RESOLVED' ? 'repair attempted' : 'faulty';
}

function columns(...cells: [string, string, string, string]): string {
  return cells
    .map((cell, index) => cell.padEnd(WIDTHS[index]))
    .join('')
    .trimEnd();
}

function indent(text: string): string {
  return `${' '.repeat(LABEL_WIDTH + 4)}${text}`;
}

/** A label and its text, wrapped at 80 columns under the text's own start. */
function paragraph(label: string, text: string): string {
  const lines: string[] = [];
  let line = `${label.padEnd(LABEL_WIDTH)}:`;
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > LINE_WIDTH) {
      lines.push(line);
      line = ' '.repeat(LABEL_WIDTH + 1);
    }
    line += ` ${word}`;
  }
  return [...lines, line].join('\n');
}
