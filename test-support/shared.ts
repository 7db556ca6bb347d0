import { existsSync } from 'node:fs';
import path from 'node:path';

/** Recorded data and reference cases beside the repository, in `../shared`. They are not part of it. */
const FOLDER = path.resolve(import.meta.dirname, '../../shared');

/**
 * Whether the folder is there. A test that uses it is skipped only by this, never because a file in it was not found: where the
 * folder exists, a wrong path or a missing file fails the test.
 */
export const haveShared = existsSync(FOLDER);

/** Absolute path of a file or folder in `../shared`. */
export function sharedFile(...parts: readonly string[]): string {
  return path.join(FOLDER, ...parts);
}
