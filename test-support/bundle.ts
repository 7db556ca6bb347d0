import { bundleOne } from '../scripts/lib/bundle';

/**
 * Bundles a process as it ships, for a test that runs it: a file of this test process's own, so that files that run side by
 * side do not write each other's.
 * @param entry path from the repository's root
 * @returns the file to run
 */
export function bundleForTest(entry: string, name: string): Promise<string> {
  return bundleOne(entry, `.cache/test-bundles/${name}-${process.pid}.mjs`);
}
