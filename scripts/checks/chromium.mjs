// A browser for the end-to-end tests: one that is there, or Debian's when we may install it.
import { execFileSync, spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { isRoot } from '../lib/postgres-binaries.mjs';

const CANDIDATES = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/google-chrome-stable',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
];

/**
 * Path of a Chromium, or null.
 * @param {(line: string) => void} say
 */
export function findChromium(say) {
  const wanted = process.env.CHROMIUM_PATH;
  if (wanted) {
    if (isExecutable(wanted)) return wanted;
    say(`CHROMIUM_PATH is ${wanted}, which cannot be run`);
    return null;
  }
  return CANDIDATES.find(isExecutable) ?? installChromium(say);
}

function installChromium(say) {
  if (!isRoot() || !isExecutable('/usr/bin/apt-get')) return null;
  say('installing Debian’s Chromium for the browser tests');
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
  try {
    execFileSync('apt-get', ['install', '-y', '-qq', '--no-install-recommends', 'chromium'], { env, stdio: 'pipe' });
  } catch (error) {
    say(
      `that failed: ${String(error.stderr ?? error)
        .trim()
        .split('\n')
        .at(-1)}`,
    );
  }
  return CANDIDATES.find(isExecutable) ?? null;
}

function isExecutable(file) {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
