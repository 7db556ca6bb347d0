import { ONE, type Units } from '@/server/kernel/money';
import type { SimOrderClass, SimOrderType, SimSide, SimTimeInForce } from '../journal/records';
import { badBody, badField, unprocessable } from './errors';
import { decimal, type Fields, given, priceOf } from './fields';
import { type LegRequest, parseClass } from './parse-class';

/** A new order as asked for, its fields in range. Whether the account and the market allow it is not yet known. */
export interface OrderRequest {
  readonly clientOrderId: string | null;
  readonly symbol: string;
  readonly side: SimSide;
  readonly type: SimOrderType;
  readonly timeInForce: SimTimeInForce;
  readonly qty: Units;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  readonly orderClass: SimOrderClass;
  /** Empty for a simple order. */
  readonly legs: readonly LegRequest[];
}

/** A market order that sells a holding. */
export function marketSale(symbol: string, qty: Units): OrderRequest {
  return {
    clientOrderId: null,
    symbol,
    side: 'sell',
    type: 'market',
    timeInForce: 'day',
    qty,
    limitPrice: null,
    stopPrice: null,
    orderClass: 'simple',
    legs: [],
  };
}

const MAX_QTY = 1_000_000_000n * ONE;
const NINE_DECIMALS = 1_000n;

/** Reads the body of `POST /v2/orders`. @throws ApiError 400 or 422 naming the field */
export function parseOrderRequest(body: unknown): OrderRequest {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw badBody();
  const fields: Fields = { ...body };
  refuseUnsupported(fields);
  const type = orderType(fields.type);
  const side = sideOf(fields.side);
  const timeInForce = timeInForceOf(fields.time_in_force, type);
  refuseExtendedHours(fields, type, timeInForce);
  const qty = quantity(fields.qty);
  if (qty % ONE !== 0n && timeInForce !== 'day') throw unprocessable('fractional orders must be DAY orders');
  const asked = parseClass(fields, { type, side, timeInForce });
  if (qty % ONE !== 0n && asked.orderClass !== 'simple') throw unprocessable('fractional orders must be simple orders');
  return {
    clientOrderId: clientOrderId(fields.client_order_id),
    symbol: symbolOf(fields.symbol),
    side,
    type,
    timeInForce,
    qty,
    limitPrice: asked.limitPrice ?? priceFor(fields, 'limit_price', type === 'limit' || type === 'stop_limit', type),
    stopPrice: priceFor(fields, 'stop_price', isStop(type), type),
    orderClass: asked.orderClass,
    legs: asked.legs,
  };
}

function refuseUnsupported(fields: Fields): void {
  if (given(fields.notional)) throw unprocessable('notional orders are not supported by this simulator: give qty');
  if (given(fields.legs)) throw unprocessable('multi-leg orders are not supported by this simulator');
}

function refuseExtendedHours(fields: Fields, type: SimOrderType, timeInForce: SimTimeInForce): void {
  if (fields.extended_hours !== true) return;
  if (type !== 'limit' || (timeInForce !== 'day' && timeInForce !== 'gtc'))
    throw unprocessable('extended hours order must be DAY or GTC limit orders');
  throw unprocessable('extended hours orders are not supported by this simulator');
}

const isStop = (type: SimOrderType): boolean => type === 'stop' || type === 'stop_limit';

function symbolOf(value: unknown): string {
  if (!given(value)) throw badField('symbol is required');
  if (typeof value !== 'string' || value.length > 32) throw badField('symbol must be a string');
  return value;
}

function sideOf(value: unknown): SimSide {
  if (!given(value)) throw badField('side is required');
  if (value !== 'buy' && value !== 'sell') throw badField('side must be buy or sell');
  return value;
}

function orderType(value: unknown): SimOrderType {
  if (!given(value)) throw badField('type is required');
  if (value === 'market' || value === 'limit' || value === 'stop' || value === 'stop_limit') return value;
  if (value === 'trailing_stop') throw unprocessable(`${value} orders are not supported by this simulator`);
  throw badField('invalid order type');
}

export function timeInForceOf(value: unknown, type: SimOrderType): SimTimeInForce {
  if (!given(value)) throw badField('time_in_force is required');
  if (value === 'opg' || value === 'cls') throw unprocessable(`${value} orders are not supported by this simulator`);
  if (value !== 'day' && value !== 'gtc' && value !== 'ioc' && value !== 'fok') throw badField('invalid time_in_force');
  if (isStop(type) && value !== 'day' && value !== 'gtc')
    throw unprocessable(`${type} orders must have time in force day or gtc`);
  return value;
}

export function clientOrderId(value: unknown): string | null {
  if (!given(value)) return null;
  if (typeof value !== 'string') throw badField('client_order_id must be a string');
  if (value.length > 128) throw badField('client_order_id must be no more than 128 characters');
  return value;
}

export function quantity(value: unknown): Units {
  const qty = decimal(value, 'qty', MAX_QTY);
  if (qty % NINE_DECIMALS !== 0n) throw badField('qty must have no more than 9 decimal places');
  return qty;
}

function priceFor(
  fields: Fields,
  field: 'limit_price' | 'stop_price',
  wanted: boolean,
  type: SimOrderType,
): Units | null {
  const value = fields[field];
  if (!wanted) {
    if (given(value)) throw badField(`${type} orders must not have a ${field}`);
    return null;
  }
  return priceOf(value, field);
}
