import type { Bar, Quote, RestingOrder } from '@/server/domain/exchange/types';
import type { Units } from '@/server/kernel/money';

/** What is known of a symbol and what rests in it. One mutable object a symbol, so that a bar costs no look-ups beyond it. */
export interface SymbolBook {
  readonly symbol: string;
  lastBar: Bar | null;
  /** Halted by the exchange: nothing trades, and no stop is triggered. */
  halted: boolean;
  /** The last `quote`, or the close of the last `quote_bar` (then without sizes). */
  lastQuote: Quote | null;
  /** Shares taken from each side of `lastQuote` so far. */
  takenAsk: Units;
  takenBid: Units;
  /** In order of arrival. */
  resting: RestingOrder[];
}

export class SymbolBooks {
  private readonly books = new Map<string, SymbolBook>();
  private latest: SymbolBook | null = null;

  of(symbol: string): SymbolBook {
    if (this.latest !== null && this.latest.symbol === symbol) return this.latest;
    let book = this.books.get(symbol);
    if (book === undefined) {
      book = { symbol, lastBar: null, halted: false, lastQuote: null, takenAsk: 0n, takenBid: 0n, resting: [] };
      this.books.set(symbol, book);
    }
    this.latest = book;
    return book;
  }
}

/** What a holding is worth a share: the last bar's close, else the middle of the last quote; `null` when neither is known. */
export function markOf(book: SymbolBook): Units | null {
  if (book.lastBar !== null) return book.lastBar.close;
  const quote = book.lastQuote;
  if (quote === null) return null;
  if (quote.bid === 0n || quote.ask === 0n) return quote.bid + quote.ask === 0n ? null : quote.bid + quote.ask;
  return (quote.bid + quote.ask) / 2n;
}

/** Best bid and offer for judging: the last quote, else the last bar's close on both sides. */
export function topOf(book: SymbolBook): { bid: Units; ask: Units } | null {
  if (book.lastQuote !== null) return { bid: book.lastQuote.bid, ask: book.lastQuote.ask };
  return book.lastBar === null ? null : { bid: book.lastBar.close, ask: book.lastBar.close };
}

/** When the newest quote or bar was known, epoch ms; `null` when there was none. */
export function knownAtMs(book: SymbolBook): number | null {
  const quoteMs = book.lastQuote?.atMs ?? null;
  const barMs = book.lastBar?.endMs ?? null;
  if (quoteMs === null || barMs === null) return quoteMs ?? barMs;
  return Math.max(quoteMs, barMs);
}
