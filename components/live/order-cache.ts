import type { Order, RouterInputs, RouterOutputs } from '@/components/trpc/types';

type OrderList = RouterOutputs['orders']['list'];
type ListInput = RouterInputs['orders']['list'];

const WORKING: Record<Order['status'], boolean> = {
  NEW: true,
  ACCEPTED: true,
  PARTIALLY_FILLED: true,
  CANCEL_PENDING: true,
  FILLED: false,
  REJECTED: false,
  CANCELLED: false,
  EXPIRED: false,
};

/** Whether a list requested with `input` contains this order. */
export function belongs(order: Order, input: ListInput): boolean {
  const symbol = input.symbol?.toUpperCase() ?? '';
  if (symbol !== '' && !order.symbol.startsWith(symbol)) return false;
  if (!order.strategy.startsWith(input.strategy ?? '')) return false;
  switch (input.group ?? 'all') {
    case 'all':
      return true;
    case 'working':
      return WORKING[order.status];
    case 'filled':
      return order.status === 'FILLED';
    case 'closed':
      return !WORKING[order.status] && order.status !== 'FILLED';
  }
}

/**
 * Applies an order from the event stream to a list: updates its row, removes it if it no longer belongs there, or puts it
 * first if it is new and the list is sorted newest first. Other sort orders wait for the refetch that follows.
 */
export function withOrder(list: OrderList, input: ListInput, order: Order): OrderList {
  const index = list.rows.findIndex((row) => row.id === order.id);
  const known = list.rows[index];
  if (known !== undefined && known.updatedAt > order.updatedAt) return list;
  const fits = belongs(order, input);
  if (known !== undefined && fits) return { ...list, rows: list.rows.with(index, order) };
  if (known !== undefined) return { ...list, rows: list.rows.toSpliced(index, 1), total: list.total - 1 };
  const newestFirst = (input.sort ?? 'createdAt') === 'createdAt' && (input.direction ?? 'desc') === 'desc';
  const first = list.rows[0];
  if (!fits || !newestFirst || (first !== undefined && first.createdAt > order.createdAt)) return list;
  // No row leaves at the end: the next page begins there.
  return { ...list, rows: [order, ...list.rows], total: list.total + 1 };
}
