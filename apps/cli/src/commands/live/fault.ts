/** `orrery fault inject|list|revert` and `orrery repair`. */
import { randomUUID } from 'node:crypto';
import type { CaseRow, FaultRow } from '@orrery/proto';
import { formatTime } from '@orrery/spec';
import { Refusal } from '../../exit.ts';
import { withControl } from '../../live/connect.ts';
import { layOut } from '../../output/tables.ts';
import type { Terminal } from '../../terminal.ts';
import type { LiveFlags } from './flags.ts';
import { printAccepted } from './print.ts';

export interface InjectFlags extends LiveFlags {
  set: string[];
  for?: number;
  id?: string;
}

/** `k=v`, …, as given to `--set`. */
function paramsOf(sets: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    sets.map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw new Refusal(`--set: expected name=value, found "${text}"`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

export function injectCommand(
  terminal: Terminal,
  kind: string,
  target: string,
  flags: InjectFlags,
): Promise<number> {
  const params = paramsOf(flags.set);
  const { for: forNs = 0, id: faultId = '' } = flags;
  return withControl(flags, async (client) => {
    const request = { requestId: randomUUID(), kind, target, params, forNs, faultId };
    printAccepted(terminal, await client.call('injectFault', request), flags.json);
    return 0;
  });
}

export function revertCommand(terminal: Terminal, faultId: string, flags: LiveFlags): Promise<number> {
  return withControl(flags, async (client) => {
    const response = await client.call('revertFault', { requestId: randomUUID(), faultId });
    printAccepted(terminal, response, flags.json);
    return 0;
  });
}

export function repairCommand(
  terminal: Terminal,
  kind: string,
  target: string,
  flags: LiveFlags & { set: string[] },
): Promise<number> {
  const params = paramsOf(flags.set);
  return withControl(flags, async (client) => {
    const response = await client.call('repair', { requestId: randomUUID(), kind, target, params });
    printAccepted(terminal, response, flags.json);
    return 0;
  });
}

export function faultLines(faults: readonly FaultRow[], cases: readonly CaseRow[]): string[] {
  const lines: string[] = [];
  if (faults.length === 0) lines.push('no faults');
  else {
    const cells = faults.map((fault) => [
      fault.faultId,
      fault.kind,
      fault.target,
      formatTime(fault.injectedAt),
      overText(fault),
      fault.askedBy,
    ]);
    lines.push(...layOut(['Fault', 'kind', 'part', 'injected', 'over', 'by'], cells));
  }
  if (cases.length === 0) return lines;
  const cells = cases.map((row) => [
    row.code,
    row.node,
    row.state,
    formatTime(row.listedAt),
    row.suspects.join(', '),
  ]);
  return [...lines, '', ...layOut(['Case', 'node', 'state', 'listed', 'suspects'], cells)];
}

function overText({ revertedAt, repairedAt, revertAt }: FaultRow): string {
  if (revertedAt > 0) return `reverted ${formatTime(revertedAt)}`;
  if (repairedAt > 0) return `repaired ${formatTime(repairedAt)}`;
  return revertAt > 0 ? `will be at ${formatTime(revertAt)}` : '–';
}

export function faultListCommand(
  terminal: Terminal,
  flags: LiveFlags & { active?: boolean },
): Promise<number> {
  return withControl(flags, async (client) => {
    const listed = await client.call('listFaults', { activeOnly: flags.active === true });
    if (flags.json === true) terminal.out(JSON.stringify(listed));
    else for (const line of faultLines(listed.faults, listed.cases)) terminal.out(line);
    return 0;
  });
}
