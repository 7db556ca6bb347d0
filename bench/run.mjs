#!/usr/bin/env node
// `npm run bench`: bundles the measurements with the code they measure, and runs them in this process.
import { pathToFileURL } from 'node:url';
import { nodeFault, repoRoot } from '../scripts/lib/repo.mjs';
import { ensureCheckable, ensureCli, ensureWeb, webDir } from '../scripts/lib/setup.mjs';
import { consoleProgress, fail } from '../scripts/lib/terminal.mjs';
import { webArguments } from '../scripts/lib/web-server.mjs';

const fault = nodeFault();
if (fault !== null) fail(fault);
// The table is the output; progress is for whoever waits.
const progress = consoleProgress((line) => console.error(line));

try {
  await ensureCheckable(progress);
  const { bundleOne } = await import('../scripts/lib/bundle.mjs');
  const bundled = await bundleOne('bench/main.ts', '.cache/bench/main.mjs', { sourcemap: true });
  const { main } = await import(pathToFileURL(bundled).href);
  const { startPostgres } = await import('../scripts/lib/embedded-postgres.mjs');
  const { migrate } = await import('../scripts/lib/migrate.mjs');
  const { findFreePort } = await import('../scripts/lib/processes.mjs');
  const code = await main(process.argv.slice(2), {
    repoRoot,
    webDir,
    webArguments,
    startPostgres,
    migrate,
    findFreePort,
    ensureBundles: () => ensureCli(progress),
    ensureWeb: async () => {
      await ensureCli(progress);
      await ensureWeb(progress);
    },
  });
  // A group that exceeded its limit may still be running.
  process.exit(code);
} catch (error) {
  fail(error.stack ?? String(error));
}
