import { divideHalfAway, formatUnits } from '@/server/domain/money/decimal';
import type { Fill, OrderInput, OrderState } from '@/server/domain/order/types';
import type { BrokerFill, BrokerOrderView } from './types';

/** Marks a fill that was concluded from an order's total because nobody has named it yet. */
const PREFIX = 'inferred:';

type FillInput = Extract<OrderInput, { kind: 'fill' }>;
type CorrectInput = Extract<OrderInput, { kind: 'correct' }>;

export const isInferred = (executionId: string): boolean => executionId.startsWith(PREFIX);

/** Concluded from a total, and no real execution has taken its place yet. */
export function isStandIn(fill: Fill): boolean {
  return isInferred(fill.executionId) && !fill.busted && fill.corrections.length === 0;
}

/**
 * A fill for what the broker's total says and no execution explains, at the price that makes the broker's average right.
 * Its id follows from the order and both totals: two rounds, or two processes, conclude the same one.
 * @returns `null` when nothing is missing or the average gives no price
 */
export function inferFill(state: OrderState, broker: BrokerOrderView): FillInput | null {
  const qty = broker.filledQty - state.cumQty;
  if (qty <= 0n || broker.filledAvgPrice === null) return null;
  const price = divideHalfAway(broker.filledQty * broker.filledAvgPrice - state.cumNotional, qty);
  if (price <= 0n) return null;
  const executionId = `${PREFIX}${state.id}:${formatUnits(state.cumQty)}-${formatUnits(broker.filledQty)}`;
  return { kind: 'fill', executionId, qty, price, atMs: broker.updatedAtMs };
}

/** A real execution: in place of one that was inferred where there is one, else booked as it is. */
export function bookReal(state: OrderState, fill: BrokerFill): FillInput | CorrectInput {
  const { executionId, qty, price, atMs } = fill;
  const standIn = state.fills.find(isStandIn);
  if (standIn === undefined) return { kind: 'fill', executionId, qty, price, atMs };
  return { kind: 'correct', executionId, refExecutionId: standIn.executionId, qty, price, atMs };
}
