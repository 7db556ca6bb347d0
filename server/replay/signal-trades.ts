import { type FeeSchedule, feeOf } from '@/server/domain/exchange/fee';
import type { Bar } from '@/server/domain/exchange/types';
import { positionOf } from '@/server/domain/position/ledger';
import type { SignalCandidate } from '@/server/domain/strategy/types';
import { type Money, ONE, type Units, unitsToMoney } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import type { ReplayAccount } from '@/server/replay/account';
import type { OrderEntry } from '@/server/replay/order-entry';
import { markOf, type SymbolBook, type SymbolBooks } from '@/server/replay/symbol-book';

/** How a backtest trades a strategy's signals when policy does not: as published results are computed. */
export interface TradeRules {
  /** Shares of each trade, or the share of the cash that it takes: whole shares, fees included. */
  readonly size: { readonly shares: Units } | { readonly cashShare: Units };
  /** A SELL without a holding sells short. */
  readonly shorts: boolean;
  /** At the price at which the signal came, or at the open of the next bar. */
  readonly fill: 'signal' | 'next-open';
}

/** A bar at its first instant, when the opening is all that is known of it. */
export function openingOf(bar: Bar): Bar {
  const { startMs, open } = bar;
  return { ...bar, endMs: startMs, high: open, low: open, close: open };
}

/**
 * Trades signals in one direction at a time: a BUY covers a short and then buys, a SELL sells what is held and then, if asked,
 * sells short. A signal in the direction of the position changes nothing.
 */
export class SignalTrades {
  readonly #waiting = new Map<string, SignalCandidate>();

  constructor(
    readonly rules: TradeRules,
    private readonly fees: FeeSchedule,
    private readonly entry: OrderEntry,
    private readonly books: SymbolBooks,
    private readonly account: ReplayAccount,
  ) {}

  signal(candidate: SignalCandidate): void {
    if (this.rules.fill === 'next-open') this.#waiting.set(candidate.symbol, candidate);
    else this.#trade(candidate);
  }

  /** Whether a signal waits for the next bar of a symbol. */
  waits(symbol: string): boolean {
    return this.#waiting.has(symbol);
  }

  /** Trades what waits at the opening price of a bar. */
  atOpen(book: SymbolBook, bar: Bar): void {
    const candidate = this.#waiting.get(bar.symbol);
    if (candidate === undefined) return;
    this.#waiting.delete(bar.symbol);
    book.lastBar = openingOf(bar);
    this.#trade(candidate);
  }

  #trade(candidate: SignalCandidate): void {
    const { symbol, action } = candidate;
    const side: Side = action;
    const held = positionOf(this.account.ledger, symbol).qty;
    const opposite = side === 'BUY' ? held < 0n : held > 0n;
    if (held !== 0n && !opposite) return;
    if (opposite) this.entry.unjudged(candidate, side, held < 0n ? -held : held, 'REDUCE');
    if (side === 'SELL' && !this.rules.shorts) return;
    const price = markOf(this.books.of(symbol));
    const { size } = this.rules;
    const qty = 'shares' in size ? size.shares : this.#affordable(price, size.cashShare);
    if (qty > 0n) this.entry.unjudged(candidate, side, qty, 'OPEN');
  }

  /** Whole shares that a share of the cash pays for, fees included. */
  #affordable(price: Units | null, cashShare: Units): Units {
    if (price === null || price <= 0n) return 0n;
    const cash = (this.account.ledger.cash * cashShare) / ONE;
    const cost = (shares: bigint): Money => unitsToMoney(price) * shares + feeOf(this.fees, shares * ONE);
    let shares = cash / unitsToMoney(price);
    while (shares > 0n && cost(shares) > cash) {
      const over = cost(shares) - cash;
      const step = over / unitsToMoney(price);
      shares -= step > 0n ? step : 1n;
    }
    return shares * ONE;
  }
}
