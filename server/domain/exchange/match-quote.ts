import { isStop } from '@/server/domain/exchange/match-bar';
import { followed } from '@/server/domain/exchange/trailing';
import type { Execution, Match, Quote, RestingOrder } from '@/server/domain/exchange/types';
import { divideHalfAway, ONE, type Units } from '@/server/kernel/money';
import { hasLimitPrice } from '@/server/kernel/vocabulary';

export interface QuoteMatchOptions {
  /** Basis points by which each further displayed size costs a market order more. Units; 0 when not given. */
  readonly impactBps?: Units;
  /** Shares that other orders have taken from this side of this very quote already. */
  readonly takenQty?: Units;
}

const BPS = 10_000n * ONE;
const WAITS: Match = { executions: [], triggered: false, done: false };

/**
 * Matches one order against one quote. A BUY takes the ask and a SELL the bid: at most the displayed size for a LIMIT,
 * everything for a MARKET, which pays `impactBps` more for each displayed size beyond the first.
 * A STOP is touched when the ask reaches it from below (BUY) or the bid from above (SELL), and is then a MARKET order, a
 * STOP_LIMIT a LIMIT order. A TRAILING_STOP that is not touched follows the ask (BUY) or the bid (SELL).
 * A side without price or size fills nothing. IOC and FOK are judged once, a stop when it is touched.
 */
export function matchAgainstQuote(order: RestingOrder, quote: Quote, options: QuoteMatchOptions = {}): Match {
  if (order.symbol !== quote.symbol || order.leavesQty <= 0n) return { ...WAITS, triggered: order.triggered };
  const buy = order.side === 'BUY';
  const price = buy ? quote.ask : quote.bid;
  const size = buy ? quote.askSize : quote.bidSize;
  const triggered = order.triggered || touches(order, price);
  if (isStop(order) && !triggered) return waiting(order, price);
  const taken = options.takenQty ?? 0n;
  const available = price > 0n && size > 0n ? reachable(order, price, size, taken) : 0n;
  const once = order.timeInForce === 'IOC' || order.timeInForce === 'FOK';
  if (available === 0n || (order.timeInForce === 'FOK' && available < order.leavesQty)) {
    return { executions: [], triggered, done: once };
  }
  const qty = available < order.leavesQty ? available : order.leavesQty;
  const impact = hasLimitPrice(order.orderType) ? 0n : (options.impactBps ?? 0n);
  const executions = impact === 0n ? [{ qty, price }] : walk(qty, price, size, taken, buy ? impact : -impact);
  // A SELL may walk down to nothing: fill or kill then fills nothing.
  const short = order.timeInForce === 'FOK' && executions.reduce((sum, each) => sum + each.qty, 0n) < qty;
  return { executions: short ? [] : executions, triggered, done: once };
}

/** A stop that was not touched; a trailing one follows the quote. */
function waiting(order: RestingOrder, price: Units): Match {
  const { trail = null } = order;
  if (order.orderType !== 'TRAILING_STOP' || trail === null || price <= 0n) return WAITS;
  return { ...WAITS, stopPrice: followed(order, trail, price) };
}

function touches(order: RestingOrder, price: Units): boolean {
  if (!isStop(order) || order.stopPrice === null || price <= 0n) return false;
  return order.side === 'BUY' ? price >= order.stopPrice : price <= order.stopPrice;
}

/** Shares this order may take now: for a limit what is displayed and still there, if its price allows. */
function reachable(order: RestingOrder, price: Units, size: Units, taken: Units): Units {
  if (!hasLimitPrice(order.orderType)) return order.leavesQty;
  const limit = order.limitPrice ?? 0n;
  const marketable = order.side === 'BUY' ? price <= limit : price >= limit;
  return marketable && size > taken ? size - taken : 0n;
}

/** One execution per displayed size, each `impact` basis points further away; never below a price of zero. */
function walk(total: Units, price: Units, size: Units, taken: Units, impact: Units): Execution[] {
  const executions: Execution[] = [];
  let left = total;
  let level = taken / size;
  let room = size - (taken % size);
  while (left > 0n) {
    const levelPrice = divideHalfAway(price * (BPS + level * impact), BPS);
    if (levelPrice <= 0n) break;
    const qty = left < room ? left : room;
    executions.push({ qty, price: levelPrice });
    left -= qty;
    level += 1n;
    room = size;
  }
  return executions;
}
