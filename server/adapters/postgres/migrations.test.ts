import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { MIGRATIONS } from './migrations';

test('the list names every migration of the folder, in order', () => {
  const folders = readdirSync('prisma/migrations', { withFileTypes: true }).filter((entry) => entry.isDirectory());
  expect(MIGRATIONS).toEqual(folders.map(({ name }) => name).sort());
});
