/** What fmd's syslog agent writes to the console and to /var/adm/messages when a case is solved. */
import { messageText } from '../model/message-texts.ts';
import { messageId } from '../model/message-ids.ts';
import type { FaultRecord } from './record.ts';

/** Field and value, in the order in which they are printed. */
export function consoleFields(record: FaultRecord): readonly (readonly [string, string])[] {
  const { suspects } = record;
  const text = messageText(suspects.code);
  const type = suspects.suspects.length > 0 ? messageId(suspects.suspects[0].class).type : 'Fault';
  return [
    ['SUNW-MSG-ID', suspects.code],
    ['TYPE', type],
    ['VER', '1'],
    ['SEVERITY', suspects.severity],
    ['EVENT-TIME', record.time],
    ['PLATFORM', record.platform],
    ['CSN', record.chassisId],
    ['HOSTNAME', record.host],
    ['SOURCE', suspects.engine],
    ['REV', '1.0'],
    ['EVENT-ID', suspects.uuid],
    ['DESC', text.description],
    ['AUTO-RESPONSE', text.response],
    ['IMPACT', text.impact],
    ['REC-ACTION', text.action],
  ];
}

const ON_FIRST_LINE = 4;
const LINES: readonly number[] = [ON_FIRST_LINE, 5, 8, 10, 11, 12, 13, 14, 15];

/** The message as it is printed; '' for a case that is kept quiet. */
export function renderConsole(record: FaultRecord): string {
  if (!record.suspects.message) return '';
  const fields = consoleFields(record);
  let from = 0;
  const lines: string[] = [];
  for (const to of LINES) {
    lines.push(
      fields
        .slice(from, to)
        .map(([name, value]) => `${name}: ${value}`)
        .join(', '),
    );
    from = to;
  }
  return lines.join('\n');
}
