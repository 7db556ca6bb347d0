import { appendFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { BreakGlassRecord } from '@/server/application/ports/break-glass';
import { createBreakGlassJournal } from './break-glass-journal';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-glass-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const record = (phase: BreakGlassRecord['phase']): BreakGlassRecord => ({
  id: '0198f2a0-0000-7000-8000-000000000001',
  phase,
  kind: 'BREAK_GLASS',
  actor: 'cli:ann',
  reason: 'the database is gone',
  at: '2026-01-05T15:00:00.000Z',
  data: { working: 3 },
});

test('what was written is read, in order; nothing was ever written: nothing', async () => {
  const journal = createBreakGlassJournal(path.join(folder, 'new'));
  expect(await journal.read()).toEqual([]);
  await journal.append(record('BEGUN'));
  await journal.append(record('ENDED'));
  expect(await createBreakGlassJournal(path.join(folder, 'new')).read()).toEqual([record('BEGUN'), record('ENDED')]);
});

test('a line that a crash cut off is left out, and spoils none after it', async () => {
  const journal = createBreakGlassJournal(folder);
  await journal.append(record('BEGUN'));
  appendFileSync(path.join(folder, 'break-glass.jsonl'), '{"id":"0198');
  await journal.append(record('ENDED'));
  expect(await journal.read()).toEqual([record('BEGUN'), record('ENDED')]);
});
