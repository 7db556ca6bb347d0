// `npm run bench`: bundles the measurements with the code they measure, and runs them in this process.
import { pathToFileURL } from 'node:url';
import { bundleOne } from '../scripts/lib/bundle';
import { startPostgres } from '../scripts/lib/embedded-postgres';
import { stackOf } from '../scripts/lib/errors';
import { migrate } from '../scripts/lib/migrate';
import { findFreePort } from '../scripts/lib/processes';
import { repoRoot } from '../scripts/lib/repo';
import { ensureCheckable, ensureCli, ensureWeb, webDir } from '../scripts/lib/setup';
import { consoleProgress, fail } from '../scripts/lib/terminal';
import { webArguments } from '../scripts/lib/web-server';

// The table is the output; progress goes to stderr.
const progress = consoleProgress((line) => console.error(line));

try {
  await ensureCheckable(progress);
  const bundled = await bundleOne('bench/main.ts', '.cache/bench/main.mjs', { sourcemap: true });
  const { main } = await import(pathToFileURL(bundled).href);
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
  fail(stackOf(error));
}
