import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { bundle } from './bundle';

const folders: string[] = [];

afterAll(async () => {
  await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
});

async function bundledText(failpoints: boolean): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'countersign-bundle-'));
  folders.push(folder);
  await bundle({ outdir: folder, failpoints });
  const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.mjs'));
  return (await Promise.all(files.map((file) => readFile(path.join(folder, file), 'utf8')))).join('\n');
}

const calls = (text: string) => [...text.matchAll(/\bfailpoint\d*\("([a-z-]+)"\)/g)].map((match) => match[1] ?? '');

test('what ships has no failpoint in it, neither a call nor a name', { timeout: 60_000 }, async () => {
  const armed = await bundledText(true);
  const names = new Set(calls(armed));
  // With the failpoints left in they are all there: the search can find them.
  expect(names.size).toBeGreaterThan(20);
  expect(armed).toContain('COUNTERSIGN_FAILPOINTS');
  const shipped = await bundledText(false);
  expect(calls(shipped)).toEqual([]);
  expect(shipped).not.toContain('COUNTERSIGN_FAILPOINTS');
  // "claimed" is a word of the timeline as well.
  for (const name of [...names].filter((each) => each.includes('-'))) expect(shipped).not.toContain(`"${name}"`);
});
