import type { ExecutionContext } from '@/server/application/execution-context';
import type { BrokerOrder } from '@/server/application/ports/broker';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { reconcileOrders } from '@/server/application/reconciliation/reconcile-orders';

/**
 * The broker's open orders while trading is halted. What it tells of ours is booked on the way, until the halt is verified:
 * from then the ordinary rounds see to that.
 * @throws BrokerError
 */
export async function openOrdersOfHalt(
  context: ExecutionContext,
  books: ReconciliationStore,
  verified: boolean,
  overlapMs: number,
): Promise<readonly BrokerOrder[]> {
  const { activityCursorMs } = await context.persist(() => books.account());
  if (verified || activityCursorMs === null) return context.broker.openOrders();
  return (await reconcileOrders(context, books, { settleMs: 0, cursorMs: activityCursorMs, overlapMs })).open;
}
