import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { failpoint } from './failpoint';

const folder = mkdtempSync(path.join(tmpdir(), 'countersign-failpoint-'));
const file = path.join(folder, 'armed');
let signals: unknown[] = [];

beforeEach(() => {
  signals = [];
  vi.spyOn(process, 'kill').mockImplementation((_pid, signal) => {
    signals.push(signal);
    return true;
  });
});

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  rmSync(file, { force: true });
});

test('nothing happens where nothing is armed', () => {
  failpoint('claimed');
  vi.stubEnv('COUNTERSIGN_FAILPOINTS', 'before-send');
  failpoint('claimed');
  vi.stubEnv('COUNTERSIGN_FAILPOINTS_FILE', file);
  failpoint('claimed');
  expect(signals).toEqual([]);
});

test('one that the environment arms ends the process, at the time that it says', () => {
  vi.stubEnv('COUNTERSIGN_FAILPOINTS', 'fill-booked,after-send@2');
  failpoint('after-send');
  expect(signals).toEqual([]);
  failpoint('after-send');
  failpoint('fill-booked');
  expect(signals).toEqual(['SIGKILL', 'SIGKILL']);
});

test('one that a file arms stands still once, and again when it is armed again', () => {
  vi.stubEnv('COUNTERSIGN_FAILPOINTS_FILE', file);
  for (let n = 1; n <= 2; n += 1) {
    writeFileSync(file, 'reclaimed=stop');
    failpoint('reclaimed');
    failpoint('reclaimed');
    expect(signals).toEqual(Array.from({ length: n }, () => 'SIGSTOP'));
    rmSync(file);
    failpoint('reclaimed');
  }
});
