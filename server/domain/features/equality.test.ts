import {
  ATR as TheirAtr,
  BollingerBands as TheirBollinger,
  EMA as TheirEma,
  MACD as TheirMacd,
  RSI as TheirRsi,
  SMA as TheirSma,
} from 'trading-signals';
import { describe, expect, it, vi } from 'vitest';
import { Atr, Bollinger, Correlation, Donchian, Ema, FeatureRun, Macd, Rsi, Sma } from './index';
import * as batch from './testing/batch';

// Some seconds on a quiet machine.
vi.setConfig({ testTimeout: 120_000 });

const COUNT = 100_000;
const TOLERANCE = 1e-9;

/** The same bars every time: a walk with quiet and wild stretches, a jump now and then, and minutes without trades. */
function randomBars(count: number) {
  let [state, close] = [20_261_123, 100];
  const random = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  return Array.from({ length: count }, (_, n) => {
    const open = close;
    const wild = n % 5_000 < 500 ? 0.01 : 0.001;
    const jump = random() < 0.0005 ? 1 + (random() - 0.5) / 4 : 1;
    const quiet = random() < 0.05;
    if (!quiet) close = Math.min(500, Math.max(20, close * jump * (1 + (random() - 0.5) * wild)));
    const [high, low] = quiet
      ? [close, close]
      : [Math.max(open, close) * (1 + random() * wild), Math.min(open, close) * (1 - random() * wild)];
    const volume = quiet ? 0 : Math.floor(100 + random() * 10_000);
    return { symbol: 'SPY', endMs: (n + 1) * 60_000, open, high, low, close, volume };
  });
}

const bars = randomBars(COUNT);
const closes = bars.map(({ close }) => close);
const highs = bars.map(({ high }) => high);
const lows = bars.map(({ low }) => low);

/** Both a run of indicators and a run of snapshots are held against these. */
const wanted = {
  sma: batch.sma(closes, 20),
  ema: batch.ema(closes, 20),
  rsi: batch.rsi(closes, 14),
  atr: batch.atr(highs, lows, closes, 14),
  macd: batch.macd(closes, 12, 26, 9),
  bollinger: batch.bollinger(closes, 20, 2),
};

/** Largest distance over all bars; infinite where one knows a figure and the other does not. */
function largest(computed: readonly number[], expected: readonly number[]): number {
  if (computed.length !== expected.length) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (const [index, value] of computed.entries()) {
    const other = expected[index] ?? Number.NaN;
    if (Number.isNaN(value) && Number.isNaN(other)) continue;
    const distance = Math.abs(value - other);
    if (!(distance <= most)) most = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
  }
  return most;
}

function report(title: string, table: Readonly<Record<string, number>>): void {
  const lines = Object.entries(table).map(([name, most]) => `${name} | ${COUNT} bars | ${most.toExponential(1)}`);
  console.log(`figures: ${title}, maximum absolute difference\n${lines.join('\n')}`);
  expect(Object.entries(table).filter(([, most]) => !(most <= TOLERANCE))).toEqual([]);
}

