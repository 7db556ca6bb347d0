#!/usr/bin/env node
import { ensureCli, ensureWeb } from './lib/setup.mjs';
// Builds what `npm start` runs, without starting it. What is up to date is left alone.
import { consoleProgress, fail } from './lib/terminal.mjs';

try {
  const progress = consoleProgress();
  await ensureCli(progress);
  if (!process.argv.includes('--bundles')) await ensureWeb(progress);
} catch (error) {
  fail(error.message);
}
