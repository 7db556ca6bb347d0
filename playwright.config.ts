import { defineConfig } from '@playwright/test';
import { chromiumOptions } from './e2e/harness/browser';

export default defineConfig({
  testDir: 'e2e/specs',
  testMatch: '*.e2e.ts',
  outputDir: '.cache/playwright',
  globalSetup: './e2e/harness/builds.ts',
  // Each spec runs a stack of its own; two at once would only slow each other down.
  workers: 1,
  retries: 0,
  forbidOnly: process.env['CI'] === 'true',
  timeout: 120_000,
  reportSlowTests: null,
  reporter: [['list'], ['json', { outputFile: '.cache/tests/playwright.json' }]],
  use: {
    launchOptions: chromiumOptions(),
    viewport: { width: 1280, height: 800 },
    contextOptions: { reducedMotion: 'reduce' },
    actionTimeout: 15_000,
    navigationTimeout: 15_000,
    // Without a film of the page, which would slow every test down: its snapshots show the same.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
  },
});
