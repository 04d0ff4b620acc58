import { defineConfig } from 'vitest/config';

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
    exclude: ['**/node_modules/**', '**/dist/**'],
    isolate: false,
    pool: 'forks',
    testTimeout: 60_000,
  },
});
