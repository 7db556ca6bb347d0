import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import fc from 'fast-check';
import { gzipSync, zipSync } from 'fflate';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { openTextFile } from '@/server/composition/history';
import { newYorkOffsetMs, sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { BAR_FORMATS, type BarFormat, type ReadOptions, readBarFile } from '@/server/domain/market/bar-file';
import { formatUnits, ONE } from '@/server/kernel/money';

// Bars at random, written in every dialect, read back exactly: times, figures, order and symbol.

const FULL = process.env['COUNTERSIGN_FULL'] === '1' || process.env['FUZZ'] === 'full';
// The full number of runs takes minutes on a busy machine.
if (FULL) vi.setConfig({ testTimeout: 900_000 });
/** Otherwise the same cases each time: what a run finds must be found again. */
const runs = (full: number, short: number) => (FULL ? { numRuns: full } : { numRuns: short, seed: 20_260_105 });

const MINUTE = 60_000;
const SESSIONS = sessionsBetween('2005-01-03', '2024-12-31');
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-dialects-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The bar's figures as text, prices with so many decimals. */
interface Written {
  readonly bar: Bar;
  readonly open: string;
  readonly high: string;
  readonly low: string;
  readonly close: string;
  readonly volume: string;
}

const price = (value: bigint, decimals: number): string => {
  const [whole = '', fraction = ''] = formatUnits(value).split('.');
  return decimals === 0 ? whole : `${whole}.${fraction.padEnd(decimals, '0')}`;
};

const written = (bar: Bar, decimals = 2): Written => ({
  bar,
  open: price(bar.open, decimals),
  high: price(bar.high, decimals),
  low: price(bar.low, decimals),
  close: price(bar.close, decimals),
  volume: formatUnits(bar.volume),
});

/** `yyyy-MM-dd` and `HH:mm:ss` of an instant in UTC or New York. */
function clock(ms: number, zone: 'utc' | 'new-york'): { readonly date: string; readonly time: string } {
  const text = new Date(zone === 'utc' ? ms : ms + newYorkOffsetMs(ms)).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 19) };
}
const local = (ms: number) => clock(ms, 'new-york');
const offsetOf = (ms: number) => `-0${-newYorkOffsetMs(ms) / 3_600_000}:00`;
const american = (date: string) => `${date.slice(5, 7)}/${date.slice(8)}/${date.slice(0, 4)}`;
const bare = (text: string) => text.replaceAll(/[-:]/g, '');

interface Dialect {
  readonly name: string;
  readonly format: BarFormat;
  readonly period: '1m' | '1d';
  readonly header: string | readonly string[] | null;
  readonly row: (written: Written) => string;
  readonly newestFirst?: true;
  readonly options?: ReadOptions;
  readonly fileName?: (firstMs: number) => string;
}

const ohlcv = ({ open, high, low, close, volume }: Written, separator = ',') =>
  [open, high, low, close, volume].join(separator);
const tenThousandths = (value: bigint) => String((value * 10_000n) / ONE);
const midnight = ({ bar }: Written) =>
  Date.parse(`${local(bar.startMs).date}T00:00:00Z`) - newYorkOffsetMs(bar.startMs);

