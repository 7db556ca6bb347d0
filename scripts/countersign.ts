// `npx countersign …`: bundles what is missing or stale (reported on stderr), then runs the command.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRuntime } from './launcher/runtime';
import { loadEnvFile } from './launcher/settings';
import { messageOf } from './lib/errors';
import { repoRoot } from './lib/repo';
import { ensureCli } from './lib/setup';
import { consoleProgress, fail } from './lib/terminal';

try {
  await ensureCli(consoleProgress((line) => console.error(line)));
} catch (error) {
  fail(messageOf(error));
}
// As the launcher does: what .env says, where the environment says nothing.
loadEnvFile();
// The database, broker and ports of the running stack, unless the environment names others.
const dataDir = path.resolve(repoRoot, process.env['DATA_DIR'] || '.data');
process.env['DATA_DIR'] = dataDir;
const { env = {} } = readRuntime(dataDir);
for (const [name, value] of Object.entries(env)) process.env[name] ||= value;
await import(pathToFileURL(path.join(repoRoot, 'dist/countersign.mjs')).href);
