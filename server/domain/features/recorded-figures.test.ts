import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { haveShared, sharedFile } from '@/test-support/shared';
import { Atr, Bollinger, Correlation, Donchian, Ema, Macd, Rsi, Sma } from './index';

const FOLDER = sharedFile('data/indicators');
const TOLERANCE = 1e-9;

interface Row {
  readonly high: number;
  readonly low: number;
  readonly close: number;
}

function bars(file: string): Row[] {
  const rows = readFileSync(`${FOLDER}/${file}`, 'utf8').trim().split('\n').slice(1);
  return rows.map((row) => {
    const [, , high, low, close] = row.split(',').map(Number);
    return { high: high ?? Number.NaN, low: low ?? Number.NaN, close: close ?? Number.NaN };
  });
}

/** Largest distance over all rows; where one knows a figure and the other does not, there is no measuring it. */
function compare(name: string, column: string, computed: readonly number[]) {
  const recorded = JSON.parse(readFileSync(`${FOLDER}/${name}.standard.json`, 'utf8')) as Record<
    string,
    number | null
  >[];
  expect(computed).toHaveLength(recorded.length);
  const distances = recorded.map((row, index) => {
    const [value, wanted] = [computed[index] ?? Number.NaN, row[column] ?? Number.NaN];
    if (Number.isNaN(value) && Number.isNaN(wanted)) return 0;
    return Number.isNaN(value) || Number.isNaN(wanted) ? Number.POSITIVE_INFINITY : Math.abs(value - wanted);
  });
  return { indicator: `${name}.${column}`, rows: distances.length, maximum: Math.max(...distances) };
}

function measure() {
  const all = bars('default.csv');
  const other = bars('compare.csv');
  const [sma, ema, rsi, atr] = [new Sma(20), new Ema(20), new Rsi(14), new Atr(14)];
  const [macd, bands, deviation] = [new Macd(12, 26, 9), new Bollinger(20, 2), new Bollinger(14, 1)];
  const [channel, correlation] = [new Donchian(20), new Correlation(20)];
  const rows = all.map(({ high, low, close }, index) => {
    macd.next(close);
    bands.next(close);
    deviation.next(close);
    channel.next(high, low);
    return {
      sma: sma.next(close),
      ema: ema.next(close),
      rsi: rsi.next(close),
      atr: atr.next(high, low, close),
      macd: { ...macd },
      bands: { ...bands },
      deviation: deviation.deviation,
      channel: { ...channel },
      correlation: correlation.next(close, other[index]?.close ?? Number.NaN),
    };
  });
  return [
    compare(
      'sma',
      'sma',
      rows.map((row) => row.sma),
    ),
    compare(
      'ema',
      'ema',
      rows.map((row) => row.ema),
    ),
    compare(
      'rsi',
      'rsi',
      rows.map((row) => row.rsi),
    ),
    compare(
      'atr',
      'atr',
      rows.map((row) => row.atr),
    ),
    compare(
      'macd',
      'macd',
      rows.map((row) => row.macd.value),
    ),
    compare(
      'macd',
      'signal',
      rows.map((row) => row.macd.signal),
    ),
    compare(
      'macd',
      'histogram',
      rows.map((row) => row.macd.histogram),
    ),
    compare(
      'bb',
      'sma',
      rows.map((row) => row.bands.middle),
    ),
    compare(
      'bb',
      'upperBand',
      rows.map((row) => row.bands.upper),
    ),
    compare(
      'bb',
      'lowerBand',
      rows.map((row) => row.bands.lower),
    ),
    compare(
      'donchian',
      'upperBand',
      rows.map((row) => row.channel.upper),
    ),
    compare(
      'donchian',
      'lowerBand',
      rows.map((row) => row.channel.lower),
    ),
    compare(
      'stdev',
      'stdDev',
      rows.map((row) => row.deviation),
    ),
    compare(
      'corr',
      'correlation',
      rows.map((row) => row.correlation),
    ),
  ];
}

it.skipIf(!haveShared)('every indicator equals its recorded figures on every row (skipped without ../shared)', () => {
  const table = measure();
  const lines = table.map(
    ({ indicator, rows, maximum }) => `${indicator} | ${rows} rows | ${maximum.toExponential(1)}`,
  );
  console.log(`figures: indicators against recorded figures, maximum absolute difference\n${lines.join('\n')}`);
  expect(table.filter(({ maximum }) => !(maximum <= TOLERANCE))).toEqual([]);
});
