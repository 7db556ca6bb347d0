import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { haveShared, sharedFile } from './shared';

const root = path.resolve(import.meta.dirname, '..');
const HELPER = 'test-support/shared';

test('the folder is looked for beside the repository', () => {
  expect(sharedFile('data', 'news')).toBe(path.resolve(root, '../shared/data/news'));
  expect(haveShared).toBe(existsSync(path.resolve(root, '../shared')));
});

test('no other file spells the path: a wrong one would skip its tests unnoticed', () => {
  const files = execFileSync('git', ['ls-files', '*.ts', '*.tsx'], { cwd: root, encoding: 'utf8' }).trim().split('\n');
  expect(files.length).toBeGreaterThan(500);
  const spelled = files
    .filter((file) => !file.startsWith(HELPER) && existsSync(path.join(root, file)))
    .filter((file) => /['"`/]\.\.\/shared\/(data|vectors|cases)/.test(readFileSync(path.join(root, file), 'utf8')));
  expect(spelled).toEqual([]);
});
