/** A log as JSON Lines: one object a line, in the log's order. */
import type { LogReader } from '../log.ts';
import { rowsOf, toJson, type AddressOf, type Row } from './rows.ts';

/** Lines, each with its line feed, made as they are asked for. @throws LogError ORRERY_LOG_DAMAGED */
export function* jsonLines(reader: LogReader, addressOf: AddressOf): Iterable<string> {
  for (const row of rowsOf(reader, addressOf))
    yield `${toJson(row.record === 'fact' ? fact(row) : command(row))}\n`;
}

function fact(row: Row): object {
  const cause =
    row.causeN === undefined ? null : { address: row.causeAddress, actor: row.causeActor, n: row.causeN };
  return {
    record: 'fact',
    timeNs: row.timeNs,
    address: row.address,
    actor: row.actor,
    n: row.n,
    kind: row.kind,
    cause,
    payload: row.payload,
  };
}

function command(row: Row): object {
  return {
    record: 'command',
    timeNs: row.timeNs,
    address: row.address,
    actor: row.actor,
    n: row.n,
    kind: row.kind,
    text: row.text,
    askedBy: row.askedBy,
    payload: row.payload,
  };
}
