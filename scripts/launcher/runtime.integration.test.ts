import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive } from '../lib/processes';
import { stopOrphans, writeRuntime } from './runtime';
import { supervise } from './supervisor';

const IDLE = ['-e', 'setInterval(() => {}, 1000)'];

let folder: string;
let original: string;
let child: ReturnType<typeof supervise>;
const notices: string[] = [];

beforeEach(async () => {
  notices.length = 0;
  folder = await mkdtemp(path.join(tmpdir(), 'countersign-runtime-'));
  original = path.join(folder, 'original');
  child = supervise({
    name: 'worker',
    args: IDLE,
    env: process.env,
    dataDir: original,
    logFile: path.join(original, 'worker.log'),
    say: () => {},
    onChange: () => {},
  });
  writeRuntime(original, {}, [child]);
});
afterEach(async () => {
  await child.stop();
  await rm(folder, { recursive: true, force: true });
});

const notice = (line: string) => notices.push(line);
const pidOf = () => child.pid() ?? Number.NaN;

test('what a killed launcher left running on this data folder is stopped', async () => {
  const pid = pidOf();
  expect(isAlive(pid)).toBe(true);
  await stopOrphans(original, notice);
  expect(isAlive(pid)).toBe(false);
  expect(notices).toEqual([`stopping the worker (process ${pid}) that an earlier start left running`]);
});

test("a copied data folder names the original's processes: they are left alone", async () => {
  const copy = path.join(folder, 'copy');
  await cp(original, copy, { recursive: true });
  await stopOrphans(copy, notice);
  expect(isAlive(pidOf())).toBe(true);
  expect(notices).toEqual([]);
});

test('a data folder whose name begins with that of another one is another folder', async () => {
  const longer = `${original}-2`;
  const shorter = original.slice(0, -1);
  for (const other of [longer, shorter]) {
    await cp(original, other, { recursive: true });
    await stopOrphans(other, notice);
  }
  expect(isAlive(pidOf())).toBe(true);
});

test('a process that only shares the id of the recorded one is left alone', async () => {
  const stranger = { name: 'worker', pid: () => process.pid };
  writeRuntime(original, {}, [stranger]);
  await stopOrphans(original, notice);
  expect(notices).toEqual([]);
});
