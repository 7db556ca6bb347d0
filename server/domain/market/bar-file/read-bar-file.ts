import { sessionOn } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { gcd } from '@/server/domain/market/verify-bars';
import { formatUnits } from '@/server/kernel/money';
import { decimalMarkOf, isEmpty, readFigure, toUnits } from './figures';
import { type BarFormat, type Column, LAYOUTS, type Layout } from './layouts';
import { splitAdjusted, suspiciousJumps } from './splits';
import { readTable, type Table, type TableRow } from './table';
import {
  type DateOrder,
  dateOfMidnight,
  isMidnight,
  newYorkMs,
  numericDate,
  readTime,
  type WrittenTime,
} from './times';
import { type BarFile, BarFileError, type LineFault, type Period, type ReadBars, type ReadOptions } from './types';

const MINUTE_MS = 60_000;
/** Decimals that the history stores. */
const STORED_DECIMALS = 8;
/** Decimals that prices keep when the file writes binary fractions, such as 37.029998779296875. */
const PRICE_DECIMALS = 4;
const FIGURES = ['open', 'high', 'low', 'close', 'volume'] as const satisfies readonly Column[];

/** Reading a file: its options, and what is found on the way. */
interface Reading {
  readonly table: Table;
  readonly layout: Layout;
  readonly options: ReadOptions;
  readonly faults: LineFault[];
  readonly understood: string[];
  readonly warnings: string[];
}

interface Row {
  readonly line: number;
  readonly symbol: string;
  readonly time: WrittenTime;
  readonly figures: readonly string[];
}

interface Timed {
  readonly bar: Bar;
  readonly line: number;
}

const field = ({ columns }: Table, { fields }: TableRow, column: Column): string => {
  const place = columns.get(column);
  return place === undefined ? '' : (fields[place] ?? '');
};

function timeText({ table }: Reading, row: TableRow): string {
  const ofDay = table.columns.has('time_of_day') ? ` ${field(table, row, 'time_of_day')}` : '';
  return `${field(table, row, 'time')}${ofDay}`.replaceAll(/ +/g, ' ');
}

/** Order of day and month in dates such as 03/07/2001: stated, the format's, or the only one with which all are dates. */
function dateOrderOf(reading: Reading, rows: readonly TableRow[]): DateOrder | null {
  const { layout, options, understood } = reading;
  const dates = rows.flatMap((row) => numericDate(timeText(reading, row)) ?? []);
  if (dates.length === 0) {
    if (options.dateOrder !== undefined)
      throw BarFileError.at(0, '--date-order does not apply: the dates have one reading');
    return null;
  }
  const known = options.dateOrder ?? layout.dateOrder;
  if (known !== undefined) return known;
  const firstIsDay = dates.some((value, index) => index % 2 === 0 && value > 12);
  const secondIsDay = dates.some((value, index) => index % 2 === 1 && value > 12);
  if (firstIsDay === secondIsDay)
    throw BarFileError.at(
      rows[0]?.line ?? 0,
      'is no date with one meaning: day and month cannot be told apart: state --date-order mdy or --date-order dmy',
    );
  understood.push(`dates are ${firstIsDay ? 'day/month/year' : 'month/day/year'}`);
  return firstIsDay ? 'dmy' : 'mdy';
}

/** The date that a file's name carries, as LEAN writes it: 20240102_trade.csv. */
function dateInName(fileName: string | undefined): string {
  const match = /(?:^|[\\/])(\d{4})(\d{2})(\d{2})_/.exec(fileName ?? '');
  if (match === null) throw BarFileError.at(0, 'the name of the file must begin with its date: yyyyMMdd_trade.csv');
  return `${match[1]}-${match[2]}-${match[3]}`;
}

function timeOf(reading: Reading, row: TableRow, order: DateOrder | null): WrittenTime | null {
  const text = timeText(reading, row);
  if (reading.layout.millisecondsOfDay && /^\d{1,8}$/.test(text) && Number(text) < 86_400_000)
    return { date: dateInName(reading.options.fileName), ofDayMs: Number(text), instantMs: null, epoch: false };
  return readTime(text, order);
}

function symbolOf({ table, layout, options }: Reading, row: TableRow): string {
  const suffix = layout.symbolSuffix ?? '';
  const written = field(table, row, 'symbol').toUpperCase();
  const symbol = suffix !== '' && written.endsWith(suffix) ? written.slice(0, -suffix.length) : written;
  return symbol === '' ? (options.symbol ?? '') : symbol;
}

