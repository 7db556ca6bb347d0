// `npm run test:faults`: bundles the fault suite and runs it in this process.
import { pathToFileURL } from 'node:url';
import { bundleOne } from './lib/bundle';
import { startPostgres } from './lib/embedded-postgres';
import { codeOf, messageOf, stackOf } from './lib/errors';
import { migrate } from './lib/migrate';
import { isPortFree } from './lib/processes';
import { repoRoot } from './lib/repo';
import { ensureCheckable } from './lib/setup';
import { consoleProgress, fail } from './lib/terminal';

try {
  await ensureCheckable(consoleProgress());
  const suite = await bundleOne('e2e/faults/main.ts', '.cache/faults/main.mjs', { sourcemap: true });
  const { main } = await import(pathToFileURL(suite).href);
  process.exitCode = await main(process.argv.slice(2), { repoRoot, startPostgres, migrate, isPortFree });
} catch (error) {
  const isUsage =
    (error instanceof Error && error.name === 'UsageError') || codeOf(error)?.startsWith('ERR_PARSE_ARGS');
  if (isUsage) fail(`${messageOf(error)}; try --help`, 2);
  fail(stackOf(error));
}
