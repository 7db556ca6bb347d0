import type { Quote } from '@/server/domain/exchange/types';
import type { Units } from '@/server/kernel/money';

/** A quote with the trade that came with it. */
export interface PricePoint {
  readonly quote: Quote;
  readonly tradePrice: Units;
  /** Shares, a whole number. */
  readonly tradeSize: number;
}

/** A bar of one or more minutes, [startMs, endMs) in epoch ms of market time. Volume in whole shares. */
export interface MarketBar {
  readonly symbol: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly open: Units;
  readonly high: Units;
  readonly low: Units;
  readonly close: Units;
  readonly volume: number;
  readonly trades: number;
}

/** Where prices come from: a pure function of market time. */
export interface PriceSource {
  readonly kind: 'SYNTHETIC' | 'RECORDED';
  readonly symbols: readonly string[];
  /** One line that says what the prices are, for people. */
  readonly label: string;
  /** The recording's first date, or null. */
  readonly date: string | null;
  /** Names the recording (or synthetic market) in the journal's head. */
  readonly sourceId: string;
  /** Market time after which there are no prices, or null. */
  readonly endMs: number | null;
  /** The points of all symbols in (fromMs, toMs], oldest first. A source may leave out points nobody can see any more. */
  pointsBetween(fromMs: number, toMs: number): PricePoint[];
  /** The newest point of a symbol at or before a time. */
  pointAt(symbol: string, atMs: number): PricePoint | undefined;
  /** Time of the first point after a time, or null at the end. */
  nextPointMs(afterMs: number): number | null;
  /** Closed one-minute bars with `startMs >= fromMs` and `endMs <= toMs`, oldest first, at most `limit`. */
  minuteBars(symbol: string, fromMs: number, toMs: number, limit: number): MarketBar[];
  /** The last closed one-minute bar at a time. */
  lastMinuteBar(symbol: string, atMs: number): MarketBar | undefined;
}

/** A trading session, epoch ms. */
export interface MarketSession {
  /** Date in New York, YYYY-MM-DD. */
  readonly date: string;
  readonly openMs: number;
  readonly closeMs: number;
}

/** When the market trades. */
export interface Sessions {
  isOpen(atMs: number): boolean;
  /** First open after `atMs`. */
  nextOpen(atMs: number): number;
  /** First close after `atMs`. */
  nextClose(atMs: number): number;
  /** Sessions whose dates lie in [fromDate, toDate]. */
  between(fromDate: string, toDate: string): MarketSession[];
  /** True when one session begins where the last ends. */
  readonly roundTheClock: boolean;
}
