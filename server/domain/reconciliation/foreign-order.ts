import { orderProblem } from '@/server/domain/order/new-order';
import { formatUnits, type Units } from '@/server/kernel/money';
import { type BreakCause, hasLimitPrice, hasStopPrice } from '@/server/kernel/vocabulary';
import type { AdoptedTerms, BrokerOrderView, OrderAction } from './types';

const ENDED: ReadonlySet<BrokerOrderView['status']> = new Set([
  'FILLED',
  'CANCELLED',
  'EXPIRED',
  'REJECTED',
  'REPLACED',
]);

/** An order by amount has a quantity once it has ended: what was filled. */
function quantityOf({ qty, status, filledQty }: BrokerOrderView): Units | null {
  if (qty !== null) return qty;
  return ENDED.has(status) && filledQty > 0n ? filledQty : null;
}

/**
 * A kind of order that we do not place is stored as the nearest that we do. Null where it has no quantity yet, or terms that no
 * order here can have (a limit of -1.50).
 */
function termsOf(order: BrokerOrderView): AdoptedTerms | null {
  const { symbol, side, timeInForce, limitPrice, stopPrice } = order;
  const qty = quantityOf(order);
  if (qty === null || qty <= 0n) return null;
  const orderType = order.orderType ?? (limitPrice !== null ? 'LIMIT' : 'MARKET');
  const terms = {
    symbol,
    side,
    qty,
    orderType,
    timeInForce,
    limitPrice: hasLimitPrice(orderType) ? limitPrice : null,
    stopPrice: hasStopPrice(orderType) ? stopPrice : null,
  };
  return orderProblem({ id: '', ...terms }) === null ? terms : null;
}

/**
 * An order that the broker has and we lack is taken in at first sight, and somebody has to say why it is there. It needs no
 * time to settle: an order of ours is committed before it is sent, so what we lack is nobody's of ours, and no news of it
 * is on its way to us. One that our terms cannot express is a break without an order.
 */
export function foreign(order: BrokerOrderView, openBreaks: readonly BreakCause[]): OrderAction[] {
  const terms = termsOf(order);
  if (terms !== null) return [{ kind: 'adopt', order, terms }];
  if (openBreaks.includes('EXTERNAL_ORDER')) return [];
  const { externalOrderId, symbol, side, status, filledQty } = order;
  const theirs = { external_order_id: externalOrderId, side, status, cum_qty: formatUnits(filledQty) };
  return [{ kind: 'order_break', cause: 'EXTERNAL_ORDER', symbol, orderId: null, ours: {}, theirs }];
}
