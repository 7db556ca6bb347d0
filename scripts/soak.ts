// `npm run soak -- --minutes 30`: five symbols live in the console, measuring processor time, memory and every bar.
import { pathToFileURL } from 'node:url';
import { bundleOne } from './lib/bundle';
import { stackOf } from './lib/errors';
import { repoRoot } from './lib/repo';
import { ensureCheckable, ensureCli, ensureWeb } from './lib/setup';
import { consoleProgress, fail } from './lib/terminal';

process.chdir(repoRoot);

try {
  const progress = consoleProgress((line) => console.error(line));
  await ensureCheckable(progress);
  // Before the stack starts, which is given a minute or two.
  await ensureCli(progress);
  await ensureWeb(progress);
  const bundled = await bundleOne('e2e/soak/main.ts', '.cache/soak/main.mjs', { sourcemap: true });
  const { main } = await import(pathToFileURL(bundled).href);
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  fail(stackOf(error));
}
