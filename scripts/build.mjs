#!/usr/bin/env node
import { ensureAll, ensureCli } from './lib/setup.mjs';
// Builds what `npm start` runs, without starting it. What is up to date is left alone.
import { consoleProgress, fail } from './lib/terminal.mjs';

try {
  await (process.argv.includes('--bundles') ? ensureCli : ensureAll)(consoleProgress());
} catch (error) {
  fail(error.message);
}