const DIALECTS: readonly Dialect[] = [
  {
    name: 'Yahoo, the former download',
    format: 'yahoo',
    period: '1d',
    header: 'Date,Open,High,Low,Close,Adj Close,Volume',
    row: (w) => `${local(w.bar.startMs).date},${w.open},${w.high},${w.low},${w.close},${w.close},${w.volume}`,
  },
  {
    name: 'Yahoo, the history of a ticker',
    format: 'yahoo',
    period: '1m',
    header: 'Datetime,Open,High,Low,Close,Volume,Dividends,Stock Splits',
    row: (w) => {
      const { date, time } = local(w.bar.startMs);
      return `${date} ${time}${offsetOf(w.bar.startMs)},${ohlcv(w)},0.0,0.0`;
    },
  },
  {
    name: 'Yahoo, columns of two levels',
    format: 'yahoo',
    period: '1d',
    header: ['Price,Close,High,Low,Open,Volume', 'Ticker,SPY,SPY,SPY,SPY,SPY', 'Date,,,,,'],
    row: (w) => [local(w.bar.startMs).date, w.close, w.high, w.low, w.open, w.volume].join(','),
  },
  {
    name: 'Alpaca, a frame of the SDK',
    format: 'alpaca',
    period: '1m',
    header: 'symbol,timestamp,open,high,low,close,volume,trade_count,vwap',
    row: (w) => {
      const { date, time } = clock(w.bar.startMs, 'utc');
      return `SPY,${date} ${time}+00:00,${ohlcv(w)}.0,1.0,1.5`;
    },
  },
  {
    name: "Alpaca, the API's names",
    format: 'alpaca',
    period: '1m',
    header: 't,o,h,l,c,v,n,vw',
    row: (w) => `${new Date(w.bar.startMs).toISOString().replace('.000', '')},${ohlcv(w)},1,1.5`,
  },
  {
    name: 'Polygon, minutes',
    format: 'polygon',
    period: '1m',
    header: 'ticker,volume,open,close,high,low,window_start,transactions',
    row: (w) => `SPY,${w.volume},${w.open},${w.close},${w.high},${w.low},${w.bar.startMs}000000,1`,
  },
  {
    name: 'Polygon, days',
    format: 'polygon',
    period: '1d',
    header: 'ticker,volume,open,close,high,low,window_start,transactions',
    row: (w) => `SPY,${w.volume},${w.open},${w.close},${w.high},${w.low},${midnight(w)}000000,1`,
  },
  {
    name: 'Stooq, days',
    format: 'stooq',
    period: '1d',
    header: '<TICKER>,<PER>,<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>,<OPENINT>',
    row: (w) => `SPY.US,D,${bare(local(w.bar.startMs).date)},000000,${ohlcv(w)},0`,
  },
  {
    name: 'Nasdaq',
    format: 'nasdaq',
    period: '1d',
    header: 'Date,Close/Last,Volume,Open,High,Low',
    newestFirst: true,
    row: (w) => `${american(local(w.bar.startMs).date)},$${w.close},${w.volume},$${w.open},$${w.high},$${w.low}`,
  },
  {
    name: 'Alpha Vantage, minutes',
    format: 'alphavantage',
    period: '1m',
    header: 'timestamp,open,high,low,close,volume',
    newestFirst: true,
    options: { label: 'start' },
    row: (w) => `${local(w.bar.startMs).date} ${local(w.bar.startMs).time},${ohlcv(w)}`,
  },
  {
    name: 'IBKR',
    format: 'ibkr',
    period: '1m',
    header: ',date,open,high,low,close,volume,average,barCount',
    row: (w) => `7,${bare(local(w.bar.startMs).date)} ${local(w.bar.startMs).time} US/Eastern,${ohlcv(w)},1.5,3`,
  },
  {
    name: 'NinjaTrader, ends in UTC',
    format: 'ninjatrader',
    period: '1m',
    header: null,
    row: (w) => `${bare(clock(w.bar.endMs, 'utc').date)} ${bare(clock(w.bar.endMs, 'utc').time)};${ohlcv(w, ';')}`,
  },
  {
    name: 'NinjaTrader, starts in New York',
    format: 'ninjatrader',
    period: '1m',
    header: null,
    options: { zone: 'new-york', label: 'start' },
    row: (w) => `${bare(local(w.bar.startMs).date)} ${bare(local(w.bar.startMs).time)};${ohlcv(w, ';')}`,
  },
  {
    name: 'Kibot, minutes',
    format: 'kibot',
    period: '1m',
    header: null,
    row: (w) => `${american(local(w.bar.startMs).date)},${local(w.bar.startMs).time.slice(0, 5)},${ohlcv(w)}`,
  },
  {
    name: 'Kibot, days',
    format: 'kibot',
    period: '1d',
    header: null,
    row: (w) => `${american(local(w.bar.startMs).date)},${ohlcv(w)}`,
  },
  {
    name: 'investing.com',
    format: 'investing',
    period: '1d',
    header: '"Date","Price","Open","High","Low","Vol.","Change %"',
    newestFirst: true,
    row: (w) =>
      `"${american(local(w.bar.startMs).date)}","${w.close}","${w.open}","${w.high}","${w.low}","${formatUnits(w.bar.volume / 1_000n)}K","0.1%"`,
  },
  {
    name: 'backtrader',
    format: 'backtrader',
    period: '1m',
    header: 'Date,Time,Open,High,Low,Close,Volume,OpenInterest',
    options: { label: 'end', zone: 'new-york' },
    row: (w) => `${local(w.bar.endMs).date},${local(w.bar.endMs).time},${ohlcv(w)},0`,
  },
  {
    name: 'LEAN, minutes',
    format: 'lean',
    period: '1m',
    header: null,
    fileName: (ms) => `${bare(local(ms).date)}_spy_minute_trade.csv`,
    row: ({ bar, volume }) => {
      const [hours = 0, minutes = 0] = local(bar.startMs).time.split(':').map(Number);
      const figures = [bar.open, bar.high, bar.low, bar.close].map(tenThousandths);
      return [(hours * 60 + minutes) * MINUTE, ...figures, volume].join(',');
    },
  },
  {
    name: 'LEAN, days',
    format: 'lean',
    period: '1d',
    header: null,
    row: ({ bar, volume }) =>
      [
        `${bare(local(bar.startMs).date)} 00:00`,
        ...[bar.open, bar.high, bar.low, bar.close].map(tenThousandths),
        volume,
      ].join(','),
  },
];

