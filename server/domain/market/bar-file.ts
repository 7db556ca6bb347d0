import { newYorkOffsetMs, sessionOn } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { DecimalError, parseUnits, type Units } from '@/server/kernel/money';

/** Text formats of recorded bars. */
export const BAR_FORMATS = ['ninjatrader', 'csv'] as const;
export type BarFormat = (typeof BAR_FORMATS)[number];

/** Length of a stored bar: a minute, or a session. */
export type Period = '1m' | '1d';

/** What a line of a bar file is at fault for. Lines count from 1; line 0 is the file as a whole. */
export class BarFileError extends Error {
  override readonly name = 'BarFileError';

  constructor(
    readonly line: number,
    readonly reason: string,
  ) {
    super(line === 0 ? reason : `line ${line}: ${reason}`);
  }
}

/** How the times of a CSV file of minutes are to be read; a file of dates needs neither. */
export interface CsvTimes {
  /** Whether a row is labelled with the bar's start or its end. Nothing is guessed: a minute off is a look into the future. */
  readonly label: 'start' | 'end' | null;
  /** Zone of times that do not name one. */
  readonly zone: 'utc' | 'new-york';
}

export interface BarFile {
  readonly period: Period;
  /** Oldest first. */
  readonly bars: readonly Bar[];
  /** Line of each bar. */
  readonly lines: readonly number[];
}

interface Row {
  readonly bar: Bar;
  readonly line: number;
}

type Prices = readonly [open: Units, high: Units, low: Units, close: Units, volume: Units];

const MINUTE_MS = 60_000;
const NO_TIMES: CsvTimes = { label: null, zone: 'utc' };

function readPrices(texts: readonly string[], line: number): Prices {
  const [open = 0n, high = 0n, low = 0n, close = 0n, volume = 0n] = texts.map((text) => {
    try {
      return parseUnits(text.trim());
    } catch (error) {
      if (error instanceof DecimalError) throw new BarFileError(line, error.message);
      throw error;
    }
  });
  return [open, high, low, close, volume];
}

function barOf(symbol: string, startMs: number, endMs: number, prices: Prices, line: number): Row {
  const [open, high, low, close, volume] = prices;
  if (low <= 0n || open <= 0n || close <= 0n || volume < 0n)
    throw new BarFileError(line, 'prices must be greater than zero, volume not negative');
  if (high < low) throw new BarFileError(line, 'high must not be below low');
  return { bar: { symbol, startMs, endMs, open, high, low, close, volume }, line };
}

