/** What commands against a live datacenter have in common when they print. */
import type { CommandResponse } from '@orrery/proto';
import { formatNs, formatTime } from '@orrery/spec';
import type { Terminal } from '../../terminal.ts';

/** An accepted command in one line. */
export function printAccepted(
  terminal: Terminal,
  response: CommandResponse,
  json: boolean | undefined,
): void {
  if (json === true) {
    terminal.out(JSON.stringify(response));
    return;
  }
  for (const warning of response.warnings) terminal.err(`warning: ${warning}`);
  const { text, time, number, faultId, uuid, repeatedRequest } = response;
  const about = faultId !== '' ? `${faultId}: ` : '';
  const which = uuid !== '' && text.startsWith('vm create') ? ` (${uuid})` : '';
  const again = repeatedRequest ? ', there already' : '';
  terminal.out(`${formatTime(time)}  ${about}${text}${which}  command ${number}${again}`);
}

/** Latency, or a dash for none. */
export function latency(ns: number): string {
  return ns === 0 ? '–' : formatNs(ns);
}

/** How long something has been so. */
export function ago(now: number, since: number): string {
  return since === 0 ? 'start' : formatNs(Math.max(0, Math.floor((now - since) / 1e9) * 1e9));
}
