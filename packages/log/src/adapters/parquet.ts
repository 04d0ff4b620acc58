/** A log as a Parquet file, one row a fact or command, payloads as JSON. The one place that knows the Parquet library. */
import { rmSync, renameSync } from 'node:fs';
import { fileWriter, ParquetWriter, schemaFromColumnData, type ColumnSource } from 'hyparquet-writer';
import { rowsOf, toJson, type AddressOf, type Row } from '../export/rows.ts';
import type { LogReader } from '../log.ts';
import { access } from './files/io.ts';

// Rows held in memory at a time. Larger groups compress better; smaller ones need less memory.
const rowGroupSize = 20_000;

interface Column {
  readonly name: string;
  readonly type: 'STRING' | 'INT64' | 'INT32';
  readonly nullable: boolean;
  readonly value: (row: Row) => string | bigint | number | undefined;
}

const columns: readonly Column[] = [
  { name: 'record', type: 'STRING', nullable: false, value: (row) => row.record },
  { name: 'time_ns', type: 'INT64', nullable: false, value: (row) => BigInt(row.timeNs) },
  { name: 'address', type: 'STRING', nullable: false, value: (row) => row.address },
  { name: 'actor', type: 'INT64', nullable: false, value: (row) => BigInt(row.actor) },
  { name: 'n', type: 'INT64', nullable: false, value: (row) => BigInt(row.n) },
  { name: 'kind', type: 'STRING', nullable: false, value: (row) => row.kind },
  { name: 'kind_number', type: 'INT32', nullable: false, value: (row) => row.kindNumber },
  { name: 'cause_address', type: 'STRING', nullable: true, value: (row) => row.causeAddress },
  { name: 'cause_actor', type: 'INT64', nullable: true, value: (row) => optionalBigInt(row.causeActor) },
  { name: 'cause_n', type: 'INT64', nullable: true, value: (row) => optionalBigInt(row.causeN) },
  { name: 'text', type: 'STRING', nullable: false, value: (row) => row.text },
  { name: 'asked_by', type: 'STRING', nullable: false, value: (row) => row.askedBy },
  { name: 'payload', type: 'STRING', nullable: false, value: (row) => toJson(row.payload) },
];

/**
 * Writes the file, whole or not at all, and gives its number of rows.
 * @throws LogError ORRERY_LOG_DAMAGED, ORRERY_LOG_IO
 */
export function exportParquet(reader: LogReader, file: string, addressOf: AddressOf): number {
  const temporary = `${file}.tmp`;
  return access(file, () => {
    try {
      const rows = writeRows(reader, temporary, addressOf);
      renameSync(temporary, file);
      return rows;
    } finally {
      rmSync(temporary, { force: true });
    }
  });
}

function writeRows(reader: LogReader, file: string, addressOf: AddressOf): number {
  const schema = schemaFromColumnData({ columnData: columnData([]) });
  const writer = new ParquetWriter({ writer: fileWriter(file), schema });
  let count = 0;
  let group: Row[] = [];
  const flush = (): void => {
    if (group.length > 0) void writer.write({ columnData: columnData(group), rowGroupSize });
    group = [];
  };
  for (const row of rowsOf(reader, addressOf)) {
    count += 1;
    group.push(row);
    if (group.length === rowGroupSize) flush();
  }
  flush();
  void writer.finish();
  return count;
}

function columnData(rows: readonly Row[]): ColumnSource[] {
  return columns.map(({ name, type, nullable, value }) => ({ name, type, nullable, data: rows.map(value) }));
}

function optionalBigInt(value: number | undefined): bigint | undefined {
  return value === undefined ? undefined : BigInt(value);
}
