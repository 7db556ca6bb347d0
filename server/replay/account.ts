import { type FeeSchedule, feeOf } from '@/server/domain/exchange/fee';
import type { OrderEffect, OrderState } from '@/server/domain/order/types';
import {
  amendmentEntry,
  book,
  EMPTY_LEDGER,
  type Entry,
  equity,
  feeEntry,
  fillEntry,
  grossExposure,
  initialBalancesEntry,
  type Ledger,
  positionOf,
} from '@/server/domain/position/ledger';
import { flatPosition, type Trade } from '@/server/domain/position/position';
import type { Money, Units } from '@/server/kernel/money';

interface BookedTrade extends Trade {
  readonly key: string;
}

type Amendment = Extract<OrderEffect, { kind: 'fill_busted' | 'fill_corrected' }>;

/** The replay's account: a ledger fed by the effects of orders, fees included. */
export class ReplayAccount {
  ledger: Ledger;
  /** Fills booked and not busted. */
  fills = 0;
  /** Filled value of opening orders since the last close. */
  openedFills: Money = 0n;
  /** Equity that drawdown and daily loss are measured from. */
  dayStartEquity: Money;
  private readonly trades = new Map<string, BookedTrade[]>();
  /** Signed shares by symbol and strategy, of fills since the position was opened. */
  private readonly attributed = new Map<string, Map<string, Units>>();

  constructor(
    cash: Money,
    private readonly fees: FeeSchedule,
    private readonly markOf: (symbol: string) => Units | null,
  ) {
    this.ledger = book(EMPTY_LEDGER, initialBalancesEntry(cash, []));
    this.dayStartEquity = cash;
  }

  equity(): Money {
    return equity(this.ledger, this.markOf);
  }

  grossExposure(): Money {
    return grossExposure(this.ledger, this.markOf);
  }

  /** Books a fill and its fee, which is returned. */
  bookFill(order: OrderState, executionId: string, qty: Units, price: Units): Money {
    const key = `${order.id}/${executionId}`;
    const trade: BookedTrade = { key, side: order.side, qty, price };
    const trades = this.trades.get(order.symbol);
    if (trades === undefined) this.trades.set(order.symbol, [trade]);
    else trades.push(trade);
    const fee = feeOf(this.fees, qty);
    this.post(fillEntry(this.ledger, order.symbol, trade, key));
    if (fee !== 0n) this.post(feeEntry(fee, key));
    this.fills += 1;
    return fee;
  }

  /** Books a bust or correction as if the fill had been so from the start, and the difference of its fee. */
  amend(order: OrderState, effect: Amendment): void {
    const busted = effect.kind === 'fill_busted';
    const key = `${order.id}/${busted ? effect.executionId : effect.refExecutionId}`;
    const trades = (this.trades.get(order.symbol) ?? []).flatMap((trade) => {
      if (trade.key !== key) return [trade];
      return busted ? [] : [{ ...trade, qty: effect.qty, price: effect.price }];
    });
    this.trades.set(order.symbol, trades);
    this.post(amendmentEntry(this.ledger, flatPosition(order.symbol), trades, key));
    const feeBefore = feeOf(this.fees, busted ? effect.qty : effect.fromQty);
    const feeAfter = busted ? 0n : feeOf(this.fees, effect.qty);
    if (feeBefore !== feeAfter) this.post(feeEntry(feeAfter - feeBefore, key));
    if (busted) this.fills -= 1;
  }

  /** Shares of a symbol that the fills of a strategy sum to since the position was opened. */
  strategyQty(strategy: string, symbol: string): Units {
    return this.attributed.get(symbol)?.get(strategy) ?? 0n;
  }

  /** Counts a booked change of a fill to the strategy whose order it is. A position that is flat belongs to none. */
  attribute(strategy: string, { symbol, side }: OrderState, qty: Units): void {
    if (positionOf(this.ledger, symbol).qty === 0n) {
      this.attributed.delete(symbol);
      return;
    }
    const of = this.attributed.get(symbol) ?? new Map<string, Units>();
    this.attributed.set(symbol, of.set(strategy, (of.get(strategy) ?? 0n) + (side === 'BUY' ? qty : -qty)));
  }

  private post(entry: Entry): void {
    this.ledger = book(this.ledger, entry);
  }
}
