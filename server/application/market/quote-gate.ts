import type { Trade } from '@/server/application/ports/market-data';
import type { MarketFault } from '@/server/contracts/console/market-health';
import type { Bar, Quote } from '@/server/domain/exchange/types';
import { MINUTE_MS } from './minutes';

/** A time may be this far ahead of the market's clock, in wall time: clocks differ a little. */
const MAX_AHEAD_MS = 2_000;

/** The market's time now, epoch ms, null when it is not known; and market seconds a wall second. */
export interface MarketTime {
  now(): number | null;
  readonly speed: number;
}

/** Judges what comes in, each symbol on its own: quotes and trades each newer than the one before. Null is a welcome. */
export class QuoteGate {
  private readonly quotes = new Map<string, Quote>();
  private readonly trades = new Map<string, Trade>();
  private wanted: ReadonlySet<string> | null = null;

  constructor(private readonly time: MarketTime) {}

  /** Only these are welcome from now on; before, any is. What a source makes up besides does not fill the memory. */
  want(symbols: readonly string[]): void {
    this.wanted = new Set(symbols);
  }

  wants(symbol: string): boolean {
    return this.wanted === null || this.wanted.has(symbol);
  }

  quote(quote: Quote): MarketFault | null {
    if (!this.wants(quote.symbol)) return 'not_wanted';
    if (quote.bid <= 0n || quote.ask <= 0n || quote.bidSize < 0n || quote.askSize < 0n) return 'empty';
    if (quote.bid > quote.ask) return 'crossed';
    const fault = this.ahead(quote.atMs);
    if (fault !== null) return fault;
    const last = this.quotes.get(quote.symbol);
    if (last !== undefined && quote.atMs <= last.atMs)
      return quote.atMs === last.atMs && quote.bid === last.bid && quote.ask === last.ask
        ? 'duplicate'
        : 'out_of_order';
    this.quotes.set(quote.symbol, quote);
    return null;
  }

  /** Trades of one instant are many: only an older one is out of order. */
  trade(trade: Trade): MarketFault | null {
    if (!this.wants(trade.symbol)) return 'not_wanted';
    if (trade.price <= 0n || trade.size <= 0n) return 'empty';
    const fault = this.ahead(trade.atMs);
    if (fault !== null) return fault;
    const last = this.trades.get(trade.symbol);
    if (last !== undefined && trade.atMs < last.atMs) return 'out_of_order';
    this.trades.set(trade.symbol, trade);
    return null;
  }

  /** Order and repetition of bars are the sequence's matter. */
  bar(bar: Bar): MarketFault | null {
    if (!this.wants(bar.symbol)) return 'not_wanted';
    const { open, high, low, close, volume, startMs, endMs } = bar;
    if (low <= 0n) return 'empty';
    const sane = [open, close].every((price) => price >= low && price <= high) && volume >= 0n;
    if (!sane || startMs % MINUTE_MS !== 0) return 'bad_bar';
    return this.ahead(endMs);
  }

  private ahead(atMs: number): 'no_clock' | 'future' | null {
    const nowMs = this.time.now();
    if (nowMs === null) return 'no_clock';
    return atMs > nowMs + MAX_AHEAD_MS * this.time.speed ? 'future' : null;
  }
}
