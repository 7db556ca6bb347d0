import type { OrderState } from '@/server/domain/order/types';
import { averagePrice, type Units } from '@/server/kernel/money';
import type { DisplayStatus, OrderStatus } from '@/server/kernel/vocabulary';

/** Closed for status events; executions are still booked. */
const CLOSED: Record<OrderStatus, boolean> = {
  NEW: false,
  ACCEPTED: false,
  PARTIALLY_FILLED: false,
  FILLED: true,
  REJECTED: true,
  CANCELLED: true,
  EXPIRED: true,
};

export function isClosed(status: OrderStatus): boolean {
  return CLOSED[status];
}

/** What people and REST see: CANCEL_PENDING from the request until the broker answers, even when all has filled. */
export function displayStatus(state: Pick<OrderState, 'status' | 'cancelRequested'>): DisplayStatus {
  return state.cancelRequested ? 'CANCEL_PENDING' : state.status;
}

/** Shares that may still fill: `qty - cum` while live, 0 once closed. */
export function leavesQty(state: Pick<OrderState, 'status' | 'qty' | 'cumQty'>): Units {
  return isClosed(state.status) ? 0n : state.qty - state.cumQty;
}

/** Average price over fills not busted, half away from zero; 0 when there is none. */
export function avgPrice(state: Pick<OrderState, 'cumQty' | 'cumNotional'>): Units {
  return averagePrice(state.cumNotional, state.cumQty);
}
