// A browser for the browser tests: one that is installed, or Debian's where we may install it.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { isRoot } from '../lib/postgres-binaries';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/** Path of the Chromium to use, or null: CHROMIUM_PATH if that is set, otherwise one in the usual places. */
export function locateChromium(): string | null {
  const wanted = process.env['CHROMIUM_PATH'];
  if (wanted) return isExecutable(wanted) ? wanted : null;
  return CANDIDATES.find(isExecutable) ?? null;
}

/** Like `locateChromium`, and installs one where there is none and we may. */
export function findChromium(say: (line: string) => void): string | null {
  const found = locateChromium();
  if (found !== null) return found;
  const wanted = process.env['CHROMIUM_PATH'];
  if (!wanted) return installChromium(say);
  say(`CHROMIUM_PATH is ${wanted}, which cannot be run`);
  return null;
}

function installChromium(say: (line: string) => void): string | null {
  if (!isRoot() || !isExecutable('/usr/bin/apt-get')) return null;
  say('installing Debian’s Chromium for the browser tests');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  try {
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env, stdio: 'pipe' });
  } catch (error) {
    const output = error instanceof Error && 'stderr' in error ? String(error.stderr) : String(error);
    say(`that failed: ${output.trim().split('\n').at(-1)}`);
  }
  return CANDIDATES.find(isExecutable) ?? null;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
