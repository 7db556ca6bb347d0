import { readFileSync } from 'node:fs';
import { DecimalError, parseUnits, type Units } from '@/server/kernel/money';

export type BarsFormat = 'ninjatrader' | 'csv';

/** A recording that cannot be played; the message names the file and the line. */
export class BarsFileError extends Error {
  override readonly name = 'BarsFileError';
}

/** One recorded bar. Its label is its END, epoch ms. */
export interface RecordedBar {
  readonly endMs: number;
  readonly open: Units;
  readonly high: Units;
  readonly low: Units;
  readonly close: Units;
  readonly volume: number;
}

type Fields = readonly [time: string, open: string, high: string, low: string, close: string, volume: string];

function ninjaTraderTime(text: string): number {
  const match = /^(\d{4})(\d{2})(\d{2}) (\d{2})(\d{2})(\d{2})$/.exec(text);
  if (match === null) return Number.NaN;
  const [, year, month, day, hour, minute, second] = match;
  return Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
}

function csvTime(text: string): number {
  // A time without a zone is UTC.
  const iso = text.trim().replace(' ', 'T');
  return Date.parse(/(Z|[+-]\d{2}:?\d{2})$/.test(iso) || !iso.includes('T') ? iso : `${iso}Z`);
}

function parseBar(fields: Fields, endMs: number, where: string): RecordedBar {
  if (!Number.isFinite(endMs)) throw new BarsFileError(`${where}: "${fields[0]}" is not a time`);
  try {
    const [, open, high, low, close] = fields.map((field, index) => (index === 0 ? 0n : parseUnits(field.trim())));
    const volume = Number(fields[5]);
    if (open === undefined || high === undefined || low === undefined || close === undefined || !(volume >= 0)) {
      throw new BarsFileError(`${where}: not a bar`);
    }
    const lowest = open < close ? open : close;
    const highest = open > close ? open : close;
    if (low <= 0n || low > lowest || high < highest)
      throw new BarsFileError(`${where}: high and low do not enclose open and close`);
    return { endMs, open, high, low, close, volume: Math.round(volume) };
  } catch (error) {
    if (error instanceof DecimalError) throw new BarsFileError(`${where}: ${error.message}`);
    throw error;
  }
}

const CSV_NAMES = [
  ['time', 'timestamp', 'datetime', 'date'],
  ['open'],
  ['high'],
  ['low'],
  ['close'],
  ['volume'],
] as const;

function isOneOf(words: readonly string[], word: string): boolean {
  return words.includes(word);
}

/** The places of time, open, high, low, close and volume in a line, from the header. */
function csvColumns(header: string, path: string): number[] {
  const names = header.split(',').map((name) => name.trim().toLowerCase());
  return CSV_NAMES.map((wanted) => {
    const column = names.findIndex((name) => isOneOf(wanted, name));
    if (column === -1) throw new BarsFileError(`${path}:1: no column "${wanted[0]}"`);
    return column;
  });
}

/**
 * Reads a recording of one-minute bars, oldest first.
 * - `ninjatrader`: `yyyyMMdd HHmmss;open;high;low;close;volume`, UTC, the label is the bar's end.
 * - `csv`: a header with time, open, high, low, close, volume; time is ISO 8601, the bar's end.
 * @throws BarsFileError naming the line
 */
export function readBarsFile(path: string, format: BarsFormat): RecordedBar[] {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new BarsFileError(`cannot read ${path}: ${error instanceof Error ? error.message : String(error)}`);
  }
  const lines = text.split(/\r?\n/);
  const columns = format === 'csv' ? csvColumns(lines[0] ?? '', path) : [0, 1, 2, 3, 4, 5];
  const bars: RecordedBar[] = [];
  for (const [index, line] of lines.entries()) {
    if (line.trim() === '' || (format === 'csv' && index === 0)) continue;
    const where = `${path}:${index + 1}`;
    const cells = line.split(format === 'csv' ? ',' : ';');
    const [time, open, high, low, close, volume] = columns.map((column) => cells[column]);
    if (!time || !open || !high || !low || !close || !volume) throw new BarsFileError(`${where}: six fields expected`);
    const fields: Fields = [time, open, high, low, close, volume];
    const bar = parseBar(fields, format === 'csv' ? csvTime(time) : ninjaTraderTime(time), where);
    const last = bars[bars.length - 1];
    if (last !== undefined && bar.endMs <= last.endMs)
      throw new BarsFileError(`${where}: not later than the bar before`);
    bars.push(bar);
  }
  if (bars.length === 0) throw new BarsFileError(`${path} holds no bars`);
  return bars;
}
