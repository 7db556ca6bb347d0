import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { COVERAGE_GATES, COVERED } from './coverage-gates';

const root = path.resolve(import.meta.dirname, '..');

/** The folders of a pattern such as `server/{a,b}/**` or `server/a/*.ts`. */
function foldersOf(pattern: string): string[] {
  const folder = pattern.slice(0, pattern.indexOf('/*'));
  const braces = /^(.*)\{([^}]+)\}(.*)$/.exec(folder);
  if (braces === null) return [folder];
  const [, before = '', names = '', after = ''] = braces;
  return names.split(',').map((name) => `${before}${name}${after}`);
}

function countedFiles(folder: string): string[] {
  const absolute = path.join(root, folder);
  if (!existsSync(absolute)) return [];
  return readdirSync(absolute, { recursive: true, encoding: 'utf8' }).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !/(^|\/)testing\//.test(file),
  );
}

test.each(Object.keys(COVERAGE_GATES))('the gate %s holds for files that exist', (pattern) => {
  expect(pattern).toMatch(/\/(\*\*|\*\.ts)$/);
  for (const folder of foldersOf(pattern))
    expect({ folder, files: countedFiles(folder).length }).not.toMatchObject({ files: 0 });
});

test('coverage is measured in every folder that has a gate', () => {
  const measured = COVERED.flatMap(foldersOf);
  const isMeasured = (folder: string) =>
    measured.some((parent) => folder === parent || folder.startsWith(`${parent}/`));
  expect(
    Object.keys(COVERAGE_GATES)
      .flatMap(foldersOf)
      .filter((folder) => !isMeasured(folder)),
  ).toEqual([]);
});

test('a gate for a folder that was moved away is noticed', () => {
  expect(foldersOf('server/application/{sending,gone}/**').map((folder) => countedFiles(folder).length > 0)).toEqual([
    true,
    false,
  ]);
});
