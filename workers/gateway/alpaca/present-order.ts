import type { BotOrder, BotStop } from '@/server/application/ports/bot-orders';
import type { ApprovalStatus, DisplayStatus } from '@/server/kernel/vocabulary';
import { assetId } from './asset-id';

/** Where a person finds an order in the console. */
export interface Console {
  /** Base address. */
  readonly address: string;
}

/** Alpaca's word for each status. A request that waits for a person was received and not routed: `accepted` (F-2). */
const STATUS: Readonly<Record<DisplayStatus | ApprovalStatus, string>> = {
  PENDING: 'accepted',
  APPROVED: 'accepted',
  REDUCED: 'accepted',
  WITHDRAWN: 'canceled',
  NEW: 'pending_new',
  ACCEPTED: 'new',
  PARTIALLY_FILLED: 'partially_filled',
  FILLED: 'filled',
  REJECTED: 'rejected',
  CANCELLED: 'canceled',
  EXPIRED: 'expired',
  CANCEL_PENDING: 'pending_cancel',
};

const time = (atMs: number | null): string | null => (atMs === null ? null : new Date(atMs).toISOString());

interface Times {
  readonly createdAtMs: number;
  readonly updatedAtMs: number;
  readonly closedAtMs: number | null;
}

function times(status: string, { createdAtMs, updatedAtMs, closedAtMs }: Times) {
  const endedAt = (wanted: string) => (status === wanted ? time(closedAtMs ?? updatedAtMs) : null);
  return {
    created_at: time(createdAtMs),
    updated_at: time(updatedAtMs),
    submitted_at: time(createdAtMs),
    filled_at: endedAt('filled'),
    expired_at: endedAt('expired'),
    canceled_at: endedAt('canceled'),
    failed_at: endedAt('rejected'),
    replaced_at: null,
    replaced_by: null,
    replaces: null,
  };
}

const CONSTANT = {
  asset_class: 'us_equity',
  notional: null,
  extended_hours: false,
  trail_percent: null,
  trail_price: null,
  hwm: null,
  subtag: null,
  source: null,
};

function presentStop(stop: BotStop, symbol: string): object {
  const status = STATUS[stop.status];
  return {
    id: stop.id,
    client_order_id: stop.id,
    ...times(status, stop),
    asset_id: assetId(symbol),
    symbol,
    ...CONSTANT,
    qty: stop.qty,
    filled_qty: stop.cumQty,
    filled_avg_price: stop.avgPrice,
    order_class: 'oto',
    order_type: 'stop',
    type: 'stop',
    side: 'sell',
    position_intent: 'sell_to_close',
    time_in_force: stop.timeInForce.toLowerCase(),
    limit_price: null,
    stop_price: stop.stopPrice,
    status,
    legs: null,
  };
}

/** An order of a bot as Alpaca's API shows it, with what a person needs to find it under `countersign`. */
export function presentOrder(order: BotOrder, { address }: Console): object {
  const status = order.withdrawn ? 'canceled' : STATUS[order.status];
  const type = order.orderType.toLowerCase();
  const { orderId, approvalId } = order;
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    ...times(status, order),
    asset_id: assetId(order.symbol),
    symbol: order.symbol,
    ...CONSTANT,
    qty: order.qty,
    filled_qty: order.cumQty,
    filled_avg_price: order.avgPrice,
    order_class: order.protectiveStopPrice === null ? 'simple' : 'oto',
    order_type: type,
    type,
    side: order.side.toLowerCase(),
    position_intent: order.side === 'BUY' ? 'buy_to_open' : 'sell_to_close',
    time_in_force: order.timeInForce.toLowerCase(),
    limit_price: order.limitPrice,
    stop_price: order.stopPrice,
    status,
    legs: order.stop === null ? null : [presentStop(order.stop, order.symbol)],
    countersign: {
      decision: approvalId === null ? 'APPROVE' : 'REVIEW',
      approval_id: approvalId,
      order_id: orderId,
      reason: order.reason,
      url: orderId === null ? `${address}/approvals/${approvalId}` : `${address}/orders/${orderId}`,
    },
  };
}