const figures = fc.tuple(
  ...Array.from({ length: 4 }, () => fc.integer({ min: 1, max: 999_999_99 })),
  fc.integer({ min: 0, max: 999_999_999 }),
);
const anyBars = fc.record({
  session: fc.nat(SESSIONS.length - 20),
  rows: fc.array(figures, { minLength: 2, maxLength: 12 }),
});

/** @param decimals of the prices */
function barsOf({ session, rows }: { session: number; rows: number[][] }, period: '1m' | '1d', decimals = 2): Bar[] {
  return rows.map((row, n) => {
    const { openMs, closeMs } = SESSIONS[period === '1d' ? session + n : session] ?? { openMs: 0, closeMs: 0 };
    const startMs = period === '1d' ? openMs : openMs + n * MINUTE;
    const [low = 1, open = 1, close = 1, high = 1] = row.slice(0, 4).sort((a, b) => a - b);
    const units = (value: number) => (BigInt(value) * ONE) / 10n ** BigInt(decimals);
    return {
      symbol: 'SPY',
      startMs,
      endMs: period === '1d' ? closeMs : startMs + MINUTE,
      open: units(open),
      high: units(high),
      low: units(low),
      close: units(close),
      volume: BigInt(row[4] ?? 0) * ONE,
    };
  });
}

const PACKINGS = ['plain', 'bom', 'utf-16le', 'utf-16be', 'gzip', 'zip', 'gzip of utf-16le'] as const;
type Packing = (typeof PACKINGS)[number];

function packed(text: string, how: Packing, name: string): Uint8Array {
  const utf16 = () => Buffer.from(`\uFEFF${text}`, 'utf16le');
  if (how === 'bom') return Buffer.from(`\uFEFF${text}`);
  if (how === 'utf-16le') return utf16();
  if (how === 'utf-16be') return utf16().swap16();
  if (how === 'gzip') return gzipSync(Buffer.from(text));
  if (how === 'zip') return zipSync({ [name]: Buffer.from(text) });
  return how === 'gzip of utf-16le' ? gzipSync(utf16()) : Buffer.from(text);
}

/** Writes the file as it would come, and reads it as an import does. */
async function readBack(text: string, how: Packing, name: string, format: BarFormat, options: ReadOptions) {
  const own = mkdtempSync(path.join(folder, 'file-'));
  const file = path.join(own, how.startsWith('gzip') ? `${name}.gz` : name);
  writeFileSync(file, packed(text, how, name));
  const source = await openTextFile(file);
  let read = '';
  for await (const part of source.read()) read += part;
  rmSync(own, { recursive: true });
  const { files } = readBarFile(read, format, { ...options, fileName: source.name });
  expect(files.length).toBeLessThanOrEqual(1);
  return files[0]?.bars;
}

describe('bars in the dialect of a vendor read back exactly', () => {
  it('for every format by name', () => {
    const named = new Set<string>(DIALECTS.map(({ format }) => format));
    expect(BAR_FORMATS.filter((format) => format !== 'csv' && !named.has(format))).toEqual([]);
  });

  it.each(DIALECTS)('$name', async ({ format, period, header, row, newestFirst, options = {}, fileName }) => {
    await fc.assert(
      fc.asyncProperty(
        anyBars,
        fc.constantFrom(...PACKINGS),
        fc.constantFrom('\n', '\r\n'),
        async (random, how, newline) => {
          const bars = barsOf(random, period);
          const rows = bars.map((bar) => row(written(bar)));
          if (newestFirst) rows.reverse();
          const text = `${[...(header === null ? [] : [header].flat()), ...rows].join(newline)}${newline}`;
          const name = fileName?.(bars[0]?.startMs ?? 0) ?? 'bars.csv';
          expect(await readBack(text, how, name, format, { symbol: 'SPY', ...options })).toEqual(bars);
        },
      ),
      runs(300, 10),
    );
  });
});

