/** How the log of a run is kept, and the deaths that tests ask for in the middle of a write. */
import type { StoreOptions } from '@orrery/log/files';
import { Refusal } from '../exit.ts';

/** @param crashAt `batch:3`: SIGKILL with half of the third batch written; `snapshot` and `rename` likewise */
export function storeOptions(crashAt: string | undefined): StoreOptions {
  if (crashAt === undefined) return {};
  const match = /^(batch|snapshot|rename):([1-9][0-9]*)$/.exec(crashAt);
  if (match === null)
    throw new Refusal(`--crash-at: expected batch:N, snapshot:N or rename:N, found "${crashAt}"`);
  const [, wanted, count] = match;
  let left = Number(count);
  return {
    crash: (point) => {
      if (point === wanted && --left === 0) process.kill(process.pid, 'SIGKILL');
    },
  };
}
