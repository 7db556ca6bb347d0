import { describe, expect, it } from 'vitest';
import type { StoredFeatures } from '@/server/application/ports/feature-store';
import type { Bar } from '@/server/domain/exchange/types';
import { parseUnits } from '@/server/kernel/money';
import { BarBook, type Settings } from './bar-book';

const MINUTE_MS = 60_000;
/** Half an hour before midnight UTC: the runs start again in the middle. */
const FIRST_MS = Date.UTC(2026, 0, 5, 23, 30);
const COUNT = 90;

const bars: readonly Bar[] = Array.from({ length: COUNT }, (_, n) => {
  const price = parseUnits((100 + 10 * Math.sin(n / 3)).toFixed(2));
  const startMs = FIRST_MS + n * MINUTE_MS;
  const figures = { open: price, high: price, low: price, close: price, volume: parseUnits('100') };
  return { symbol: 'SPY', startMs, endMs: startMs + MINUTE_MS, ...figures };
});

const settingsOf = (enabled: boolean, fast = 3): Settings => ({
  rows: [{ strategy: 'ema-cross', symbol: 'SPY', enabled, params: { fast, slow: 8 } }],
  initial: [],
});

function setUp() {
  const state = { settings: settingsOf(true), stored: bars, written: [] as StoredFeatures[], fails: false };
  const read = async (_symbol: string, afterMs: number, untilMs: number) =>
    state.stored.filter(({ startMs }) => startMs > afterMs && startMs <= untilMs);
  const process = () =>
    new BarBook({
      history: { newest: read, complete: read, lastStartMs: async () => state.stored.at(-1)?.startMs ?? null },
      features: {
        write: async (features) => {
          if (state.fails) throw new Error('away');
          state.written.push(...features);
        },
        latest: async () => new Map(),
      },
      settings: async () => state.settings,
      onFaulty: () => undefined,
    });
  return { state, process };
}

const startOf = (n: number) => FIRST_MS + n * MINUTE_MS;

/** What is proposed at each bar, with the features that it arose from. */
async function propose(book: (n: number) => BarBook, from = 0): Promise<unknown[]> {
  const found: unknown[] = [];
  for (let n = from; n < COUNT; n += 1) {
    const { candidates, features } = await book(n).closed('SPY', startOf(n));
    found.push(...candidates.map(({ signalId, confidence }) => ({ signalId, confidence, features })));
  }
  return found;
}

describe('bars of a symbol', () => {
  it('bring the same signals and features, however processes take turns and whenever one starts', async () => {
    const { process } = setUp();
    const one = process();
    const whole = await propose(() => one);
    expect(whole.length).toBeGreaterThan(5);
    const two = [process(), process()] as const;
    expect(await propose((n) => (n % 3 === 0 ? two[0] : two[1]))).toEqual(whole);
    const late = process();
    const rest = await propose(() => late, 50);
    expect(whole.slice(-rest.length)).toEqual(rest);
  });

  it('that come again after a failure bring the same again', async () => {
    const { state, process } = setUp();
    const book = process();
    for (let n = 0; n < 40; n += 1) await book.closed('SPY', startOf(n));
    state.fails = true;
    await expect(book.closed('SPY', startOf(40))).rejects.toThrow('away');
    state.fails = false;
    expect(await book.closed('SPY', startOf(40))).toEqual(await process().closed('SPY', startOf(40)));
  });

  it('are history when the symbol is warmed up: features are stored, nobody acts', async () => {
    const { state, process } = setUp();
    expect(await process().warm('SPY')).toBe(true);
    expect(state.written.map(({ snapshot }) => snapshot.bars.count)).toEqual([COUNT]);
    state.stored = [];
    expect(await process().warm('SPY')).toBe(false);
  });

  it('are read again when settings change, as if they had always been so', async () => {
    const { state, process } = setUp();
    const book = process();
    state.settings = settingsOf(false);
    for (let n = 0; n < 50; n += 1) expect((await book.closed('SPY', startOf(n))).candidates).toEqual([]);
    state.settings = settingsOf(true, 2);
    const other = process();
    expect(await propose(() => book, 50)).toEqual(await propose(() => other, 50));
  });
});
