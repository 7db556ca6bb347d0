import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { type ReplayRequest, runReplay } from './replay';

const folder = mkdtempSync(path.join(os.tmpdir(), 'replay-'));
const HEADER = { scenario: 1, name: 'x', start: '2026-01-05T14:30:00.000Z', cash: '1000', gate: 'off' };
const ORDER = {
  at: '2026-01-05T15:00:00.000Z',
  type: 'order',
  id: 'o',
  symbol: 'SPY',
  side: 'BUY',
  qty: '1',
  order_type: 'MARKET',
};

let out: string[] = [];
let err: string[] = [];

beforeEach(() => {
  out = [];
  err = [];
  vi.spyOn(console, 'log').mockImplementation((text: string) => void out.push(...text.split('\n')));
  vi.spyOn(console, 'error').mockImplementation((text: string) => void err.push(text));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, ...rows: (object | string)[]): string {
  const target = path.join(folder, name);
  writeFileSync(target, rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row))).join('\n'));
  return target;
}

function run(request: Partial<ReplayRequest> & { file: string }): Promise<0 | 1 | 2> {
  return runReplay({ journal: null, json: false, barFile: null, ...request });
}

describe('countersign replay', () => {
  it('exits 0 and ends with the summary when every expectation holds', async () => {
    const scenario = file('good.jsonl', HEADER, ORDER, { type: 'expect', id: 'o', status: 'NEW' });
    const journal = path.join(folder, 'journal.jsonl');
    expect(await run({ file: scenario, journal })).toBe(0);
    const sha256 = createHash('sha256').update(readFileSync(journal)).digest('hex');
    expect(out).toEqual([`expectations: 1 held, 0 failed · events: 1 · journal sha256: ${sha256}`]);
  });

  it('exits 1 with a table of what did not hold', async () => {
    const scenario = file('wrong.jsonl', HEADER, ORDER, { type: 'expect', id: 'o', status: 'FILLED', cum_qty: '1' });
    expect(await run({ file: scenario })).toBe(1);
    expect(out.slice(0, 3)).toEqual([
      'line  what       expected  observed',
      '3     o.status   FILLED    NEW',
      '3     o.cum_qty  1         0',
    ]);
    expect(out.at(-1)).toMatch(/^expectations: 0 held, 1 failed · events: 1 · journal sha256: [0-9a-f]{64}$/);
  });

  it('exits 2 with the line of a broken file, and writes no journal', async () => {
    const journal = path.join(folder, 'none.jsonl');
    expect(await run({ file: file('broken.jsonl', HEADER, '{'), journal })).toBe(2);
    expect(err[0]).toMatch(/broken\.jsonl: line 2: not JSON/);
    expect(() => readFileSync(journal)).toThrow('ENOENT');
  });

  it('exits 2 for files that are not there, cannot be written or have a wrong symbol', async () => {
    const good = file('good.jsonl', HEADER);
    expect(await run({ file: path.join(folder, 'absent.jsonl') })).toBe(2);
    expect(await run({ file: good, journal: path.join(folder, 'absent', 'journal') })).toBe(2);
    expect(await run({ file: good, barFile: { path: good, format: 'csv', symbol: '?' } })).toBe(2);
    expect(err).toHaveLength(3);
    expect(err[2]).toContain('--symbol ?');
  });

  it('prints one JSON object on request, for errors too', async () => {
    const bars = file('bars.csv', '20260105 150000;1;1;1;1;1');
    const scenario = file('json.jsonl', HEADER, { type: 'expect', fills: 1 });
    expect(
      await run({ file: scenario, json: true, barFile: { path: bars, format: 'ninjatrader', symbol: 'spy' } }),
    ).toBe(1);
    expect(JSON.parse(out[0] ?? '')).toMatchObject({
      held: 0,
      failed: 1,
      bars: 1,
      bars_in_session: 1,
      failures: [{ line: 2, what: 'fills' }],
    });
    expect(await run({ file: file('broken.jsonl', '['), json: true })).toBe(2);
    expect(JSON.parse(out[1] ?? '')).toMatchObject({ line: 1 });
  });
});
