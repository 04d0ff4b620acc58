/** Answers and exports of a log in memory: in this process, so they hold the run up meanwhile. */
import { jsonLines, readMemoryLog, type MemoryLog } from '@orrery/log';
import type { Scenario } from '@orrery/spec';
import { ControlError } from '@orrery/headnode/control';
import { addressesOf } from '../answers/addresses.ts';
import type { SnapshotCodec } from '../answers/forecast/fork.ts';
import { answerFrom } from './answers.ts';
import type { LogReaders } from './live-log.ts';

// Lines of an export in one piece.
const LINES = 500;

export function memoryReaders(log: MemoryLog, scenario: Scenario, codec: SnapshotCodec): LogReaders {
  const { seed } = log.header;
  return {
    ask: (question) =>
      new Promise((resolve) =>
        resolve(answerFrom({ scenario, seed, reader: readMemoryLog(log), codec }, question)),
      ),
    exportLog: (format) => {
      if (format !== 'jsonl')
        throw new ControlError('FAILED_PRECONDITION', 'a log in memory is exported as jsonl only');
      return pieces(log, scenario);
    },
  };
}

async function* pieces(log: MemoryLog, scenario: Scenario): AsyncIterable<Uint8Array> {
  const addresses = addressesOf(scenario.datacenter);
  const encoder = new TextEncoder();
  let lines: string[] = [];
  for (const line of jsonLines(readMemoryLog(log), (actor) => addresses.get(actor))) {
    lines.push(line);
    if (lines.length < LINES) continue;
    yield encoder.encode(lines.join(''));
    lines = [];
  }
  yield encoder.encode(lines.join(''));
}
