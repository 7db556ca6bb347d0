import { ONE, type Units } from '@/server/kernel/money';
import type { SimTimeInForce } from '../journal/records';
import { badBody, badField, unprocessable } from './errors';
import { type Fields, given, priceOf } from './fields';
import type { SimOrder } from './order';
import { clientOrderId, quantity, timeInForceOf } from './parse-order';

/** The terms of the order that takes another's place; `qty` in all, what the old one has filled included. */
export interface Replacement {
  readonly clientOrderId: string | null;
  readonly qty: Units;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  readonly timeInForce: SimTimeInForce;
}

/** Reads the body of `PATCH /v2/orders/{id}` for an order. @throws ApiError 400 or 422 naming what may not be changed */
export function parseReplacement(body: unknown, order: SimOrder): Replacement {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badBody();
  const fields: Fields = { ...body };
  if (given(fields.notional)) throw unprocessable('notional orders cannot be replaced');
  if (given(fields.trail)) throw badField(`${order.type} orders must not have a trail`);
  const replacement = {
    clientOrderId: clientOrderId(fields.client_order_id),
    qty: given(fields.qty) ? wholeShares(fields.qty, order) : order.qty,
    limitPrice: changed(fields, 'limit_price', order.limitPrice, order),
    stopPrice: changed(fields, 'stop_price', order.stopPrice, order),
    timeInForce: given(fields.time_in_force) ? timeInForceOf(fields.time_in_force, order.type) : order.timeInForce,
  };
  const { qty, limitPrice, stopPrice, timeInForce } = replacement;
  const same = qty === order.qty && limitPrice === order.limitPrice && stopPrice === order.stopPrice;
  if (same && timeInForce === order.timeInForce) throw unprocessable('order parameters are not changed');
  if (order.qty % ONE !== 0n && timeInForce !== 'day') throw unprocessable('fractional orders must be DAY orders');
  if (order.orderClass !== 'simple' && (qty !== order.qty || timeInForce !== order.timeInForce))
    throw unprocessable(`only limit_price and stop_price of ${order.orderClass} orders can be replaced`);
  return replacement;
}

function wholeShares(value: unknown, order: SimOrder): Units {
  const qty = quantity(value);
  if (qty === order.qty) return qty;
  if (order.qty % ONE !== 0n) throw unprocessable('qty of fractional orders cannot be changed');
  if (qty % ONE !== 0n) throw unprocessable('orders can only be replaced by whole shares');
  if (qty <= order.filledQty) throw unprocessable('qty must be > filled_qty');
  return qty;
}

function changed(
  fields: Fields,
  field: 'limit_price' | 'stop_price',
  present: Units | null,
  order: SimOrder,
): Units | null {
  if (!given(fields[field])) return present;
  if (present === null) throw badField(`${order.type} orders must not have a ${field}`);
  return priceOf(fields[field], field);
}
