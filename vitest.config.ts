import path from 'node:path';
import { defineConfig } from 'vitest/config';
import { COVERAGE_GATES, COVERED } from './test-support/coverage-gates';

/** Files of one worker share the modules they import: loading them again for each file took longer than the tests. */
const SHARED_MODULES = { isolate: false } as const;

const component = ['**/*.component.test.tsx'];
const integration = ['**/*.integration.test.ts'];
const replay = ['**/*.replay.test.ts'];
const architecture = ['**/*.architecture.test.ts'];
const system = ['e2e/system/**/*.integration.test.ts'];
const mutants = ['e2e/model/mutants.model.test.ts'];
const model = ['e2e/model/**/*.model.test.ts'];
const never = ['**/node_modules/**', '**/dist/**', '**/.next*/**', '**/.data/**'];

export default defineConfig({
  resolve: {
    alias: {
      '@': path.resolve(import.meta.dirname),
      // Next swaps this module for an empty one on the server; tests run on the server.
      'server-only': path.resolve(import.meta.dirname, 'scripts/lib/empty.ts'),
    },
  },
  test: {
    environment: 'node',
    // Most of the integration tests' time is waiting for other processes: more at once than there are cores.
    maxWorkers: 4,
    env: { TZ: 'UTC', LOG_LEVEL: 'silent' },
    coverage: {
      provider: 'v8',
      reporter: ['text-summary', 'json'],
      include: [...COVERED],
      exclude: ['**/*.test.ts', '**/testing/**'],
      thresholds: { ...COVERAGE_GATES },
    },
    projects: [
      {
        extends: true,
        test: {
          ...SHARED_MODULES,
          name: 'unit',
          include: ['**/*.test.{ts,tsx}'],
          exclude: [...never, ...component, ...integration, ...replay, ...architecture, ...model],
          setupFiles: ['test-support/next-globals.ts'],
          // No test is about time: limits are for what hangs, on a machine that is busy with other things.
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'component',
          include: component,
          exclude: never,
          environment: 'happy-dom',
          setupFiles: ['test-support/component.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'architecture',
          include: architecture,
          exclude: never,
          hookTimeout: 60_000,
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: integration,
          exclude: [...never, ...system],
          globalSetup: ['test-support/postgres-server.ts'],
          setupFiles: ['test-support/next-globals.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        extends: true,
        test: { ...SHARED_MODULES, name: 'replay', include: replay, exclude: never, testTimeout: 60_000 },
      },
      {
        extends: true,
        test: {
          name: 'model',
          include: model,
          exclude: [...never, ...mutants],
          globalSetup: ['test-support/postgres-server.ts'],
          testTimeout: 900_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'mutants',
          include: mutants,
          exclude: never,
          globalSetup: ['test-support/postgres-server.ts'],
          testTimeout: 900_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'system',
          include: system,
          exclude: never,
          globalSetup: ['test-support/postgres-server.ts', 'test-support/web-build.ts'],
          // Each file runs a whole stack of processes; two at once would measure each other.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});
