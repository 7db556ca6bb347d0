#!/usr/bin/env node
// `npm run test:faults`: bundles the fault suite and runs it in this process.
import { pathToFileURL } from 'node:url';
import { nodeFault, repoRoot } from './lib/repo.mjs';
import { ensureCheckable } from './lib/setup.mjs';
import { consoleProgress, fail } from './lib/terminal.mjs';

const fault = nodeFault();
if (fault !== null) fail(fault);

try {
  await ensureCheckable(consoleProgress());
  const { bundleOne } = await import('./lib/bundle.mjs');
  const suite = await bundleOne('e2e/faults/main.ts', '.cache/faults/main.mjs', { sourcemap: true });
  const { main } = await import(pathToFileURL(suite).href);
  const { startPostgres } = await import('./lib/embedded-postgres.mjs');
  const { migrate } = await import('./lib/migrate.mjs');
  const { isPortFree } = await import('./lib/processes.mjs');
  process.exitCode = await main(process.argv.slice(2), { repoRoot, startPostgres, migrate, isPortFree });
} catch (error) {
  // A slip on the command line needs no stack.
  const slip = error.name === 'UsageError' || String(error.code).startsWith('ERR_PARSE_ARGS');
  fail(slip ? `${error.message}; try --help` : (error.stack ?? String(error)), slip ? 2 : 1);
}