/** `yyyyMMdd HHmmss;open;high;low;close;volume`: one-minute bars, UTC, labelled with their END. */
function readNinjaTrader(rows: readonly string[], symbol: string): Row[] {
  return rows.flatMap((row, index) => {
    if (row.trim() === '') return [];
    const line = index + 1;
    const [label = '', ...texts] = row.trim().split(';');
    const time = /^(\d{4})(\d{2})(\d{2}) (\d{2})(\d{2})(\d{2})$/.exec(label);
    if (time === null || texts.length !== 5 || texts.includes(''))
      throw new BarFileError(line, 'must be yyyyMMdd HHmmss;open;high;low;close;volume');
    const [, year, month, day, hour, minute, second] = time;
    const endMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`);
    if (Number.isNaN(endMs)) throw new BarFileError(line, `${label} is no time`);
    return [barOf(symbol, endMs - MINUTE_MS, endMs, readPrices(texts, line), line)];
  });
}

const TIME_NAMES = ['date', 'datetime', 'time', 'timestamp'];
const PRICE_NAMES = ['open', 'high', 'low', 'close', 'volume'];
const DATE = /^\d{4}-\d{2}-\d{2}$/;
const ZONED = /(?:Z|[+-]\d{2}:?\d{2})$/i;

/** Places of the time and of the five figures. @throws BarFileError naming the column that is missing */
function csvColumns(header: string): readonly number[] {
  const names = header.split(',').map((name) => name.trim().replace(/^"|"$/g, '').toLowerCase());
  const time = names.findIndex((name) => TIME_NAMES.includes(name));
  const prices = PRICE_NAMES.map((name) => names.indexOf(name));
  const missing = [...(time === -1 ? ['Date'] : []), ...PRICE_NAMES.filter((_, index) => prices[index] === -1)];
  if (missing.length > 0)
    throw new BarFileError(
      1,
      `the header must name Date, Open, High, Low, Close and Volume; it lacks ${missing.join(', ')}`,
    );
  return [time, ...prices];
}

/** The instant of a time of day in New York. The hour that is there twice in autumn means its first. */
function newYorkInstant(utcMs: number): number {
  const guess = utcMs - newYorkOffsetMs(utcMs);
  return utcMs - newYorkOffsetMs(guess);
}

function csvTime(text: string, { zone }: CsvTimes, line: number): number {
  const iso = text.replace(' ', 'T');
  const ms = Date.parse(ZONED.test(iso) ? iso : `${iso}Z`);
  if (Number.isNaN(ms) || !/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}/.test(iso))
    throw new BarFileError(line, `${text} is no time (yyyy-MM-dd HH:mm[:ss])`);
  return zone === 'utc' || ZONED.test(iso) ? ms : newYorkInstant(ms);
}

function daySpan(date: string, line: number): readonly [number, number] {
  const session = DATE.test(date) ? sessionOn(date) : null;
  if (session === null) throw new BarFileError(line, `${date} is no trading day (dates are yyyy-MM-dd)`);
  return [session.openMs, session.closeMs];
}

function minuteSpan(text: string, times: CsvTimes, line: number): readonly [number, number] {
  const ms = csvTime(text, times, line);
  if (times.label === null)
    throw new BarFileError(
      line,
      'a file of minutes needs to be told whether its times are the start or the end of bars',
    );
  return times.label === 'end' ? [ms - MINUTE_MS, ms] : [ms, ms + MINUTE_MS];
}

/** Header `Date,Open,High,Low,Close,Volume[,…]`, the columns in any order. Dates are sessions, times are minutes. */
function readCsv(rows: readonly string[], symbol: string, times: CsvTimes): { period: Period; rows: Row[] } {
  const columns = csvColumns(rows[0] ?? '');
  let period: Period | null = null;
  const read = rows.flatMap((row, index) => {
    if (index === 0 || row.trim() === '') return [];
    const line = index + 1;
    const fields = row.split(',');
    const [label, ...texts] = columns.map((column) => (fields[column] ?? '').trim().replace(/^"|"$/g, ''));
    if (label === undefined || label === '' || texts.includes(''))
      throw new BarFileError(line, 'a field is missing: is the file cut off?');
    const found: Period = label.includes(':') ? '1m' : '1d';
    period ??= found;
    if (found !== period) throw new BarFileError(line, 'dates and times are mixed');
    const [startMs, endMs] = found === '1d' ? daySpan(label, line) : minuteSpan(label, times, line);
    return [barOf(symbol, startMs, endMs, readPrices(texts, line), line)];
  });
  return { period: period ?? '1d', rows: read };
}

/**
 * A last line without its end, where the others have theirs, was cut off: half a figure reads like a figure.
 * @throws BarFileError for that line
 */
export function requireWholeFile(text: string): void {
  if (!text.includes('\n') || text.endsWith('\n')) return;
  throw new BarFileError(
    text.split('\n').length,
    'has no end of line: the file may be cut off (add one if it is whole)',
  );
}

const figures = ({ open, high, low, close, volume }: Bar) => [open, high, low, close, volume].join(' ');

/** @throws BarFileError for a bar that is there twice, or not in its place */
function requireOrder(rows: readonly Row[]): void {
  const lineOf = new Map<number, Row>();
  for (const [index, row] of rows.entries()) {
    const { endMs } = row.bar;
    const twin = lineOf.get(endMs);
    const at = new Date(endMs).toISOString();
    if (twin !== undefined) {
      const [first, second] = [Math.min(twin.line, row.line), Math.max(twin.line, row.line)];
      const other = figures(twin.bar) === figures(row.bar) ? '' : ' with other figures';
      throw new BarFileError(second, `repeated: the bar that ends ${at} is in line ${first} already${other}`);
    }
    lineOf.set(endMs, row);
    const before = rows[index - 1];
    if (before !== undefined && endMs < before.bar.endMs)
      throw new BarFileError(
        Math.max(row.line, before.line),
        `out of order: the bar that ends ${at} comes after a later one`,
      );
  }
}

/**
 * Reads a file of recorded bars of one symbol, oldest first whatever the file's order.
 * @param text the whole file
 * @throws BarFileError with the line
 */
export function readBarFile(text: string, format: BarFormat, symbol: string, times: CsvTimes = NO_TIMES): BarFile {
  const rows = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const { period, rows: read } =
    format === 'ninjatrader'
      ? { period: '1m' as const, rows: readNinjaTrader(rows, symbol) }
      : readCsv(rows, symbol, times);
  if (read.length === 0) throw new BarFileError(0, 'the file holds no bars');
  const [first, last] = [read[0], read.at(-1)];
  if (first !== undefined && last !== undefined && first.bar.endMs > last.bar.endMs) read.reverse();
  requireOrder(read);
  return { period, bars: read.map(({ bar }) => bar), lines: read.map(({ line }) => line) };
}
