import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, join } from 'node:path';
import { defineConfig } from 'vitest/config';

// Tests that talk to a real server need it as a program or a Docker daemon; in CI its absence is a failure, elsewhere they are
// left out, and it is said.
const real = [
  {
    program: 'nats-server',
    tests: ['packages/bus/src/adapters/nats/*.int.test.ts', '{test,apps}/**/*over-nats.int.test.ts'],
  },
  { program: 'jaeger', tests: ['test/*jaeger.int.test.ts'] },
];
const parts = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'orrery-parts', 'bin');
const folders = [...(process.env.PATH ?? '').split(delimiter), parts];
const dockerHost = process.env.DOCKER_HOST ?? 'unix:///var/run/docker.sock';
const hasDocker = !dockerHost.startsWith('unix://') || existsSync(dockerHost.slice('unix://'.length));
const missing = real.filter(({ program }) => !folders.some((folder) => existsSync(join(folder, program))));
const leftOut = hasDocker || process.env.CI !== undefined ? [] : missing;
for (const { program, tests } of leftOut)
  process.stderr.write(
    `left out: ${tests.join(', ')}: no Docker daemon, and no ${program} on PATH or in ${parts}; have one of them to run them\n`,
  );

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
    exclude: ['**/node_modules/**', '**/dist/**', ...leftOut.flatMap(({ tests }) => tests)],
    isolate: false,
    pool: 'forks',
    // Far over what any takes: machines that are busy elsewhere are slow, and what hangs still ends.
    testTimeout: 120_000,
    hookTimeout: 120_000,
  },
});
