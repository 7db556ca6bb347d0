import type { Bar, Quote } from '@/server/domain/exchange/types';
import type { SequencedBar } from '../market/bar-sequence';
import type { SymbolTally } from '../market/tally';
import type { AlertChange } from './alert-store';
import type { BrokerAsset, BrokerClock, VenueInfo } from './broker';

/** Counts of a symbol since `sinceMs`, wall clock. */
export interface SymbolHealth {
  readonly symbol: string;
  readonly subscribed: boolean;
  readonly tally: SymbolTally;
}

/** Where market data is kept for everybody to read. */
export interface MarketStore {
  /** Keeps the newest of each symbol. */
  writeQuotes(quotes: readonly Quote[]): Promise<void>;
  /** Tells listeners of channel "quotes"; nothing is stored. Payloads are JSON. */
  announceQuotes(payloads: readonly string[]): Promise<void>;
  /**
   * Stores closed bars, one symbol's in order and each once. `announce` publishes market.bar.closed for the new ones in the same
   * transaction. A minute that the clock closed gives way to the source's own bar, announced as market.bar.corrected.
   */
  writeBars(bars: readonly SequencedBar[], announce: boolean): Promise<void>;
  /** Puts bars of the source in place of what is stored of their minutes, publishing market.bar.corrected. @returns those that changed something */
  correctBars(bars: readonly Bar[]): Promise<readonly { readonly symbol: string }[]>;
  /** The newest bar of each symbol that begins at or before a time. */
  lastBars(symbols: readonly string[], beforeMs: number): Promise<ReadonlyMap<string, Bar>>;
  /**
   * Replaces the health of all symbols and applies the alerts that follow from it, in one transaction.
   * @param sinceMs when counting began, wall clock
   */
  writeHealth(symbols: readonly SymbolHealth[], sinceMs: number, alerts: readonly AlertChange[]): Promise<void>;
  /** Bars of a symbol that start after `startMs`, oldest first, at most `limit`; the newest ones when `startMs` is null. */
  barsAfter(symbol: string, startMs: number | null, limit: number): Promise<readonly Bar[]>;
  /** @param ageMs how long ago the broker's clock read so */
  writeClock(clock: BrokerClock, venue: VenueInfo, ageMs: number): Promise<void>;
  /** What the broker says of symbols; the gate reads it. */
  writeAssets(assets: readonly BrokerAsset[]): Promise<void>;
  /** Symbols that policy allows or the account holds. */
  wantedSymbols(): Promise<readonly string[]>;
}
