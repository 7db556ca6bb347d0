import { matchAgainstQuote } from '@/server/domain/exchange/match-quote';
import type { Match, Quote } from '@/server/domain/exchange/types';
import type { Units } from '@/server/kernel/money';
import { leavesOf, type SimOrder, toResting } from './order';

/** The current quote of a symbol and what this account has already taken of each displayed size. */
export class DisplayedQuote {
  readonly quote: Quote;
  /** Price of the last trade: positions are valued at it. */
  readonly lastPrice: Units;
  private askTaken: Units = 0n;
  private bidTaken: Units = 0n;

  constructor(quote: Quote, lastPrice: Units) {
    this.quote = quote;
    this.lastPrice = lastPrice;
  }

  /**
   * Matches an order and takes what it got off the display. A market order too gets no more than is displayed: the
   * rest waits for the next quote, so that every fill lies within the spread.
   */
  match(order: SimOrder): Match {
    const buy = order.side === 'buy';
    const takenQty = buy ? this.askTaken : this.bidTaken;
    const shown = (buy ? this.quote.askSize : this.quote.bidSize) - takenQty;
    const match =
      order.type === 'limit' || order.type === 'stop_limit'
        ? matchAgainstQuote(toResting(order), this.quote, { takenQty })
        : this.matchMarket(order, shown);
    const filled = match.executions.reduce((sum, execution) => sum + execution.qty, 0n);
    if (buy) this.askTaken += filled;
    else this.bidTaken += filled;
    return match;
  }

  private matchMarket(order: SimOrder, shown: Units): Match {
    const resting = toResting(order);
    if (order.timeInForce === 'fok' && leavesOf(order) > shown)
      return { executions: [], triggered: order.triggered, done: true };
    if (shown > 0n)
      return matchAgainstQuote(
        { ...resting, leavesQty: shown < resting.leavesQty ? shown : resting.leavesQty },
        this.quote,
      );
    return matchAgainstQuote(resting, { ...this.quote, askSize: 0n, bidSize: 0n });
  }
}

/** What the broker knows of its market. Times are epoch ms of market time. */
export interface MarketView {
  readonly symbols: ReadonlySet<string>;
  isOpen(atMs: number): boolean;
  /** The close of the session that is open at `atMs`, or else of the next one. */
  sessionClose(atMs: number): number;
  displayed(symbol: string): DisplayedQuote | undefined;
}
