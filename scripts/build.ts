// Builds what `npm start` runs, without starting it. What is up to date is left alone.
import { bundleOne } from './lib/bundle';
import { messageOf } from './lib/errors';
import { ensureCli, ensureWeb } from './lib/setup';
import { consoleProgress, fail } from './lib/terminal';

try {
  const progress = consoleProgress();
  await ensureCli(progress);
  // For the image that brings the database up to date; two folders deep, as the scripts expect.
  await bundleOne('scripts/db-deploy.ts', 'dist/scripts/db-deploy.mjs');
  if (!process.argv.includes('--bundles')) await ensureWeb(progress);
} catch (error) {
  fail(messageOf(error));
}
