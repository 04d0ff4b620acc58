import { expect, test } from 'vitest';
import type { Order } from '../../sweep/index.ts';
import { RunPool } from './run-pool.ts';

/** A run that cannot begin: what matters here is what becomes of its process. */
const order: Order = {
  key: 'v1-1',
  settings: {},
  seed: 1,
  scenario: { name: 's', durationNs: 1, datacenter: {} } as Order['scenario'],
};

/** @param deaths how many processes are killed as soon as they are started */
async function runWith(deaths: number): Promise<{ error: string; started: number }> {
  let started = 0;
  const pool = new RunPool(1, (pid) => {
    if (++started <= deaths && pid !== undefined) process.kill(pid, 'SIGKILL');
  });
  try {
    const { error } = await pool.run(order);
    return { error, started };
  } finally {
    pool.close();
  }
}

test('a run whose process dies is done again by another', async () => {
  const { error, started } = await runWith(2);
  expect(error).not.toContain('died');
  expect(started).toBe(3);
});

test('a run whose process dies each time is a result that says so', async () => {
  expect(await runWith(Infinity)).toEqual({
    error: 'its process died 3 times, the last time by SIGKILL',
    started: 3,
  });
});

test('a pool that is closed gives its runs up', async () => {
  const pool = new RunPool(1, () => pool.close());
  await expect(pool.run(order)).rejects.toThrow('the run was given up');
});
