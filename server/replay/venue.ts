import { type BarSide, capped, matchAgainstBar } from '@/server/domain/exchange/match-bar';
import { matchAgainstQuote } from '@/server/domain/exchange/match-quote';
import type { Bar, Execution, Match, Quote, QuoteBar, RestingOrder } from '@/server/domain/exchange/types';
import { multiplyUnits, type Units } from '@/server/kernel/money';
import type { SymbolBook, SymbolBooks } from '@/server/replay/symbol-book';

export interface VenueTerms {
  readonly mode: 'scripted' | 'bars' | 'quotes';
  readonly participation: Units | null;
  readonly impactBps: Units | null;
}

/** Hears what an order got. `done`: its remainder is cancelled (IOC, FOK). */
export type MatchListener = (orderId: string, executions: readonly Execution[], done: boolean) => void;

/**
 * The virtual exchange: keeps resting orders and matches them, first come first served, against bars or quotes.
 * In scripted mode it holds nothing: the file speaks for the broker.
 */
export class Venue {
  constructor(
    private readonly terms: VenueTerms,
    private readonly books: SymbolBooks,
    private readonly listener: MatchListener,
    /** Symbols that the scenario has trade bars, and bars of both sides, of. */
    private readonly barSymbols: ReadonlySet<string>,
    private readonly quoteBarSymbols: ReadonlySet<string>,
    /** Called before resting orders of a symbol meet a bar or a quote. */
    private readonly beforeMatching: (book: SymbolBook) => void,
  ) {}

  get automatic(): boolean {
    return this.terms.mode !== 'scripted';
  }

  /** Begin of the bar whose open the last execution was at; null when it was at another price, or at no bar. */
  filledAtOpenOfMs: number | null = null;

  /** Takes an order; while the market is open it may fill at once. */
  place(order: RestingOrder, open: boolean): void {
    if (!this.automatic) return;
    const book = this.books.of(order.symbol);
    book.resting.push(order);
    if (!open || book.halted) return;
    const match = this.terms.mode === 'quotes' ? this.matchQuote(book, order) : this.matchNow(book, order);
    if (match !== null) this.settle(book, order, match);
  }

  /** Another leg was filled: so much less is left. What this bar still has is not for it. */
  reduce(symbol: string, orderId: string, leavesQty: Units, atMs: number): void {
    const book = this.books.of(symbol);
    book.resting = book.resting.map((each) =>
      each.id === orderId ? { ...each, leavesQty, acceptedAtMs: atMs } : each,
    );
  }

  remove(symbol: string, orderId: string): void {
    const book = this.books.of(symbol);
    if (book.resting.length > 0) book.resting = book.resting.filter((each) => each.id !== orderId);
  }

  /** Fills from a trade bar. */
  onBar(book: SymbolBook, bar: Bar): void {
    if (this.terms.mode !== 'bars' || book.resting.length === 0 || book.halted) return;
    this.beforeMatching(book);
    const capQty = this.capOf(bar);
    const side: BarSide = { startMs: bar.startMs, endMs: bar.endMs, prices: bar, capQty };
    const followsQuotes = this.quoteBarSymbols.has(bar.symbol);
    this.matchAll(book, (order) => (followsQuotes && order.orderType === 'TRAILING_STOP' ? null : side));
  }

  /** Fills from a bar of both sides: a BUY meets the ask, a SELL the bid. */
  onQuoteBar(book: SymbolBook, bar: QuoteBar): void {
    if (this.terms.mode !== 'bars' || book.resting.length === 0 || book.halted) return;
    this.beforeMatching(book);
    const { startMs, endMs } = bar;
    const hasBars = this.barSymbols.has(bar.symbol);
    this.matchAll(book, (order) => {
      const prices = order.side === 'BUY' ? bar.ask : bar.bid;
      // A side without a quote fills nothing. What waits for a price meets trade bars where the file has them.
      if (prices.open === 0n || (hasBars && order.orderType !== 'MARKET' && order.orderType !== 'TRAILING_STOP'))
        return null;
      return { startMs, endMs, prices, capQty: null };
    });
  }

