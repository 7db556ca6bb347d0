import type { Bar, Quote } from '@/server/domain/exchange/types';
import type { Units } from '@/server/kernel/money';
import type { StreamHandle } from './broker';

/** A print of the tape. */
export interface Trade {
  readonly symbol: string;
  readonly price: Units;
  /** Shares. */
  readonly size: Units;
  readonly atMs: number;
}

/** What came and could not be taken for market data; everything else goes on. */
export interface MarketRefusal {
  readonly reason: 'bad_symbol' | 'unreadable';
  /** Null where it names none that could be one. */
  readonly symbol: string | null;
  /** Its own time, epoch ms, of a bar its start; null where it states none. */
  readonly atMs: number | null;
  readonly detail: string;
}

export type OnRefused = (refusal: MarketRefusal) => void;

export interface MarketStreamEvents {
  quote(quote: Quote): void;
  trade(trade: Trade): void;
  /** A closed minute; also one that the source has corrected since. */
  bar(bar: Bar): void;
  /** Subscribed; what happened before must be asked for. */
  connected(): void;
  disconnected(reason: string): void;
  refused: OnRefused;
}

export interface MarketStream extends StreamHandle {
  /** Exactly these from now on. */
  subscribe(symbols: readonly string[]): void;
  /** Drops the connection and makes a new one. */
  restart(reason: string): void;
}

export interface BarRange {
  /** First start, epoch ms. */
  readonly fromMs: number;
  /** Last start; without it everything up to now. */
  readonly untilMs?: number;
  /** At most so many altogether, of the oldest; without it all. */
  readonly limit?: number;
}

/** Quotes, trades and 1-minute bars. Queries throw BrokerError. */
export interface MarketData {
  latestQuotes(symbols: readonly string[], refused?: OnRefused): Promise<readonly Quote[]>;
  /** 1-minute bars, oldest first; every page. */
  bars(symbols: readonly string[], range: BarRange, refused?: OnRefused): Promise<readonly Bar[]>;
  stream(symbols: readonly string[], events: MarketStreamEvents): MarketStream;
}
