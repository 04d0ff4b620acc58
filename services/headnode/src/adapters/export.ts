/** Sends the log in another form, no faster than the client takes it. */
import { invalid, type RunControl } from '../control/index.ts';
import type { FollowCall } from './follow.ts';
import { serviceError } from './status.ts';

const FORMATS = ['jsonl', 'parquet'];

/** @throws ControlError on a format that there is not */
export function serveExport(run: RunControl, call: FollowCall, wanted: string): void {
  const format = wanted === '' ? 'jsonl' : wanted;
  if (!FORMATS.includes(format))
    throw invalid([
      { field: 'format', description: `expected one of ${FORMATS.join(', ')}, found "${wanted}"` },
    ]);
  const patience = new AbortController();
  call.on('cancelled', () => patience.abort());
  copy(run.exportLog(format, patience.signal), call).catch((error: unknown) => {
    if (!patience.signal.aborted) call.emit('error', serviceError(error));
  });
}

async function copy(chunks: AsyncIterable<Uint8Array>, call: FollowCall): Promise<void> {
  for await (const data of chunks) {
    await new Promise<void>((resolve) => {
      call.write({ data }, () => resolve());
    });
  }
  call.end();
}
