import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, test } from 'vitest';
import { webDir } from '@/scripts/lib/setup';

test('the failpoints of the production build of the console do nothing: nobody can arm them', async () => {
  const folder = path.resolve(webDir, 'server');
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.js'));
  const found: string[] = [];
  let placing = 0;
  for (const file of files) {
    const text = await readFile(path.join(folder, file), 'utf8');
    if (text.includes('COUNTERSIGN_FAILPOINTS')) found.push(file);
    // The code that the failpoints stand in is there: the search looks in the right place.
    if (text.includes('gate_commit')) placing += 1;
  }
  expect(placing).toBeGreaterThan(0);
  expect(found).toEqual([]);
});
