import { newYorkDate, newYorkMidnight } from './new-york';
import type { MarketBar, PriceSource } from './types';

const MINUTE_MS = 60_000;

/** The length of a bar: minutes (an hour is 60), or whole days of New York. */
export type Timeframe = { readonly unit: 'minute'; readonly minutes: number } | { readonly unit: 'day' };

/** Reads `1Min`…`59Min`, `1Hour`…`23Hour`, `1Day` and their short forms `5T`, `1H`, `1D`; null for anything else. */
export function parseTimeframe(text: string): Timeframe | null {
  const match = /^(\d{1,2})(Min|T|Hour|H|Day|D)$/.exec(text);
  const count = Number(match?.[1]);
  switch (match?.[2]) {
    case 'Min':
    case 'T':
      return count >= 1 && count <= 59 ? { unit: 'minute', minutes: count } : null;
    case 'Hour':
    case 'H':
      return count >= 1 && count <= 23 ? { unit: 'minute', minutes: count * 60 } : null;
    case 'Day':
    case 'D':
      return count === 1 ? { unit: 'day' } : null;
    default:
      return null;
  }
}

/** Start of the bar that a minute belongs to. */
export function bucketStart(startMs: number, timeframe: Timeframe): number {
  if (timeframe.unit === 'day') return newYorkMidnight(newYorkDate(startMs));
  const length = timeframe.minutes * MINUTE_MS;
  return Math.floor(startMs / length) * length;
}

function merge(into: MarketBar, bar: MarketBar): MarketBar {
  return {
    ...into,
    endMs: bar.endMs,
    high: bar.high > into.high ? bar.high : into.high,
    low: bar.low < into.low ? bar.low : into.low,
    close: bar.close,
    volume: into.volume + bar.volume,
    trades: into.trades + bar.trades,
  };
}

/**
 * Bars of a timeframe made of closed one-minute bars with `fromMs <= start` and `end <= toMs`, oldest first, at most
 * `limit`. The last may still be growing.
 */
export function barsOf(
  source: PriceSource,
  symbol: string,
  timeframe: Timeframe,
  fromMs: number,
  toMs: number,
  limit: number,
): MarketBar[] {
  if (timeframe.unit === 'minute' && timeframe.minutes === 1) return source.minuteBars(symbol, fromMs, toMs, limit);
  const minutesPerBar = timeframe.unit === 'day' ? 1440 : timeframe.minutes;
  const bars: MarketBar[] = [];
  let current: MarketBar | undefined;
  for (const bar of source.minuteBars(symbol, fromMs, toMs, (limit + 1) * minutesPerBar)) {
    const startMs = bucketStart(bar.startMs, timeframe);
    if (current?.startMs === startMs) current = merge(current, bar);
    else {
      if (current !== undefined) bars.push(current);
      if (bars.length === limit) return bars;
      current = { ...bar, startMs };
    }
  }
  if (current !== undefined && bars.length < limit) bars.push(current);
  return bars;
}
