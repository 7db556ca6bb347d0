import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { tryLock, withLock } from './lock';
import { startedAt } from './processes';

let folder: string;
let file: string;

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'countersign-lock-'));
  file = path.join(folder, 'a.lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('a lock is held by one, who is named, until it is released', () => {
  const first = tryLock(file);
  expect(tryLock(file)).toEqual({ heldBy: process.pid });
  if ('release' in first) first.release();
  expect(tryLock(file)).toHaveProperty('release');
});

test.each([
  ['a dead process', { pid: 2 ** 22 + 1, startedAt: '1' }],
  ['a process whose id was used again', { pid: process.pid, startedAt: 'another time' }],
])('the lock of %s is taken over', async (_, holder) => {
  await writeFile(file, JSON.stringify(holder));
  expect(tryLock(file)).toHaveProperty('release');
});

test('a file cut short by a crash is no lock', async () => {
  await writeFile(file, '{"pid":');
  expect(tryLock(file)).toHaveProperty('release');
});

test('work under one lock is never under way twice', async () => {
  let inside = 0;
  let most = 0;
  const work = async () => {
    inside += 1;
    most = Math.max(most, inside);
    await new Promise((resolve) => setImmediate(resolve));
    inside -= 1;
  };
  await Promise.all([withLock(file, work), withLock(file, work), withLock(file, work)]);
  expect(most).toBe(1);
});

test('a process has one start time, and a missing one none', () => {
  expect(startedAt(process.pid)).toBe(startedAt(process.pid));
  expect(startedAt(process.pid)).not.toBe('');
  expect(startedAt(2 ** 22 + 1)).toBe('');
});