/** The rows that hold figures; others are faults. */
function rowsOf(reading: Reading): Row[] {
  const { table, options, faults, understood } = reading;
  const order = dateOrderOf(reading, table.rows);
  let skipped = 0;
  const rows = table.rows.flatMap((row): Row[] => {
    const { line } = row;
    const figures = FIGURES.map((column) => field(table, row, column));
    if (row.fields.length < table.width && figures.some((text) => text === '')) {
      faults.push({ line, reason: 'a field is missing: is the file cut off?' });
      return [];
    }
    if (figures.slice(0, 4).every(isEmpty)) {
      if (options.skipEmpty) skipped += 1;
      else faults.push({ line, reason: 'has no prices (--skip-empty leaves such rows out)' });
      return [];
    }
    const time = timeOf(reading, row, order);
    if (time === null) {
      faults.push({ line, reason: `${timeText(reading, row) || 'an empty field'} is no time (yyyy-MM-dd HH:mm[:ss])` });
      return [];
    }
    return [{ line, symbol: symbolOf(reading, row), time, figures }];
  });
  if (skipped > 0) understood.push(`${skipped} row(s) without prices left out`);
  return rows;
}

function requireSymbols({ table, options }: Reading, rows: readonly Row[]): void {
  if (!table.columns.has('symbol')) {
    if (options.symbol === undefined) throw BarFileError.at(0, 'the file names no symbol: state --symbol');
    return;
  }
  const counts = new Map<string, number>();
  for (const { symbol } of rows) counts.set(symbol, (counts.get(symbol) ?? 0) + 1);
  if (options.symbol === undefined) {
    if (counts.has('')) throw BarFileError.at(0, 'a row names no symbol: state --symbol');
    return;
  }
  counts.delete(options.symbol);
  if (counts.size === 0) return;
  const others = [...counts].map(([symbol, count]) => `${symbol} (${count} row(s))`).join(', ');
  throw BarFileError.at(0, `the file also holds ${others}: without --symbol each symbol is imported`);
}

/** Days have no time of day, or midnight in every row. */
function isDaily(rows: readonly Row[]): boolean {
  return rows.every(({ time: { ofDayMs, instantMs } }) => {
    if (ofDayMs === null || ofDayMs === 0) return true;
    return instantMs !== null && isMidnight(instantMs);
  });
}

/** The dates of rows stamped with instants alone are those of the midnights they name. */
const sessionDate = ({ date, instantMs, epoch }: WrittenTime): string =>
  instantMs !== null && isMidnight(instantMs) && (epoch || instantMs % 86_400_000 !== 0)
    ? dateOfMidnight(instantMs)
    : date;

function daySpans({ faults, options, understood }: Reading, rows: readonly Row[]): ReadonlyMap<Row, Span> {
  for (const name of ['label', 'zone'] as const)
    if (options[name] !== undefined) throw BarFileError.at(0, `--${name} does not apply: the file holds days`);
  understood.push('period: days');
  const spans = new Map<Row, Span>();
  for (const row of rows) {
    const date = sessionDate(row.time);
    const session = sessionOn(date);
    if (session === null) faults.push({ line: row.line, reason: `${date} is no trading day (dates are yyyy-MM-dd)` });
    else spans.set(row, [session.openMs, session.closeMs]);
  }
  return spans;
}

type Span = readonly [startMs: number, endMs: number];

function instants({ faults, options, layout, understood }: Reading, rows: readonly Row[]): Map<Row, number> {
  const named = rows.filter(({ time }) => time.instantMs !== null);
  if (named.length === rows.length && options.zone !== undefined && layout.zone === null)
    throw BarFileError.at(0, '--zone does not apply: the times name their zone');
  const zone = options.zone ?? layout.zone;
  if (named.length < rows.length) {
    if (zone === null) throw BarFileError.at(0, 'the times name no zone: state --zone utc or --zone new-york');
    understood.push(`times are ${zone === 'utc' ? 'UTC' : 'New York'}`);
  }
  const found = new Map<Row, number>();
  for (const row of rows) {
    const { date, ofDayMs, instantMs } = row.time;
    const localMs = Date.parse(`${date}T00:00:00Z`) + (ofDayMs ?? 0);
    const ms = instantMs ?? (zone === 'utc' ? localMs : newYorkMs(localMs));
    if (ms === null)
      faults.push({ line: row.line, reason: "New York's clock skips this time, or shows it twice: use UTC" });
    else found.set(row, ms);
  }
  return found;
}

