#!/usr/bin/env node
// `npx countersign …`: installs and bundles what is missing or stale (told on stderr), then runs the command.
import path from 'node:path';
import { pathToFileURL } from 'node:url';
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
await import(pathToFileURL(path.join(repoRoot, 'dist/countersign.mjs')).href);
