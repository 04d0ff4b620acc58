import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests over a real broker need a nats-server; in CI its absence is a failure, elsewhere they are left out, and it is said.
const overNats = ['packages/bus/src/adapters/nats/*.int.test.ts', '{test,apps}/**/*over-nats.int.test.ts'];
const parts = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'orrery-parts', 'bin');
const folders = [...(process.env.PATH ?? '').split(delimiter), parts];
const natsServer = folders.some((folder) => existsSync(join(folder, 'nats-server')));
const leftOut = natsServer || process.env.CI !== undefined ? [] : overNats;
if (leftOut.length > 0) {
  process.stderr.write(
    `left out: ${leftOut.join(', ')}: no nats-server on PATH or in ${parts}; install nats-server 2 to run them\n`,
  );
}

const conditions = ['orrery-source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: {
    // Without `module`: Node itself would take it to packages whose ES build it cannot load.
    resolve: {
      conditions: ['orrery-source', 'node', 'development|production'],
      externalConditions: ['orrery-source', 'node'],
    },
  },
  test: {
    include: ['{proto,packages,services,apps,test,bench}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**', ...leftOut],
    isolate: false,
    pool: 'forks',
    testTimeout: 60_000,
  },
});
