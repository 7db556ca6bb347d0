import { averagePrice, formatUnits, type Units } from '@/server/kernel/money';
import type { SimOrder } from '../broker/order';
import type { Assets } from './assets';

function time(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

function decimal(value: Units | null): string | null {
  return value === null ? null : formatUnits(value);
}

/** An order as Alpaca's API shows it. */
export function presentOrder(order: SimOrder, assets: Assets): object {
  const submitted = time(order.submittedAtMs);
  return {
    id: order.id,
    client_order_id: order.clientOrderId,
    created_at: submitted,
    updated_at: time(order.updatedAtMs),
    submitted_at: submitted,
    filled_at: time(order.filledAtMs),
    expired_at: time(order.expiredAtMs),
    canceled_at: time(order.canceledAtMs),
    failed_at: null,
    replaced_at: null,
    replaced_by: null,
    replaces: null,
    asset_id: assets.find(order.symbol)?.id,
    symbol: order.symbol,
    asset_class: 'us_equity',
    notional: null,
    qty: formatUnits(order.qty),
    filled_qty: formatUnits(order.filledQty),
    filled_avg_price: order.filledQty === 0n ? null : formatUnits(averagePrice(order.filledNotional, order.filledQty)),
    order_class: 'simple',
    order_type: order.type,
    type: order.type,
    side: order.side,
    position_intent: order.side === 'buy' ? 'buy_to_open' : 'sell_to_close',
    time_in_force: order.timeInForce,
    limit_price: decimal(order.limitPrice),
    stop_price: decimal(order.stopPrice),
    status: order.status,
    extended_hours: false,
    legs: null,
    trail_percent: null,
    trail_price: null,
    hwm: null,
    ...(order.expiresAtMs === null ? {} : { expires_at: time(order.expiresAtMs) }),
  };
}
