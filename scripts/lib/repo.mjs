// The project's own folder, and the places in it that the scripts share.
import { execFileSync } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const repoRoot = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');

/** The lowest Node that every dependency supports. */
const MIN_NODE = [20, 19, 0];

/** One line that says why this Node cannot be used, or null. @param {string} version e.g. '20.19.0' */
export function nodeFault(version = process.versions.node) {
  const parts = version.split('.').map(Number);
  for (const [index, least] of MIN_NODE.entries()) {
    if (parts[index] > least) return null;
    if (parts[index] < least) return `Node ${MIN_NODE.join('.')} or newer is needed; this is ${version}.`;
  }
  return null;
}

/** The commit the code was checked out from, or 'unversioned' outside a clone. */
export function codeVersion() {
  try {
    const options = { cwd: repoRoot, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] };
    return execFileSync('git', ['rev-parse', '--short=12', 'HEAD'], options).trim();
  } catch {
    return 'unversioned';
  }
}
