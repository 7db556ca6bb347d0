import { newYorkDate, sessionOn } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { DecimalError, parseUnits, type Units } from '@/server/domain/money/decimal';
import { ScenarioError } from '@/server/domain/replay/scenario-file';

/** Formats of recorded bars that `--format` names. */
export const BAR_FORMATS = ['ninjatrader', 'csv'] as const;
export type BarFormat = (typeof BAR_FORMATS)[number];

const MINUTE_MS = 60_000;

function amounts(texts: readonly (string | undefined)[], number: number): Units[] {
  return texts.map((text) => {
    try {
      return parseUnits((text ?? '').trim());
    } catch (error) {
      if (error instanceof DecimalError) throw new ScenarioError(number, error.message);
      throw error;
    }
  });
}

function checkedBar(bar: Bar, number: number): Bar {
  const { open, high, low, close, volume } = bar;
  if (low <= 0n || volume < 0n)
    throw new ScenarioError(number, 'prices must be greater than zero, volume not negative');
  if (high < low || open <= 0n || close <= 0n) throw new ScenarioError(number, 'high must not be below low');
  return bar;
}

/** `yyyyMMdd HHmmss;open;high;low;close;volume`: one-minute bars, UTC, labelled with their END. */
function parseNinjaTrader(rows: readonly string[], symbol: string): Bar[] {
  const bars: Bar[] = [];
  for (const [index, row] of rows.entries()) {
    if (row.trim() === '') continue;
    const number = index + 1;
    const fields = row.trim().split(';');
    const label = /^(\d{4})(\d{2})(\d{2}) (\d{2})(\d{2})(\d{2})$/.exec(fields[0] ?? '');
    if (label === null || fields.length !== 6)
      throw new ScenarioError(number, 'must be yyyyMMdd HHmmss;open;high;low;close;volume');
    const [, year, month, day, hour, minute, second] = label;
    const endMs = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}.000Z`);
    if (Number.isNaN(endMs)) throw new ScenarioError(number, `${fields[0]} is no time`);
    const [open = 0n, high = 0n, low = 0n, close = 0n, volume = 0n] = amounts(fields.slice(1), number);
    bars.push(checkedBar({ symbol, open, high, low, close, volume, startMs: endMs - MINUTE_MS, endMs }, number));
  }
  return bars;
}

/** Header `Date,Open,High,Low,Close,Volume[,…]`: daily bars, each covering the session of its date. */
function parseDailyCsv(rows: readonly string[], symbol: string): Bar[] {
  const header = (rows[0] ?? '').split(',').map((name) => name.trim().toLowerCase());
  const columns = ['date', 'open', 'high', 'low', 'close', 'volume'].map((name) => header.indexOf(name));
  if (columns.includes(-1)) throw new ScenarioError(1, 'the header must name Date, Open, High, Low, Close and Volume');
  const bars: Bar[] = [];
  for (const [index, row] of rows.entries()) {
    if (index === 0 || row.trim() === '') continue;
    const number = index + 1;
    const fields = row.split(',');
    const [date = '', ...prices] = columns.map((column) => (fields[column] ?? '').trim());
    const session = /^\d{4}-\d{2}-\d{2}$/.test(date) ? sessionOn(date) : null;
    if (session === null) throw new ScenarioError(number, `${date} is no trading day (dates are yyyy-MM-dd)`);
    const [open = 0n, high = 0n, low = 0n, close = 0n, volume = 0n] = amounts(prices, number);
    bars.push(
      checkedBar({ symbol, open, high, low, close, volume, startMs: session.openMs, endMs: session.closeMs }, number),
    );
  }
  return bars;
}

/**
 * Reads a file of recorded bars of one symbol, oldest first whatever the file's order.
 * @throws ScenarioError with the line of the bar file
 */
export function parseBarFile(text: string, format: BarFormat, symbol: string): Bar[] {
  const rows = text.replace(/^\uFEFF/, '').split(/\r?\n/);
  const bars = format === 'ninjatrader' ? parseNinjaTrader(rows, symbol) : parseDailyCsv(rows, symbol);
  const [first, last] = [bars[0], bars.at(-1)];
  if (first !== undefined && last !== undefined && first.endMs > last.endMs) bars.reverse();
  for (let i = 1; i < bars.length; i += 1) {
    const [before, bar] = [bars[i - 1], bars[i]];
    if (before !== undefined && bar !== undefined && bar.endMs <= before.endMs) {
      throw new ScenarioError(i + 1, `bars are out of order or repeated at ${newYorkDate(bar.endMs)} (New York date)`);
    }
  }
  return bars;
}