describe('a bar at a time equals all bars at once, on 100,000 random bars', () => {
  it('for every indicator', () => {
    const [sma, ema, rsi, atr] = [new Sma(20), new Ema(20), new Rsi(14), new Atr(14)];
    const [macd, bands, channel, correlation] = [
      new Macd(12, 26, 9),
      new Bollinger(20, 2),
      new Donchian(20),
      new Correlation(20),
    ];
    const rows = bars.map(({ high, low, close }) => {
      macd.next(close);
      bands.next(close);
      channel.next(high, low);
      return {
        sma: sma.next(close),
        ema: ema.next(close),
        rsi: rsi.next(close),
        atr: atr.next(high, low, close),
        macd: [macd.value, macd.signal, macd.histogram] as const,
        bands: [bands.lower, bands.middle, bands.upper] as const,
        channel: [channel.lower, channel.upper] as const,
        correlation: correlation.next(close, high - low),
      };
    });
    const spreads = highs.map((high, index) => high - (lows[index] ?? 0));
    report('incremental against batch', {
      sma: largest(
        rows.map((row) => row.sma),
        wanted.sma,
      ),
      ema: largest(
        rows.map((row) => row.ema),
        wanted.ema,
      ),
      rsi: largest(
        rows.map((row) => row.rsi),
        wanted.rsi,
      ),
      atr: largest(
        rows.map((row) => row.atr),
        wanted.atr,
      ),
      macd: largest(
        rows.flatMap((row) => row.macd),
        wanted.macd.flat(),
      ),
      bollinger: largest(
        rows.flatMap((row) => row.bands),
        wanted.bollinger.flat(),
      ),
      donchian: largest(
        rows.flatMap((row) => row.channel),
        batch.donchian(highs, lows, 20).flat(),
      ),
      correlation: largest(
        rows.map((row) => row.correlation),
        batch.correlation(closes, spreads, 20),
      ),
    });
  });

  it('for every figure of a snapshot', () => {
    const run = new FeatureRun('SPY');
    const rows = bars.map((bar) => run.next(bar));
    const numbers = (values: readonly (number | null)[]) => values.map((value) => value ?? Number.NaN);
    const returns = closes.slice(1).map((close, index) => Math.log(close / (closes[index] ?? 0)));
    const volatility = [Number.NaN, ...batch.deviation(returns, 20)];
    const volumes = bars.map(({ volume }) => volume);
    const usual = [Number.NaN, ...batch.sma(volumes, 20)];
    const dollars = bars.map(({ close, volume }) => close * volume);
    report('FeatureRun against batch', {
      sma20: largest(numbers(rows.map((row) => row.sma20)), wanted.sma),
      ema20: largest(numbers(rows.map((row) => row.ema20)), wanted.ema),
      rsi14: largest(numbers(rows.map((row) => row.rsi14)), wanted.rsi),
      atr14: largest(numbers(rows.map((row) => row.atr14)), wanted.atr),
      // A snapshot has all three or none.
      macd: largest(
        rows.flatMap(({ macd }) => [macd?.value, macd?.signal, macd?.histogram].map((value) => value ?? Number.NaN)),
        wanted.macd.flatMap((row) => (Number.isNaN(row[2]) ? [row[2], row[2], row[2]] : row)),
      ),
      bollinger: largest(
        rows.flatMap(({ bollinger }) =>
          [bollinger?.lower, bollinger?.middle, bollinger?.upper].map((value) => value ?? Number.NaN),
        ),
        wanted.bollinger.flat(),
      ),
      volatility20: largest(numbers(rows.map((row) => row.volatility20)), volatility),
      relativeVolume: largest(
        numbers(rows.map((row) => row.relativeVolume)),
        volumes.map((volume, index) => volume / (usual[index] ?? Number.NaN)),
      ),
      dollarsPerMinute: largest(
        rows.map((row) => row.dollarsPerMinute / 1e6),
        batch.averageSoFar(dollars, 20).map((value) => value / 1e6),
      ),
    });
  });
});

/** Ours and the library's where both know a figure: over all bars, and from bar 1,000 on. */
function besideLibrary() {
  const ours = { sma: new Sma(20), ema: new Ema(20), rsi: new Rsi(14), atr: new Atr(14) };
  const theirs = { sma: new TheirSma(20), ema: new TheirEma(20), rsi: new TheirRsi(14), atr: new TheirAtr(14) };
  const [bands, macd] = [new Bollinger(20, 2), new Macd(12, 26, 9)];
  const theirBands = new TheirBollinger(20, 2);
  const theirMacd = new TheirMacd(new TheirEma(12), new TheirEma(26), new TheirEma(9));
  const table: Record<string, { all: number; settled: number }> = {};
  const note = (name: string, index: number, mine: number, other: number | null | undefined) => {
    const row = table[name] ?? { all: 0, settled: 0 };
    table[name] = row;
    if (Number.isNaN(mine) || other === null || other === undefined) return;
    const distance = Math.abs(mine - other);
    row.all = Math.max(row.all, distance);
    if (index >= 1_000) row.settled = Math.max(row.settled, distance);
  };
  for (const [index, { high, low, close }] of bars.slice(0, 20_000).entries()) {
    bands.next(close);
    macd.next(close);
    note('sma', index, ours.sma.next(close), theirs.sma.add(close));
    note('ema', index, ours.ema.next(close), theirs.ema.add(close));
    note('rsi', index, ours.rsi.next(close), theirs.rsi.add(close));
    note('atr', index, ours.atr.next(high, low, close), theirs.atr.add({ high, low, close }));
    note('bollinger', index, bands.upper, theirBands.add(close)?.upper);
    note('macd', index, macd.histogram, theirMacd.add(close)?.histogram);
  }
  return table;
}

it('equals trading-signals, from the first bar or once its other beginning has died away', () => {
  const table = besideLibrary();
  const lines = Object.entries(table).map(
    ([name, { all, settled }]) =>
      `${name} | all bars ${all.toExponential(1)} | from bar 1,000 ${settled.toExponential(1)}`,
  );
  console.log(`figures: indicators against trading-signals 7.4.3, maximum absolute difference\n${lines.join('\n')}`);
  for (const [name, { settled }] of Object.entries(table)) expect([name, settled <= TOLERANCE]).toEqual([name, true]);
  const same = Object.keys(table).filter((name) => (table[name]?.all ?? 1) <= TOLERANCE);
  expect(same.sort()).toEqual(['bollinger', 'rsi', 'sma']);
});