/** Times in one notation each: the fields of a bar's time, and what a person must state about it. */
const TIMES: Readonly<Record<string, { fields: (ms: number) => readonly string[]; options?: ReadOptions }>> = {
  'ISO 8601 in UTC': { fields: (ms) => [new Date(ms).toISOString()] },
  'an offset': {
    fields: (ms) => [`${clock(ms + 7_200_000, 'utc').date}T${clock(ms + 7_200_000, 'utc').time}+02:00`],
  },
  'New York with its name': { fields: (ms) => [`${bare(local(ms).date)} ${local(ms).time} America/New_York`] },
  'New York as stated': {
    fields: (ms) => [`${local(ms).date} ${local(ms).time}`],
    options: { zone: 'new-york' },
  },
  'two columns': { fields: (ms) => [local(ms).date, local(ms).time], options: { zone: 'new-york' } },
  'month first, twelve hours': {
    fields: (ms) => {
      const { date, time } = local(ms);
      const hour = Number(time.slice(0, 2));
      return [`${american(date)} ${hour % 12 === 0 ? 12 : hour % 12}:${time.slice(3, 5)} ${hour < 12 ? 'AM' : 'PM'}`];
    },
    options: { zone: 'new-york', dateOrder: 'mdy' },
  },
  'day first with points': {
    fields: (ms) => {
      const { date, time } = clock(ms, 'utc');
      return [`${date.slice(8)}.${date.slice(5, 7)}.${date.slice(0, 4)} ${time}`];
    },
    options: { zone: 'utc', dateOrder: 'dmy' },
  },
  'names of months': {
    fields: (ms) => {
      const { date, time } = clock(ms, 'utc');
      return [`${MONTHS[Number(date.slice(5, 7)) - 1]} ${date.slice(8)} ${date.slice(0, 4)} ${time}`];
    },
    options: { zone: 'utc' },
  },
  'epoch seconds': { fields: (ms) => [String(ms / 1_000)] },
  'epoch milliseconds': { fields: (ms) => [String(ms)] },
  'epoch microseconds': { fields: (ms) => [`${ms}000`] },
  'epoch nanoseconds': { fields: (ms) => [`${ms}000000`] },
};

const notation = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  mark: fc.constantFrom<'.' | ','>('.', ','),
  groups: fc.constantFrom('', 'usual', ' ', '\u00a0', '\u202f', '’'),
  quoted: fc.boolean(),
  header: fc.boolean(),
  newestFirst: fc.boolean(),
  newline: fc.constantFrom('\n', '\r\n', '\r'),
  label: fc.constantFrom<'start' | 'end'>('start', 'end'),
  decimals: fc.constantFrom(2, 4, 8),
  packing: fc.constantFrom(...PACKINGS),
});

describe('bars in the generic format read back exactly, whatever the delimiter, marks, quotes, order and encoding', () => {
  it.each(Object.entries(TIMES))('with times as %s', async (name, { fields, options = {} }) => {
    await fc.assert(
      fc.asyncProperty(anyBars, notation, async (random, how) => {
        const { delimiter, mark, groups, quoted, decimals } = how;
        const bars = barsOf(random, '1m', decimals);
        const separator = groups === 'usual' ? (mark === '.' ? ',' : '.') : groups;
        const quote = (text: string) => (quoted || text.includes(delimiter) ? `"${text}"` : text);
        const figure = (text: string) => {
          const [whole = '', fraction] = text.split('.');
          const grouped = separator === '' ? whole : whole.replace(/\B(?=(\d{3})+$)/g, separator);
          return quote(fraction === undefined ? grouped : `${grouped}${mark}${fraction}`);
        };
        const rows = bars.map((bar) => {
          const { open, high, low, close, volume } = written(bar, decimals);
          const time = fields(how.label === 'start' ? bar.startMs : bar.endMs).map(quote);
          return [...time, ...[open, high, low, close, volume].map(figure)].join(delimiter);
        });
        if (how.newestFirst) rows.reverse();
        const names = [
          ...(name === 'two columns' ? ['Date', 'Time'] : ['Date']),
          'Open',
          'High',
          'Low',
          'Close',
          'Volume',
        ];
        const text = `${[...(how.header ? [names.join(delimiter)] : []), ...rows].join(how.newline)}${how.newline}`;
        const stated: ReadOptions = { symbol: 'SPY', label: how.label, ...options };
        expect(await readBack(text, how.packing, 'bars.csv', 'csv', stated)).toEqual(bars);
      }),
      runs(300, 25),
    );
  });
});
