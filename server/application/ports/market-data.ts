import type { Bar, Quote } from '@/server/domain/exchange/types';
import type { StreamHandle } from './broker';

export interface MarketStreamEvents {
  quote(quote: Quote): void;
  bar(bar: Bar): void;
  connected(): void;
  disconnected(reason: string): void;
  unreadable(reason: string): void;
}

/** Quotes and 1-minute bars. Queries throw BrokerError. */
export interface MarketData {
  latestQuotes(symbols: readonly string[]): Promise<readonly Quote[]>;
  /** 1-minute bars that start at or after `startMs`, oldest first; every page. */
  bars(symbols: readonly string[], startMs: number): Promise<readonly Bar[]>;
  stream(symbols: readonly string[], events: MarketStreamEvents): StreamHandle;
}
