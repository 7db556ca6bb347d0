import type { BrokerOrder } from '@/server/application/ports/broker';
import { divideHalfAway, formatUnits } from '@/server/domain/money/decimal';
import type { OrderState } from '@/server/domain/order/types';
import type { BookingInput } from './booking';
import { INFERRED_PREFIX } from './match-execution';

/**
 * A stand-in for what the broker's total says was filled and no execution explains: the missing quantity at the price that
 * makes the average right. Its id follows from both totals, so that two rounds conclude the same; the real execution takes
 * its place when it comes. Null when there is no residue, or its price would not be one.
 */
export function inferredFill(order: BrokerOrder, state: OrderState): BookingInput | null {
  const qty = order.filledQty - state.cumQty;
  if (qty <= 0n || order.filledAvgPrice === null) return null;
  const price = divideHalfAway(order.filledQty * order.filledAvgPrice - state.cumNotional, qty);
  if (price <= 0n) return null;
  const executionId = `${INFERRED_PREFIX}${formatUnits(state.cumQty)}-${formatUnits(order.filledQty)}`;
  return { input: { kind: 'fill', executionId, qty, price, atMs: order.updatedAtMs }, data: { inferred: true } };
}
