import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { exportBars } from '@/server/application/history/export-bars';
import { repairHistory } from '@/server/application/history/repair-history';
import { sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { readBarFile } from '@/server/domain/market/bar-file';
import { createParquetBarStore } from './bar-store';

const MINUTE = 60_000;
const OPEN = Date.UTC(2024, 0, 2, 14, 30);
/** The least figure that is stored: eight decimals. */
const LEAST = 10_000n;

let folder: string;
let store: ReturnType<typeof createParquetBarStore>;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-repair-'));
  store = createParquetBarStore(folder);
});
afterEach(async () => {
  await store.close();
  rmSync(folder, { recursive: true, force: true });
});

const price = fc.bigInt({ min: 1n, max: 10n ** 15n }).map((value) => value * LEAST);
const figures = fc.tuple(price, price, price, price, fc.bigInt({ min: 0n, max: 10n ** 16n }));

function barOf(span: Pick<Bar, 'startMs' | 'endMs'>, [a, b, c, d, volume]: readonly bigint[]): Bar {
  const [low = 1n, open = 1n, close = 1n, high = 1n] = [a ?? 1n, b ?? 1n, c ?? 1n, d ?? 1n].sort((x, y) =>
    x < y ? -1 : 1,
  );
  return { symbol: 'SPY', ...span, open, high, low, close, volume: (volume ?? 0n) * LEAST };
}

describe('exported bars', () => {
  it('read back exactly, minutes and days, over the change of the clock', async () => {
    const sessions = sessionsBetween('2023-12-01', '2024-04-30');
    await fc.assert(
      fc.asyncProperty(
        fc.array(figures, { minLength: 2, maxLength: 90 }),
        fc.constantFrom('1m', '1d'),
        async (rows, period) => {
          const root = path.join(folder, String(readdirSync(folder).length));
          const history = createParquetBarStore(root);
          const bars = rows.map((row, n) => {
            const session = sessions[n] ?? { openMs: 0, closeMs: 0 };
            const startMs = period === '1d' ? session.openMs : session.openMs + (n % 7) * MINUTE;
            return barOf({ startMs, endMs: period === '1d' ? session.closeMs : startMs + MINUTE }, row);
          });
          await history.add(period, bars);
          const [holding] = await history.holdings();
          let text = '';
          if (holding !== undefined) for await (const part of exportBars(history, holding)) text += part;
          await history.close();
          const options = period === '1m' ? { sparse: true as const } : {};
          expect(readBarFile(text, 'alpaca', options).files[0]?.bars).toEqual(bars);
        },
      ),
      { numRuns: 8 },
    );
  });
});

describe('the repair of the history', () => {
  const minutes = (shiftMs: number, fromMs = OPEN) =>
    Array.from({ length: 5 }, (_, n) => {
      const startMs = fromMs + n * MINUTE + shiftMs;
      return barOf({ startMs, endMs: startMs + MINUTE }, [10n ** 13n, 10n ** 13n, 10n ** 13n, 10n ** 13n, 1n]);
    });
  const all = () => store.read({ symbol: 'SPY', period: '1m', afterMs: null, untilMs: null });

  it('moves what is a millisecond off, and only when it is applied', async () => {
    await store.add('1m', minutes(-1));
    const shown = await repairHistory(store, 'SPY', { drop: [], apply: false });
    expect(shown[0]?.added).toHaveLength(5);
    expect(await all()).toEqual(minutes(-1));
    await repairHistory(store, 'SPY', { drop: [], apply: true });
    expect(await all()).toEqual(minutes(0));
    expect((await repairHistory(store, 'SPY', { drop: [], apply: true }))[0]).toMatchObject({
      removed: [],
      refused: [],
    });
  });

  it('removes the dates that are named, and their folders', async () => {
    const next = minutes(0, OPEN + 86_400_000);
    await store.add('1m', [...minutes(30_000), ...next]);
    const [refused] = await repairHistory(store, 'SPY', { drop: [], apply: true });
    expect(refused?.refused[0]).toContain('--drop 2024-01-02');
    const [dropped] = await repairHistory(store, 'SPY', { drop: ['2024-01-02'], apply: true });
    expect(dropped).toMatchObject({ dropped: 5, refused: [] });
    expect(await all()).toEqual(next);
    expect(readdirSync(path.join(folder, '1m', 'symbol=SPY'))).toEqual(['date=2024-01-03']);
  });
});