/** Some feeds stamp the last instant of a minute. Rounds such times up; other seconds are faults. */
function wholeMinutes({ faults, understood }: Reading, times: ReadonlyMap<Row, number>): 'end' | null {
  const map = times as Map<Row, number>;
  const rests = [...map.values()].map((ms) => ms % MINUTE_MS);
  if (rests.every((rest) => rest === 0)) return null;
  if (rests.every((rest) => rest >= 59_000)) {
    for (const [row, ms] of map) map.set(row, Math.ceil(ms / MINUTE_MS) * MINUTE_MS);
    understood.push('times at the last instant of a minute: rounded up to its end');
    return 'end';
  }
  for (const [row, ms] of map)
    if (ms % MINUTE_MS !== 0)
      faults.push({ line: row.line, reason: 'is not at a whole minute: only minutes and days are stored' });
  return null;
}

function minutesApart(times: ReadonlyMap<Row, number>): number {
  let apart = 0;
  const last = new Map<string, number>();
  const ordered = [...times].sort(([, a], [, b]) => a - b);
  for (const [{ symbol }, ms] of ordered) {
    const before = last.get(symbol);
    if (before !== undefined) apart = gcd(apart, ms - before);
    last.set(symbol, ms);
  }
  return apart / MINUTE_MS;
}

function minuteSpans(reading: Reading, rows: readonly Row[]): ReadonlyMap<Row, Span> {
  const { options, layout, understood } = reading;
  const dates = rows.filter(({ time }) => time.ofDayMs === null);
  if (dates.length > 0)
    throw new BarFileError(
      dates.map(({ line }) => ({ line, reason: 'has no time of day: dates and times are mixed' })),
    );
  const times = instants(reading, rows);
  const stamped = wholeMinutes(reading, times);
  if (stamped !== null && options.label === 'start')
    throw BarFileError.at(0, '--label start does not apply: times at the last instant of a minute are ends');
  const apart = minutesApart(times);
  if (apart > 1 && options.sparse !== true)
    throw BarFileError.at(
      0,
      `the times are ${apart} minutes apart. Only minutes and days can be stored; --sparse states that these are minutes with gaps`,
    );
  const label = stamped ?? options.label ?? layout.label;
  if (label === null)
    throw BarFileError.at(0, 'state whether the times are the start or the end of bars: --label start or --label end');
  understood.push(`period: minutes, labelled with their ${label}`);
  return new Map([...times].map(([row, ms]) => [row, label === 'end' ? [ms - MINUTE_MS, ms] : [ms, ms + MINUTE_MS]]));
}

type Prices = readonly [open: bigint, high: bigint, low: bigint, close: bigint, volume: bigint];

/** Reads the figures of all rows in one notation, prices rounded alike. */
function readPrices(reading: Reading, rows: readonly Row[]): ReadonlyMap<Row, Prices> {
  const { layout, options, faults, understood } = reading;
  const mark = decimalMarkOf(
    (function* () {
      for (const { figures } of rows) yield* figures;
    })(),
    options.decimal,
  );
  if (mark === 'comma') understood.push('decimal comma');
  const read = rows.map(({ figures }) => figures.map((text) => readFigure(text, mark)));
  const longest = read.reduce(
    (most, each) => each.slice(0, 4).reduce((max, one) => Math.max(max, one?.decimals ?? 0), most),
    0,
  );
  const decimals = options.decimals ?? (longest > STORED_DECIMALS ? PRICE_DECIMALS : STORED_DECIMALS);
  if (longest > decimals) understood.push(`prices with up to ${longest} decimals: rounded to ${decimals}`);
  const scale = layout.tenThousandths ? 10_000n : 1n;
  if (scale > 1n) understood.push('prices in 1/10,000 dollar');
  const prices = new Map<Row, Prices>();
  for (const [index, row] of rows.entries()) {
    const place = read[index]?.indexOf(null) ?? -1;
    if (place !== -1) {
      const text = row.figures[place] ?? '';
      faults.push({ line: row.line, reason: `${FIGURES[place]} "${text}" is not a decimal number` });
      continue;
    }
    const [open, high, low, close, volume] = (read[index] ?? []).map((each, n) => {
      if (each === null) return 0n;
      return n < 4 ? toUnits(each, decimals) / scale : toUnits(each, STORED_DECIMALS);
    });
    prices.set(row, [open ?? 0n, high ?? 0n, low ?? 0n, close ?? 0n, volume ?? 0n]);
  }
  return prices;
}

function priceFault([open, high, low, close, volume]: Prices): string | null {
  if (low <= 0n || open <= 0n || close <= 0n || volume < 0n)
    return 'prices must be greater than zero, volume not negative';
  return high < low ? 'high must not be below low' : null;
}

const sameFigures = (a: Bar, b: Bar) => FIGURES.every((name) => a[name] === b[name]);

