/** `why`, `when` and `slow` asked of a live datacenter, and the process that answers them from its log. */
import { ControlError, type Question } from '@orrery/headnode/control';
import { answerFrom, decodeSnapshot, encodeSnapshot, engine, FORKS_MS } from '@orrery/simulator';
import { requireEngine } from '@orrery/log';
import { withControl, type ConnectFlags } from '../../live/connect.ts';
import type { Reply } from '../../live/reader-process.ts';
import { parseMoment } from '../../run/question.ts';
import { readRun } from '../../run/prepare.ts';
import type { Terminal } from '../../terminal.ts';
import { stopwatch } from '../when.ts';

export interface AskFlags extends ConnectFlags {
  at?: string;
  json?: boolean;
  seeds?: number;
}

// Forks of a large datacenter take their time, ms.
const PATIENCE_MS = 600_000;

export function askCommand(
  terminal: Terminal,
  name: Question['name'],
  subject: string,
  flags: AskFlags,
): Promise<number> {
  const at = flags.at === undefined ? undefined : parseMoment(flags.at);
  return withControl(flags, async (client) => {
    const request = { subject, at, seeds: flags.seeds ?? 0 };
    const { lines, answerJson } = await client.call(name, request, PATIENCE_MS);
    if (flags.json === true) terminal.out(answerJson);
    else for (const line of lines) terminal.out(line);
    return 0;
  });
}

/** Prints the answer to a question, or its refusal, as one object: for the process that serves. */
export function answerCommand(terminal: Terminal, folder: string, questionJson: string): number {
  terminal.out(JSON.stringify(reply(folder, questionJson)));
  return 0;
}

function reply(folder: string, questionJson: string): Reply {
  try {
    const { scenario, seed, reader } = readRun(folder);
    requireEngine(reader.header, engine);
    const codec = { encode: encodeSnapshot, decode: decodeSnapshot };
    const question = JSON.parse(questionJson) as Question & { at: number };
    return {
      ok: true,
      answer: answerFrom({ scenario, seed, reader, codec, late: stopwatch(FORKS_MS) }, question),
    };
  } catch (error) {
    if (!(error instanceof ControlError)) throw error;
    const { code, message, violations } = error;
    return { ok: false, code, message, field: violations[0]?.field ?? '' };
  }
}
