/** OTLP JSON lines: one export request a line, as the collector's file exporter writes and its receiver reads. */
import { type FileHandle, open } from 'node:fs/promises';
import { JsonTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { SpanSink } from './sink.ts';

/** @param path file that is made, or emptied first */
export function createFileSink(path: string): SpanSink {
  /** Opened at once, so that a run without spans leaves an empty file; a failure is told with the first batch. */
  const file: Promise<FileHandle> = open(path, 'w');
  file.catch(() => undefined);
  let writing: Promise<unknown> = Promise.resolve();
  const append = async (line: Uint8Array): Promise<void> => {
    const handle = await file;
    await handle.appendFile(Buffer.concat([line, Buffer.from('\n')]));
  };
  return {
    name: path,
    send: async (batch) => {
      const line = JsonTraceSerializer.serializeRequest([...batch]);
      if (line === undefined) return { rejected: batch.length, message: 'could not be serialised' };
      const written = writing.then(() => append(line));
      writing = written.catch(() => undefined);
      try {
        await written;
        return { rejected: 0, message: '' };
      } catch (error) {
        return { rejected: batch.length, message: error instanceof Error ? error.message : String(error) };
      }
    },
    close: async () => {
      await writing;
      await file.then((handle) => handle.close()).catch(() => undefined);
    },
  };
}
