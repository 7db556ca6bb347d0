import { followed } from '@/server/domain/exchange/trailing';
import type { Execution, Match, Ohlc, RestingOrder } from '@/server/domain/exchange/types';
import type { Units } from '@/server/kernel/money';

/** The side of a bar that an order meets: the trade bar itself, or the ask (BUY) or bid (SELL) of a quote bar. */
export interface BarSide {
  readonly startMs: number;
  readonly endMs: number;
  readonly prices: Ohlc;
  /** Most that one order may take of this bar; null when nothing caps it. */
  readonly capQty: Units | null;
}

/** What a bar means to one order: the price at which it fills, if it does, and where its stop stands afterwards. */
interface Meeting {
  readonly price: Units | null;
  readonly triggered: boolean;
  readonly stopPrice?: Units;
}

/**
 * Matches one order against one bar.
 * - MARKET (waiting since the market was closed, or the rest of a capped one): at the open.
 * - LIMIT: BUY when `low < limit`, at `min(limit, open)`; SELL when `high > limit`, at `max(limit, open)`. A touch alone does not fill.
 * - STOP: BUY when `high >= stop`, at `max(stop, open)`; SELL when `low <= stop`, at `min(stop, open)`; then a MARKET order.
 * - STOP_LIMIT: triggered when `high > stop` (BUY) or `low < stop` (SELL). From that bar on a BUY fills when `close < limit`, at
 *   `min(high, limit)`; a SELL when `close > limit`, at `max(low, limit)`.
 * - TRAILING_STOP: tried against the stop that stood before the bar: BUY when `high >= stop`, at `max(stop, close)`; SELL when
 *   `low <= stop`, at `min(stop, close)`; then a MARKET order. Otherwise the stop follows the low (BUY) or the high (SELL).
 * All but MARKET take part from the first bar that starts at or after the order. IOC and FOK are judged once, a stop when triggered.
 */
export function matchAgainstBar(order: RestingOrder, bar: BarSide): Match {
  if (order.leavesQty <= 0n || !takesPart(order, bar))
    return { executions: [], triggered: order.triggered, done: false };
  const { price, triggered, stopPrice } = meet(order, bar.prices);
  const once = order.timeInForce === 'IOC' || order.timeInForce === 'FOK';
  const done = once && (triggered || !isStop(order));
  const executions = price === null ? [] : capped(order, price, bar.capQty);
  return stopPrice === undefined ? { executions, triggered, done } : { executions, triggered, done, stopPrice };
}

/** One execution at `price` of at most `capQty`; none when FOK cannot have all. */
export function capped(order: RestingOrder, price: Units, capQty: Units | null): Execution[] {
  const qty = capQty !== null && capQty < order.leavesQty ? capQty : order.leavesQty;
  if (qty <= 0n || (order.timeInForce === 'FOK' && qty < order.leavesQty)) return [];
  return [{ qty, price }];
}

/** Whether an order waits for a price before it can trade. */
export function isStop({ orderType }: Pick<RestingOrder, 'orderType'>): boolean {
  return orderType === 'STOP' || orderType === 'STOP_LIMIT' || orderType === 'TRAILING_STOP';
}

/** Whether an order now trades at any price. */
function isAtMarket({ orderType, triggered }: RestingOrder): boolean {
  return orderType === 'MARKET' || (triggered && orderType !== 'STOP_LIMIT');
}

function takesPart(order: RestingOrder, bar: BarSide): boolean {
  return isAtMarket(order) ? bar.endMs > order.acceptedAtMs : bar.startMs >= order.acceptedAtMs;
}

function meet(order: RestingOrder, prices: Ohlc): Meeting {
  const buy = order.side === 'BUY';
  if (isAtMarket(order)) return { price: prices.open, triggered: order.triggered };
  switch (order.orderType) {
    case 'STOP_LIMIT':
      return meetStopLimit(order, buy, prices);
    case 'TRAILING_STOP':
      return meetTrailingStop(order, buy, prices);
    case 'STOP':
      return meetStop(order.stopPrice, buy, prices);
    default:
      return { price: limitPrice(order.limitPrice, buy, prices), triggered: false };
  }
}

function meetStop(stop: Units | null, buy: boolean, { open, high, low }: Ohlc): Meeting {
  const touched = stop !== null && (buy ? high >= stop : low <= stop);
  if (!touched) return { price: null, triggered: false };
  return { price: buy ? larger(stop, open) : smaller(stop, open), triggered: true };
}

function meetStopLimit({ limitPrice: limit, ...order }: RestingOrder, buy: boolean, prices: Ohlc): Meeting {
  const { high, low, close } = prices;
  const stop = order.stopPrice;
  const triggered = order.triggered || (stop !== null && (buy ? high > stop : low < stop));
  if (!triggered || limit === null) return { price: null, triggered };
  if (buy) return { price: close < limit ? smaller(high, limit) : null, triggered };
  return { price: close > limit ? larger(low, limit) : null, triggered };
}

function meetTrailingStop(order: RestingOrder, buy: boolean, { high, low, close }: Ohlc): Meeting {
  const { stopPrice: stop, trail = null } = order;
  const touched = stop !== null && (buy ? high >= stop : low <= stop);
  if (touched) return { price: buy ? larger(stop, close) : smaller(stop, close), triggered: true };
  if (trail === null) return { price: null, triggered: false };
  return { price: null, triggered: false, stopPrice: followed(order, trail, buy ? low : high) };
}

function limitPrice(limit: Units | null, buy: boolean, { open, high, low }: Ohlc): Units | null {
  if (limit === null) return null;
  if (buy) return low < limit ? smaller(limit, open) : null;
  return high > limit ? larger(limit, open) : null;
}

function smaller(a: Units, b: Units): Units {
  return a < b ? a : b;
}

function larger(a: Units, b: Units): Units {
  return a > b ? a : b;
}
