import { divideHalfAway, type Money, notional, parseMoney, parseUnits, type Units } from '@/server/kernel/money';
import { JournalError } from '../journal/line';
import type { NonTradeRecord } from '../journal/records';
import type { NonTradeActivity } from './activities';

export interface Holding {
  readonly qty: Units;
  /** What the shares held cost, at their average. */
  readonly cost: Money;
}

/** What a cancelled or corrected activity shows since. */
export interface Amendment {
  readonly status: 'canceled' | 'correct';
  readonly netAmount: string;
}

/** Types whose quantity tells what an amount was paid on. */
const PAID_ON = /^(DIV|FEE|INT|CSD|CSW|JNLC)/;

const sharesOf = ({ activityType, qty }: Pick<NonTradeActivity, 'activityType' | 'qty'>): Units =>
  qty === null || PAID_ON.test(activityType) ? 0n : parseUnits(qty);

/** Shares that come and go without a trade: a split keeps what they cost, a transfer brings its price. */
export class NonTradeShares {
  /** Cost on its way between the legs of one event. */
  private readonly between = new Map<string, Money>();

  constructor(private readonly holdings: Map<string, Holding>) {}

  apply(activity: NonTradeActivity): void {
    const { symbol, price, groupId, activityType } = activity;
    const qty = sharesOf(activity);
    if (qty === 0n || symbol === null) return;
    const held = this.holdings.get(symbol) ?? { qty: 0n, cost: 0n };
    if (held.qty + qty < 0n) throw new JournalError(`fewer than ${-qty} shares of ${symbol} are held`);
    const leaving = qty < 0n && !(activityType === 'SPLIT' && groupId === null);
    const cost = leaving
      ? -divideHalfAway(held.cost * -qty, held.qty)
      : price === null
        ? 0n
        : notional(qty, parseUnits(price));
    this.hold(symbol, { qty: held.qty + qty, cost: held.cost + (qty > 0n ? cost + this.arriving(groupId) : cost) });
    if (leaving && groupId !== null) this.between.set(groupId, (this.between.get(groupId) ?? 0n) - cost);
  }

  /** Takes an activity's shares back, as if it had never been. */
  takeBack(activity: NonTradeActivity): void {
    const { qty } = activity;
    if (qty === null) return;
    const turned = qty.startsWith('-') ? qty.slice(1) : `-${qty}`;
    this.apply({ ...activity, qty: turned, price: null, groupId: null });
  }

  private arriving(groupId: string | null): Money {
    if (groupId === null) return 0n;
    const cost = this.between.get(groupId) ?? 0n;
    this.between.delete(groupId);
    return cost;
  }

  private hold(symbol: string, holding: Holding): void {
    if (holding.qty === 0n) this.holdings.delete(symbol);
    else this.holdings.set(symbol, holding);
  }
}

/** The activity of a journal record. */
export function nonTradeOf(record: NonTradeRecord): NonTradeActivity {
  return {
    kind: 'NON_TRADE',
    activityType: record.activity_type,
    subType: record.activity_sub_type,
    symbol: record.symbol,
    qty: record.qty,
    price: record.price,
    netAmount: record.net_amount,
    groupId: record.group_id,
    atMs: record.at,
  };
}

/** Cash that an activity moves, after what was said of it since. */
export const cashOf = (activity: NonTradeActivity, amendment: Amendment | undefined): Money =>
  amendment?.status === 'canceled' ? 0n : parseMoney(amendment?.netAmount ?? activity.netAmount);
