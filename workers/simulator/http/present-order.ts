import { averagePrice, formatUnits, type Units } from '@/server/kernel/money';
import type { SimOrder } from '../broker/order';
import type { IdScheme } from '../ids';
import type { Assets } from './assets';

/** What an order's presentation is taken from beside itself. */
export interface Presentation {
  readonly assets: Assets;
  readonly ids: IdScheme;
}

function time(atMs: number | null): string | null {
  return atMs === null ? null : new Date(atMs).toISOString();
}

function decimal(value: Units | null): string | null {
  return value === null ? null : formatUnits(value);
}

/** An order as Alpaca's API shows it. `legs` are given where the request asks for them to be nested. */
export function presentOrder(order: SimOrder, { assets, ids }: Presentation, legs: readonly SimOrder[] = []): object {
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
    failed_at: order.status === 'rejected' ? time(order.updatedAtMs) : null,
    replaced_at: time(order.replacedAtMs),
    replaced_by: order.replacedBySeq === null ? null : ids.idOf('order', order.replacedBySeq),
    replaces: order.replacesSeq === null ? null : ids.idOf('order', order.replacesSeq),
    asset_id: assets.find(order.symbol)?.id,
    symbol: order.symbol,
    asset_class: 'us_equity',
    notional: null,
    qty: formatUnits(order.qty),
    filled_qty: formatUnits(order.filledQty),
    filled_avg_price: order.filledQty === 0n ? null : formatUnits(averagePrice(order.filledNotional, order.filledQty)),
    order_class: order.orderClass,
    order_type: order.type,
    type: order.type,
    side: order.side,
    position_intent: order.side === 'buy' ? 'buy_to_open' : 'sell_to_close',
    time_in_force: order.timeInForce,
    limit_price: decimal(order.limitPrice),
    stop_price: decimal(order.stopPrice),
    status: order.status,
    extended_hours: false,
    legs: legs.length === 0 ? null : legs.map((leg) => presentOrder(leg, { assets, ids })),
    trail_percent: null,
    trail_price: null,
    hwm: null,
    ...(order.expiresAtMs === null ? {} : { expires_at: time(order.expiresAtMs) }),
  };
}
