import { defineConfig } from 'vitest/config';

const conditions = ['orrery-source', 'module', 'node', 'development|production'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions, externalConditions: ['orrery-source', 'node'] } },
  test: {
    include: ['{proto,packages,services,apps,test,bench}/**/*.test.ts'],
    exclude: ['**/node_modules/**', '**/dist/**'],
    isolate: false,
    pool: 'forks',
    testTimeout: 60_000,
  },
});