/** Faults of bars that are there twice, or not in their place. Rows are oldest first. */
function orderFaults(rows: readonly Timed[]): LineFault[] {
  const byEnd = new Map<number, Timed>();
  return rows.flatMap((row, index) => {
    const { endMs } = row.bar;
    const at = new Date(endMs).toISOString();
    const twin = byEnd.get(endMs);
    byEnd.set(endMs, twin ?? row);
    if (twin !== undefined) {
      const [first, second] = [Math.min(twin.line, row.line), Math.max(twin.line, row.line)];
      const other = sameFigures(twin.bar, row.bar) ? '' : ' with other figures';
      return [{ line: second, reason: `repeated: the bar that ends ${at} is in line ${first} already${other}` }];
    }
    const before = rows[index - 1];
    if (before === undefined || endMs >= before.bar.endMs) return [];
    const line = Math.max(row.line, before.line);
    return [{ line, reason: `out of order: the bar that ends ${at} comes after a later one` }];
  });
}

function bySymbol(rows: readonly Timed[]): Timed[][] {
  const groups = new Map<string, Timed[]>();
  for (const row of rows) {
    const group = groups.get(row.bar.symbol);
    if (group === undefined) groups.set(row.bar.symbol, [row]);
    else group.push(row);
  }
  return [...groups.values()];
}

function toFile(reading: Reading, rows: Timed[], period: Period): BarFile {
  const { faults, options, understood, warnings } = reading;
  const [first, last] = [rows[0], rows.at(-1)];
  if (first !== undefined && last !== undefined && first.bar.endMs > last.bar.endMs) rows.reverse();
  faults.push(...orderFaults(rows));
  const symbol = first?.bar.symbol ?? '';
  let bars: readonly Bar[] = rows.map(({ bar }) => bar);
  for (const split of options.splits ?? []) {
    bars = splitAdjusted(bars, split);
    understood.push(`bars before ${split.date} adjusted for ${split.ratio} new shares for one`);
  }
  if (options.adjusted !== true)
    warnings.push(
      ...suspiciousJumps(bars).map(
        ({ date, from, to, split }) =>
          `${symbol} ${date}: opens at ${formatUnits(to)} after a close of ${formatUnits(from)}${
            split === null ? '' : `, as after a split of ${split}: --split ${date}:${split} adjusts the bars before it`
          }; --adjusted states that the prices are right`,
      ),
    );
  return { symbol, period, bars, lines: rows.map(({ line }) => line) };
}

/**
 * Reads a text file of recorded bars. Everything that could be read in two ways follows from the file, the format or the options;
 * nothing is guessed.
 * @param text the whole file
 * @throws BarFileError naming every faulty line
 */
export function readBarFile(text: string, format: BarFormat, options: ReadOptions = {}): ReadBars {
  const table = readTable(text.replace(/^\uFEFF/, ''), format);
  const faults: LineFault[] = [];
  const reading: Reading = {
    table,
    layout: LAYOUTS[format],
    options,
    faults,
    understood: [...table.understood],
    warnings: [],
  };
  const rows = rowsOf(reading);
  if (rows.length === 0)
    throw new BarFileError(faults.length > 0 ? faults : [{ line: 0, reason: 'the file holds no bars' }]);
  requireSymbols(reading, rows);
  const period: Period = isDaily(rows) ? '1d' : '1m';
  const spans = period === '1d' ? daySpans(reading, rows) : minuteSpans(reading, rows);
  const prices = readPrices(reading, rows);
  const timed = rows.flatMap((row): Timed[] => {
    const { line, symbol } = row;
    const [span, figures] = [spans.get(row), prices.get(row)];
    if (span === undefined || figures === undefined) return [];
    const fault = priceFault(figures);
    if (fault !== null) {
      faults.push({ line, reason: fault });
      return [];
    }
    const [open, high, low, close, volume] = figures;
    return [{ bar: { symbol, startMs: span[0], endMs: span[1], open, high, low, close, volume }, line }];
  });
  const files = bySymbol(timed).map((group) => toFile(reading, group, period));
  if (faults.length > 0) throw new BarFileError(faults.sort((a, b) => a.line - b.line));
  const { understood, warnings } = reading;
  return { files, understood, warnings };
}

/**
 * A last line without its end, where the others have theirs, was cut off: half a figure reads like a figure.
 * @throws BarFileError for that line
 */
export function requireWholeFile(text: string): void {
  if (!text.includes('\n') || text.endsWith('\n')) return;
  throw BarFileError.at(
    text.split('\n').length,
    'has no end of line: the file may be cut off (add one if it is whole)',
  );
}
