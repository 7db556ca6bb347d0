#!/usr/bin/env node
// `npm run soak -- --minutes 30`: five symbols live in the console, with an eye on processor, memory and every bar.
import { pathToFileURL } from 'node:url';
import { nodeFault, repoRoot } from './lib/repo.mjs';
import { ensureCheckable, ensureCli, ensureWeb } from './lib/setup.mjs';
import { consoleProgress, fail } from './lib/terminal.mjs';

const fault = nodeFault();
if (fault !== null) fail(fault);
process.chdir(repoRoot);

try {
  const progress = consoleProgress((line) => console.error(line));
  await ensureCheckable(progress);
  // Before the stack starts, which is given a minute or two.
  await ensureCli(progress);
  await ensureWeb(progress);
  const { bundleOne } = await import('./lib/bundle.mjs');
  const bundled = await bundleOne('e2e/soak/main.ts', '.cache/soak/main.mjs', { sourcemap: true });
  const { main } = await import(pathToFileURL(bundled).href);
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  fail(error.stack ?? String(error));
}
