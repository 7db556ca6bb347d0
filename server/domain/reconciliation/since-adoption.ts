import type { Units } from '@/server/kernel/money';
import type { AdoptedTerms, BrokerFill, BrokerOrderView, BrokerSide, OurOrder } from './types';

/**
 * The terms under which an order enters our books that had traded before they knew it: its quantity is what was left then.
 * What it had filled is in the opening balances, or belongs to the order that it replaced (R-1, O-10).
 * @param executions all executions that belong to our books
 */
export function termsSince(
  terms: AdoptedTerms,
  order: Pick<BrokerOrderView, 'filledQty'>,
  executions: readonly Pick<BrokerFill, 'qty'>[],
): AdoptedTerms {
  const before = order.filledQty - executions.reduce((sum, { qty }) => sum + qty, 0n);
  return before > 0n && before < terms.qty ? { ...terms, qty: terms.qty - before } : terms;
}

/** An adopted order's quantity is less than the broker's by what was filled before: that is taken off the broker's side. */
export function sinceAdoption(
  ours: OurOrder,
  side: BrokerSide,
  restate: (order: BrokerOrderView) => BrokerSide['order'],
): BrokerSide {
  const order = side.order.value;
  if (order === null || order.qty === null || !ours.state.flags.includes('EXTERNAL')) return side;
  const before: Units = order.qty - ours.state.qty;
  if (before <= 0n) return side;
  const fills = side.fills
    .filter(({ cumQty }) => cumQty === null || cumQty > before)
    .map((fill) => ({ ...fill, cumQty: fill.cumQty === null ? null : fill.cumQty - before }));
  const filledQty = order.filledQty > before ? order.filledQty - before : 0n;
  return { ...side, fills, order: restate({ ...order, qty: ours.state.qty, filledQty }) };
}
