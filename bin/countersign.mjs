#!/usr/bin/env node
// `npx countersign …`: installs and bundles what is missing or stale (told on stderr), then runs the command.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { readRuntime } from '../scripts/launcher/runtime.mjs';
import { loadEnvFile } from '../scripts/launcher/settings.mjs';
import { nodeFault, repoRoot } from '../scripts/lib/repo.mjs';
import { ensureCli } from '../scripts/lib/setup.mjs';
import { consoleProgress, fail } from '../scripts/lib/terminal.mjs';

const fault = nodeFault();
if (fault) fail(fault);
try {
  await ensureCli(consoleProgress((line) => console.error(line)));
} catch (error) {
  fail(error.message);
}
// As the launcher does: what .env says, where the environment says nothing.
loadEnvFile();
// The database, broker and ports of the running stack, unless the environment names others.
process.env.DATA_DIR = path.resolve(repoRoot, process.env.DATA_DIR || '.data');
const { env = {} } = readRuntime(process.env.DATA_DIR);
for (const [name, value] of Object.entries(env)) process.env[name] ||= value;
await import(pathToFileURL(path.join(repoRoot, 'dist/countersign.mjs')).href);
