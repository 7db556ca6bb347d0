import { ensureCli, ensureWeb } from '../../scripts/lib/setup';
import { consoleProgress } from '../../scripts/lib/terminal';

/** Playwright's global set-up: makes the bundles and the production build of the console unless they are current. */
export default async function setup(): Promise<void> {
  const progress = consoleProgress();
  await ensureCli(progress);
  await ensureWeb(progress);
}
