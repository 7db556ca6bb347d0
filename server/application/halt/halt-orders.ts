import type { ExecutionContext } from '@/server/application/execution-context';
import type { BrokerOrder, UnreadableItem } from '@/server/application/ports/broker';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { reconcileOrders } from '@/server/application/reconciliation/reconcile-orders';

/** What works at the broker. */
export interface WorkingOrders {
  readonly open: readonly BrokerOrder[];
  /** Open orders that cannot be read: they work as well. */
  readonly unreadable: readonly UnreadableItem[];
}

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
): Promise<WorkingOrders> {
  const { activityCursorMs, openedAtMs } = await context.persist(() => books.account());
  if (verified || activityCursorMs === null) {
    const unreadable: UnreadableItem[] = [];
    const open = await context.broker.openOrders((item) => unreadable.push(item));
    return { open, unreadable };
  }
  const round = await reconcileOrders(context, books, {
    settleMs: 0,
    cursorMs: activityCursorMs,
    overlapMs,
    openedAtMs: openedAtMs ?? 0,
    closedAtMs: null,
  });
  return { open: round.open, unreadable: round.unreadableOrders };
}