  /** Meets every resting order with a bar; legs of what filled at its open take part in the same bar. */
  private matchAll(book: SymbolBook, sideFor: (order: RestingOrder) => BarSide | null): void {
    const before = new Set(book.resting.map(({ id }) => id));
    for (const id of before) this.matchOne(book, id, sideFor);
    for (const { id } of book.resting) if (!before.has(id)) this.matchOne(book, id, sideFor);
  }

  private matchOne(book: SymbolBook, id: string, sideFor: (order: RestingOrder) => BarSide | null): void {
    // What an earlier match of the same bar led to (a halt, a leg that filled) may have changed it or taken it away.
    const order = book.resting.find((each) => each.id === id);
    const side = order === undefined ? null : sideFor(order);
    if (order === undefined || side === null) return;
    const match = matchAgainstBar(order, side);
    this.filledAtOpenOfMs = match.executions[0]?.price === side.prices.open ? side.startMs : null;
    this.settle(book, order, match);
    this.filledAtOpenOfMs = null;
  }

  /** Fills from the quote just stored as the book's last. */
  onQuote(book: SymbolBook): void {
    if (this.terms.mode !== 'quotes' || book.halted) return;
    this.beforeMatching(book);
    for (const order of book.resting) {
      const match = this.matchQuote(book, order);
      if (match !== null) this.settle(book, order, match);
    }
  }

  private capOf(bar: Bar): Units | null {
    return this.terms.participation === null ? null : multiplyUnits(this.terms.participation, bar.volume);
  }

  private matchQuote(book: SymbolBook, order: RestingOrder): Match | null {
    const quote = book.lastQuote;
    if (quote === null) return null;
    const buy = order.side === 'BUY';
    const match = matchAgainstQuote(order, quote, {
      impactBps: this.terms.impactBps ?? 0n,
      takenQty: buy ? book.takenAsk : book.takenBid,
    });
    const qty = match.executions.reduce((sum, each) => sum + each.qty, 0n);
    if (buy) book.takenAsk += qty;
    else book.takenBid += qty;
    return match;
  }

  /** A MARKET order while the market is open: the latest opposite quote, else the last bar's close. */
  private matchNow(book: SymbolBook, order: RestingOrder): Match | null {
    if (order.orderType !== 'MARKET') return null;
    const once = order.timeInForce === 'IOC' || order.timeInForce === 'FOK';
    const quoted = oppositePrice(book.lastQuote, order);
    if (quoted !== null) return { executions: capped(order, quoted, null), triggered: false, done: once };
    const bar = book.lastBar;
    if (bar === null) return null;
    return { executions: capped(order, bar.close, this.capOf(bar)), triggered: false, done: once };
  }

  private settle(book: SymbolBook, order: RestingOrder, match: Match): void {
    const { executions, triggered, done, stopPrice = order.stopPrice } = match;
    if (executions.length === 0 && !done && triggered === order.triggered && stopPrice === order.stopPrice) return;
    // What an earlier match of the same quote led to (a halt, say) may have taken it away.
    if (!book.resting.some((each) => each.id === order.id)) return;
    const filled = executions.reduce((sum, each) => sum + each.qty, 0n);
    const leavesQty = order.leavesQty - filled;
    const over = done || leavesQty === 0n;
    book.resting = over
      ? book.resting.filter((each) => each.id !== order.id)
      : book.resting.map((each) => (each.id === order.id ? { ...order, leavesQty, triggered, stopPrice } : each));
    if (executions.length > 0 || done) this.listener(order.id, executions, done && leavesQty > 0n);
  }
}

function oppositePrice(quote: Quote | null, order: RestingOrder): Units | null {
  if (quote === null) return null;
  const price = order.side === 'BUY' ? quote.ask : quote.bid;
  return price > 0n ? price : null;
}
