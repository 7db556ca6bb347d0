import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { z } from 'zod';

const lockSchema = z.object({
  packages: z.record(z.string(), z.object({ optionalDependencies: z.record(z.string(), z.string()).optional() })),
});

/** Where `dependency` of the package at `from` may be, nearest first: as Node looks for it. */
function places(from: string, dependency: string): string[] {
  const found: string[] = [];
  for (let folder = from; ; folder = folder.slice(0, Math.max(0, folder.lastIndexOf('/node_modules/')))) {
    found.push(`${folder === '' ? '' : `${folder}/`}node_modules/${dependency}`);
    if (folder === '') return found;
  }
}

// npm leaves out what the registry at hand lacks, and `npm ci`, the first step of `npm start`, then refuses the whole file.
test('the lock file names the packages of every platform, so that a bare clone installs', () => {
  const { packages } = lockSchema.parse(JSON.parse(readFileSync('package-lock.json', 'utf8')));
  const missing = Object.entries(packages).flatMap(([from, entry]) =>
    Object.keys(entry.optionalDependencies ?? {}).filter(
      (dependency) => !places(from, dependency).some((place) => packages[place]),
    ),
  );
  expect(missing).toEqual([]);
});
