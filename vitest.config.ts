import path from 'node:path';
import { defineConfig } from 'vitest/config';

const integration = ['**/*.integration.test.ts'];
const replay = ['**/*.replay.test.ts'];
const architecture = ['**/*.architecture.test.ts'];
const never = ['**/node_modules/**', '**/dist/**', '**/.next*/**', '**/.data/**', 'e2e/**'];

export default defineConfig({
  resolve: {
    alias: {
      '@': path.resolve(import.meta.dirname),
      // Next swaps this module for an empty one on the server; tests run on the server.
      'server-only': path.resolve(import.meta.dirname, 'scripts/lib/empty.mjs'),
    },
  },
  test: {
    environment: 'node',
    env: { TZ: 'UTC', LOG_LEVEL: 'silent' },
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'json'],
      include: ['server/domain/**/*.ts', 'server/application/**/*.ts'],
      exclude: ['**/*.test.ts'],
    },
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...never, ...integration, ...replay, ...architecture],
        },
      },
      {
        extends: true,
        test: {
          name: 'architecture',
          include: architecture,
          exclude: never,
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: integration,
          exclude: never,
          globalSetup: ['test-support/postgres-server.ts'],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'replay', include: replay, exclude: never, testTimeout: 60_000 },
      },
    ],
  },
});
