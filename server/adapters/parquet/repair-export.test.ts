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
import { PERIODS, slotsOf } from '@/server/domain/market/period';
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
  it('read back exactly in every period, over the change of the clock', async () => {
    const sessions = sessionsBetween('2023-12-01', '2024-04-30');
    await fc.assert(
      fc.asyncProperty(
        fc.array(figures, { minLength: 2, maxLength: 90 }),
        fc.constantFrom(...PERIODS),
        async (rows, period) => {
          const root = path.join(folder, String(readdirSync(folder).length));
          const history = createParquetBarStore(root);
          const bars = rows.map((row, n) => {
            const session = sessions[n];
            if (session === undefined) throw new Error('more bars than sessions');
            if (period === '1d') return barOf({ startMs: session.openMs, endMs: session.closeMs }, row);
            const all = slotsOf(session, period, 'session');
            const [startMs, endMs] = all[n % 7] ?? [0, 0];
            return barOf({ startMs, endMs }, row);
          });
          await history.add(period, bars);
          const [holding] = await history.holdings();
          let text = '';
          if (holding !== undefined) for await (const part of exportBars(history, holding)) text += part;
          await history.close();
          const options = period === '1m' ? { sparse: true as const } : period === '1d' ? {} : { period };
          expect(readBarFile(text, 'alpaca', options).files[0]?.bars).toEqual(bars);
        },
      ),
      { numRuns: 18 },
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
    const shown = await repairHistory(store, 'SPY', { apply: false });
    expect(shown[0]?.added).toHaveLength(5);
    expect(await all()).toEqual(minutes(-1));
    await repairHistory(store, 'SPY', { apply: true });
    expect(await all()).toEqual(minutes(0));
    expect((await repairHistory(store, 'SPY', { apply: true }))[0]).toMatchObject({
      removed: [],
      refused: [],
    });
  });

  it('removes the dates that are named, and their folders', async () => {
    const next = minutes(0, OPEN + 86_400_000);
    await store.add('1m', [...minutes(30_000), ...next]);
    const [refused] = await repairHistory(store, 'SPY', { apply: true });
    expect(refused?.refused[0]).toContain('--drop 2024-01-02');
    const [dropped] = await repairHistory(store, 'SPY', { drop: ['2024-01-02'], apply: true });
    expect(dropped).toMatchObject({ actions: ['drop     2024-01-02: 5 bar(s)'], refused: [] });
    expect(await all()).toEqual(next);
    expect(readdirSync(path.join(folder, '1m', 'symbol=SPY'))).toEqual(['date=2024-01-03']);
  });

  const bar = (symbol: string, startMs: number, price: bigint, volume = 100n): Bar => {
    const value = price * 10n ** 12n;
    const prices = { open: value, high: value, low: value, close: value };
    return { symbol, startMs, endMs: startMs + MINUTE, ...prices, volume: volume * 10n ** 12n };
  };
  const of = (symbol: string) => store.read({ symbol, period: '1m', afterMs: null, untilMs: null });
  const day = (n: number) => OPEN + n * 86_400_000;

  it('adjusts the bars before a split once, shown first', async () => {
    const before = [bar('AAPL', day(0), 500n), bar('AAPL', day(0) + MINUTE, 496n)];
    const after = [bar('AAPL', day(1), 125n), bar('AAPL', day(1) + MINUTE, 126n)];
    await store.add('1m', [...before, ...after]);
    const [advice] = await repairHistory(store, 'AAPL', { apply: true });
    expect(advice?.refused).toEqual([
      '2024-01-03: opens as after a split of 4. If there was one, --split 2024-01-03:4 adjusts the bars before it',
    ]);
    const splits = [{ date: '2024-01-03', ratio: 4 }];
    const [shown] = await repairHistory(store, 'AAPL', { splits, apply: false });
    expect(shown).toMatchObject({
      actions: [
        'adjust   2 bar(s) before 2024-01-03 for a split of 4: the last close 496 becomes 124, the first open after it is 125',
      ],
      refused: [],
    });
    expect(await of('AAPL')).toEqual([...before, ...after]);
    await repairHistory(store, 'AAPL', { splits, apply: true });
    const adjusted = [bar('AAPL', day(0), 125n, 400n), bar('AAPL', day(0) + MINUTE, 124n, 400n), ...after];
    expect(await of('AAPL')).toEqual(adjusted);
    const [again] = await repairHistory(store, 'AAPL', { splits, apply: true });
    expect(again?.refused[0]).toContain('are the bars adjusted already?');
    expect(await of('AAPL')).toEqual(adjusted);
  });

  it('gives bars of another symbol to it, or removes them', async () => {
    const own = [0, 1, 4, 5].map((n) => bar('AAPL', OPEN + n * MINUTE, 187n));
    const foreign = [2, 3].map((n) => bar('AAPL', OPEN + n * MINUTE, 472n));
    await store.add(
      '1m',
      [...own, ...foreign].sort((a, b) => a.startMs - b.startMs),
    );
    const span = { fromMs: OPEN + 2 * MINUTE, toMs: OPEN + 3 * MINUTE };
    const [advice] = await repairHistory(store, 'AAPL', { apply: false });
    expect(advice?.refused).toEqual([
      expect.stringContaining('--move 2024-01-02T14:32:00.000Z/2024-01-02T14:33:00.000Z=SYMBOL'),
    ]);
    await store.add('1m', [bar('QQQ', OPEN + 2 * MINUTE, 400n)]);
    const [taken] = await repairHistory(store, 'AAPL', { move: [{ ...span, symbol: 'QQQ' }], apply: true });
    expect(taken?.refused[0]).toContain('nothing was moved: QQQ holds 1 bar(s) with other figures');
    expect(await of('AAPL')).toHaveLength(6);
    const [moved] = await repairHistory(store, 'AAPL', { move: [{ ...span, symbol: 'SPY' }], apply: true });
    expect(moved).toMatchObject({ refused: [], actions: [expect.stringContaining('to SPY: 2 bar(s)')] });
    expect(await of('AAPL')).toEqual(own);
    expect(await of('SPY')).toEqual(foreign.map((each) => ({ ...each, symbol: 'SPY' })));
    const [removed] = await repairHistory(store, 'SPY', { remove: [span], apply: true });
    expect(removed?.actions).toEqual([expect.stringContaining('remove   2024-01-02T14:32:00.000Z/')]);
    expect(await of('SPY')).toEqual([]);
  });

  it('removes what times that do not exist have become', async () => {
    const friday = Array.from({ length: 60 }, (_, n) => bar('SPY', Date.UTC(2024, 2, 8, 14, 30) + n * MINUTE, 500n));
    // 02:30 on the night of the change, in New York.
    const sunday = bar('SPY', Date.UTC(2024, 2, 10, 7, 30), 500n);
    await store.add('1m', [...friday, sunday]);
    const [shown] = await repairHistory(store, 'SPY', { apply: false });
    expect(shown?.actions).toEqual(['remove   2024-03-10T07:31:00.000Z: 2024-03-10 has no session']);
    await repairHistory(store, 'SPY', { apply: true });
    expect(await of('SPY')).toEqual(friday);
  });
});
