// Whether an output is still made from its inputs: a hash of their names and contents, kept beside the output.
import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { repoRoot } from './repo';

const IGNORED = /(^|\/)(node_modules|\.next[^/]*|dist|\.data|coverage)(\/|$)|\.test\.tsx?$/;

/**
 * SHA-256 over the files under `inputs` (files or folders, relative to the project); what is missing counts as absent.
 * @param extra further facts that the output depends on
 */
export function hashInputs(inputs: readonly string[], extra: readonly string[] = []): string {
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

function listFiles(relative: string): string[] {
  if (IGNORED.test(relative)) return [];
  const stats = statSync(path.join(repoRoot, relative), { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return [relative];
  return readdirSync(path.join(repoRoot, relative)).flatMap((name) => listFiles(`${relative}/${name}`));
}

/** Whether the stamp at `file` (relative to the project) holds this hash. */
export function isStamped(file: string, hash: string): boolean {
  try {
    return readFileSync(path.join(repoRoot, file), 'utf8') === hash;
  } catch {
    return false;
  }
}

export function writeStamp(file: string, hash: string): void {
  const target = path.join(repoRoot, file);
  mkdirSync(path.dirname(target), { recursive: true });
  writeFileSync(target, hash);
}
