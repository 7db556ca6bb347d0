import type { RestingOrder, Trail } from '@/server/domain/exchange/types';
import { divideHalfAway, ONE, type Units } from '@/server/kernel/money';

const HUNDRED = 100n * ONE;

/** Where a trailing stop stands when it follows `price`: above it for a BUY, below it for a SELL. */
export function trailingStop({ side }: Pick<RestingOrder, 'side'>, trail: Trail, price: Units): Units {
  const distance = 'amount' in trail ? trail.amount : divideHalfAway(price * trail.percent, HUNDRED);
  return side === 'BUY' ? price + distance : price - distance;
}

/** Where the stop stands after the market reached `best`: it moves in the order's favour only. */
export function followed(order: Pick<RestingOrder, 'side' | 'stopPrice'>, trail: Trail, best: Units): Units {
  const { side, stopPrice } = order;
  const next = trailingStop(order, trail, best);
  if (stopPrice === null) return next;
  const better = side === 'BUY' ? next < stopPrice : next > stopPrice;
  return better ? next : stopPrice;
}
