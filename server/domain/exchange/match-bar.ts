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

const WAITS: Match = { executions: [], triggered: false, done: false };

/**
 * Matches one order against one bar.
 * - MARKET (waiting since the market was closed, or the rest of a capped one): at the open.
 * - LIMIT: BUY when `low < limit`, at `min(limit, open)`; SELL when `high > limit`, at `max(limit, open)`. A touch alone does not fill.
 * - STOP: BUY when `high >= stop`, at `max(stop, open)`; SELL when `low <= stop`, at `min(stop, open)`; then a MARKET order.
 * - STOP_LIMIT: triggers when `high > stop` (BUY) or `low < stop` (SELL); from that bar on a BUY fills when
 *   `close < limit`, at `min(high, limit)`, and a SELL when `close > limit`, at `max(low, limit)`.
 * LIMIT, STOP and STOP_LIMIT take part from the first bar that starts at or after the order. IOC and FOK are judged once, a stop when touched.
 */
export function matchAgainstBar(order: RestingOrder, bar: BarSide): Match {
  if (order.leavesQty <= 0n || !takesPart(order, bar)) return { ...WAITS, triggered: order.triggered };
  if (order.orderType === 'STOP_LIMIT') return matchStopLimit(order, bar);
  const price = fillPrice(order, bar.prices);
  const once = order.timeInForce === 'IOC' || order.timeInForce === 'FOK';
  const triggered = order.triggered || (order.orderType === 'STOP' && price !== null);
  if (price === null) return { executions: [], triggered, done: once && order.orderType !== 'STOP' };
  return { executions: capped(order, price, bar.capQty), triggered, done: once };
}

function matchStopLimit(order: RestingOrder, bar: BarSide): Match {
  const buy = order.side === 'BUY';
  const { stopPrice: stop, limitPrice: limit } = order;
  const { high, low, close } = bar.prices;
  const triggered = order.triggered || (stop !== null && (buy ? high > stop : low < stop));
  const fills = triggered && limit !== null && (buy ? close < limit : close > limit);
  if (!fills) return { executions: [], triggered, done: false };
  const price = buy ? smaller(high, limit) : larger(low, limit);
  return { executions: capped(order, price, bar.capQty), triggered, done: false };
}

/** One execution at `price` of at most `capQty`; none when FOK cannot have all. */
export function capped(order: RestingOrder, price: Units, capQty: Units | null): Execution[] {
  const qty = capQty !== null && capQty < order.leavesQty ? capQty : order.leavesQty;
  if (qty <= 0n || (order.timeInForce === 'FOK' && qty < order.leavesQty)) return [];
  return [{ qty, price }];
}

function takesPart(order: RestingOrder, bar: BarSide): boolean {
  if (order.orderType === 'MARKET' || order.triggered) return bar.endMs > order.acceptedAtMs;
  return bar.startMs >= order.acceptedAtMs;
}

function fillPrice(order: RestingOrder, prices: Ohlc): Units | null {
  const buy = order.side === 'BUY';
  const { open, high, low } = prices;
  if (order.orderType === 'LIMIT') return limitPrice(order.limitPrice, buy, prices);
  if (order.orderType === 'MARKET' || order.triggered) return open;
  const stop = order.stopPrice;
  if (stop === null) return null;
  if (buy) return high >= stop ? larger(stop, open) : null;
  return low <= stop ? smaller(stop, open) : null;
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
