/** `orrery log export --connect`: the log of a live datacenter, as it stands now. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { pipeline } from 'node:stream/promises';
import { Transform } from 'node:stream';
import { Refusal } from '../../exit.ts';
import { withControl, type ConnectFlags } from '../../live/connect.ts';
import type { Terminal } from '../../terminal.ts';

export function exportCommand(terminal: Terminal, file: string, flags: ConnectFlags): Promise<number> {
  const format = file.endsWith('.parquet') ? 'parquet' : 'jsonl';
  if (format === 'jsonl' && !/\.(jsonl|ndjson)$/.test(file))
    throw new Refusal(`log export: expected a file that ends in .jsonl or .parquet, found "${file}"`);
  return withControl(flags, async (client) => {
    const target = await opened(file);
    let bytes = 0;
    const unwrap = new Transform({
      writableObjectMode: true,
      transform: ({ data }: { data: Uint8Array }, _encoding, next) => {
        bytes += data.length;
        next(null, data);
      },
    });
    await pipeline(client.stream('exportLog', { format }), unwrap, target);
    terminal.err(`${bytes} bytes in ${file}`);
    return 0;
  });
}

/** @throws Refusal when it cannot be written */
async function opened(file: string): Promise<WriteStream> {
  const target = createWriteStream(file);
  await once(target, 'open').catch((error: unknown) => {
    throw new Refusal(`log export: ${file} cannot be written: ${String((error as Error).message)}`, 1);
  });
  return target;
}
