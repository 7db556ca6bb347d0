import type { Quote } from '@/server/domain/exchange/types';

export type QuoteFault = 'future' | 'out_of_order' | 'duplicate' | 'crossed' | 'empty' | 'no_clock';

/** A quote may be this far ahead of the market's clock, in wall time: clocks differ a little. */
const MAX_AHEAD_MS = 2_000;

/** Takes quotes in, each newer than the one before; counts what it refuses. */
export class QuoteGate {
  private readonly newest = new Map<string, Quote>();
  readonly refused: Record<QuoteFault, number> = {
    future: 0,
    out_of_order: 0,
    duplicate: 0,
    crossed: 0,
    empty: 0,
    no_clock: 0,
  };
  accepted = 0;

  /**
   * @param marketNowMs the market's time now; null when it is not known
   * @param speed market seconds a wall second
   * @returns why it is refused, or null when it is taken
   */
  admit(quote: Quote, marketNowMs: number | null, speed: number): QuoteFault | null {
    const fault = this.judge(quote, marketNowMs, speed);
    if (fault === null) {
      this.newest.set(quote.symbol, quote);
      this.accepted += 1;
    } else {
      this.refused[fault] += 1;
    }
    return fault;
  }

  private judge(quote: Quote, marketNowMs: number | null, speed: number): QuoteFault | null {
    if (quote.bid <= 0n || quote.ask <= 0n) return 'empty';
    if (quote.bid > quote.ask) return 'crossed';
    if (marketNowMs === null) return 'no_clock';
    if (quote.atMs > marketNowMs + MAX_AHEAD_MS * speed) return 'future';
    const last = this.newest.get(quote.symbol);
    if (last === undefined || quote.atMs > last.atMs) return null;
    return quote.atMs === last.atMs && quote.bid === last.bid && quote.ask === last.ask ? 'duplicate' : 'out_of_order';
  }
}
