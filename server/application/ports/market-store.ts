import type { Bar, Quote } from '@/server/domain/exchange/types';
import type { BrokerAsset, BrokerClock, VenueInfo } from './broker';

/** Where market data is kept for everybody to read. */
export interface MarketStore {
  /** Keeps the newest of each symbol. */
  writeQuotes(quotes: readonly Quote[]): Promise<void>;
  /** Tells listeners of channel "quotes"; nothing is stored. Payloads are JSON. */
  announceQuotes(payloads: readonly string[]): Promise<void>;
  /** Stores closed bars once; `announce` publishes market.bar.closed for the new ones. */
  writeBars(bars: readonly Bar[], announce: boolean): Promise<void>;
  /** Market time, epoch ms. */
  lastBarStartMs(): Promise<number | null>;
  /** Bars of a symbol that start after `startMs`, oldest first, at most `limit`; the newest ones when `startMs` is null. */
  barsAfter(symbol: string, startMs: number | null, limit: number): Promise<readonly Bar[]>;
  /** @param ageMs how long ago the broker's clock read so */
  writeClock(clock: BrokerClock, venue: VenueInfo, ageMs: number): Promise<void>;
  /** What the broker says of symbols; the gate reads it. */
  writeAssets(assets: readonly BrokerAsset[]): Promise<void>;
  /** Symbols that policy allows or the account holds. */
  wantedSymbols(): Promise<readonly string[]>;
}
