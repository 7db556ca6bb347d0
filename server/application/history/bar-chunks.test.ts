import { describe, expect, it } from 'vitest';
import type { NumberedBar } from '@/server/domain/market/bar-file';
import { ONE } from '@/server/kernel/money';
import { type BarChunk, BarChunks } from './bar-chunks';

const MINUTE = 60_000;
const START = Date.UTC(2024, 0, 2, 9);

function minute(symbol: string, startMs: number, line: number): NumberedBar {
  const bar = { symbol, startMs, endMs: startMs + MINUTE, open: ONE, high: ONE, low: ONE, close: ONE, volume: ONE };
  return { bar, line };
}

function chunked(rows: readonly NumberedBar[], newestFirst = false): { chunks: BarChunk[]; mostHeld: number } {
  const gathered = new BarChunks(() => newestFirst);
  const chunks: BarChunk[] = [];
  let [held, mostHeld] = [0, 0];
  for (const row of rows) {
    for (const chunk of gathered.add(row)) {
      chunks.push(chunk);
      held -= chunk.bars.length;
    }
    held += 1;
    mostHeld = Math.max(mostHeld, held);
  }
  chunks.push(...gathered.end());
  return { chunks, mostHeld };
}

const days = (symbol: string, count: number) =>
  Array.from({ length: count * 900 }, (_, n) =>
    minute(symbol, START + Math.floor(n / 900) * 86_400_000 + (n % 900) * MINUTE, n + 2),
  );

describe('chunks of bars', () => {
  it('end with a date, keep each bar and its line, and come oldest first in every order of the file', () => {
    const rows = days('SPY', 40);
    for (const newestFirst of [false, true]) {
      const { chunks } = chunked(newestFirst ? rows.toReversed() : rows, newestFirst);
      expect(chunks.length).toBeGreaterThan(1);
      for (const { bars } of chunks.slice(0, -1)) expect(bars.length % 900).toBe(0);
      const ordered = newestFirst ? chunks.toReversed() : chunks;
      expect(ordered.flatMap(({ bars }) => bars)).toEqual(rows.map(({ bar }) => bar));
      expect(ordered.flatMap(({ lines }) => lines)).toEqual(rows.map(({ line }) => line));
    }
  });

  it('hold a bounded number of bars, however many symbols alternate', () => {
    const symbols = Array.from({ length: 300 }, (_, n) => `S${n}`);
    const rows = Array.from({ length: 600 }, (_, n) => symbols.map((symbol) => minute(symbol, START + n * MINUTE, 1)));
    const { chunks, mostHeld } = chunked(rows.flat());
    expect(mostHeld).toBeLessThanOrEqual(100_001);
    expect(chunks.reduce((sum, { bars }) => sum + bars.length, 0)).toBe(180_000);
  });
});
