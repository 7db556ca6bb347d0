// "Is this output still made from these inputs?": a hash of the inputs' names and contents, kept beside the output.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from './repo.mjs';

const IGNORED = /(^|\/)(node_modules|\.next[^/]*|dist|\.data|coverage)(\/|$)|\.test\.tsx?$/;

/**
 * SHA-256 over the files under `inputs` (files or folders, relative to the project); what is missing counts as absent.
 * @param {readonly string[]} inputs
 * @param {readonly string[]} [extra] further facts the output depends on
 */
export function hashInputs(inputs, extra = []) {
  const hash = createHash('sha256');
  for (const fact of extra) hash.update(`${fact}\0`);
  for (const file of inputs.flatMap((input) => listFiles(input)).sort()) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(path.join(repoRoot, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

function listFiles(relative) {
  if (IGNORED.test(relative)) return [];
  const stats = statSync(path.join(repoRoot, relative), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [relative];
  return readdirSync(path.join(repoRoot, relative)).flatMap((name) => listFiles(`${relative}/${name}`));
}

/** Does the stamp at `file` (relative to the project) hold this hash? */
export function isStamped(file, hash) {
  try {
    return readFileSync(path.join(repoRoot, file), 'utf8') === hash;
  } catch {
    return false;
  }
}

export function writeStamp(file, hash) {
  const target = path.join(repoRoot, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, hash);
}
