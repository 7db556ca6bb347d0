import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { BUNDLE_INPUTS, WEB_INPUTS } from './setup';

const root = path.resolve(import.meta.dirname, '../..');

/** Configuration at the root that neither build reads. */
const NOT_READ = ['prisma.config.ts', 'vitest.config.ts', 'playwright.config.ts', '.dependency-cruiser.cjs'];

function sourcesUnder(relative: string): string[] {
  const absolute = path.join(root, relative);
  const stats = statSync(absolute, { throwIfNoEntry: false });
  if (stats === undefined) return [];
  if (stats.isFile()) return /\.tsx?$/.test(relative) && !/\.test\.tsx?$/.test(relative) ? [relative] : [];
  if (path.basename(relative) === 'testing') return [];
  return readdirSync(absolute).flatMap((name) => sourcesUnder(`${relative}/${name}`));
}

/** What the sources of a build import from the repository, as paths from its root. */
function importedBy(inputs: readonly string[]): Set<string> {
  const imported = new Set<string>();
  for (const file of inputs.flatMap(sourcesUnder)) {
    const text = readFileSync(path.join(root, file), 'utf8');
    for (const [, specifier = ''] of text.matchAll(/(?:from|import)\s*\(?\s*'([^']+)'/g)) {
      if (specifier.startsWith('@/')) imported.add(specifier.slice(2));
      else if (specifier.startsWith('.')) imported.add(path.posix.join(path.posix.dirname(file), specifier));
    }
  }
  return imported;
}

const isUnder = (inputs: readonly string[]) => (file: string) =>
  inputs.some((input) => file === input || file === input.replace(/\.tsx?$/, '') || file.startsWith(`${input}/`));

test('a changed source file at the root, such as proxy.ts, is built again', () => {
  const atRoot = readdirSync(root).filter((name) => /\.(ts|tsx|mjs|cjs)$/.test(name) && !/\.test\.tsx?$/.test(name));
  expect(atRoot).toContain('proxy.ts');
  const generated = ['next-env.d.ts'];
  const covered = [...WEB_INPUTS, ...NOT_READ, ...generated];
  expect(atRoot.filter((name) => !covered.includes(name))).toEqual([]);
});

test.each([
  ['web', WEB_INPUTS],
  ['bundle', BUNDLE_INPUTS],
] as const)('everything that the %s build imports is among its inputs', (_name, inputs) => {
  // Of the build's own script only the file itself is an input.
  const imported = importedBy(inputs.filter((input) => !input.startsWith('scripts/')));
  expect(imported.size).toBeGreaterThan(50);
  expect([...imported].filter((file) => !isUnder(inputs)(file))).toEqual([]);
});
