import type { Units } from '@/server/kernel/money';
import type { SimOrderClass, SimOrderType, SimSide, SimTimeInForce } from '../journal/records';
import { badField, unprocessable } from './errors';
import { type Fields, given, priceOf } from './fields';

export interface LegRequest {
  readonly role: 'profit' | 'stop';
  readonly type: SimOrderType;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
}

interface ClassRequest {
  readonly orderClass: SimOrderClass;
  readonly legs: readonly LegRequest[];
  /** Of an OCO: the limit of its profit order, which is the order itself. */
  readonly limitPrice: Units | null;
}

interface Terms {
  readonly type: SimOrderType;
  readonly side: SimSide;
  readonly timeInForce: SimTimeInForce;
}

/**
 * Reads `order_class`, `take_profit` and `stop_loss`. What the market has to say of their prices is not judged here.
 * @throws ApiError 422 for a class without the legs that it needs, or with terms that it may not have
 */
export function parseClass(fields: Fields, terms: Terms): ClassRequest {
  const profit = profitOf(fields.take_profit);
  const stop = stopOf(fields.stop_loss);
  const name = given(fields.order_class) ? fields.order_class : 'simple';
  if (name === 'simple') {
    if (profit !== null || stop !== null) throw unprocessable('simple orders must not have take_profit or stop_loss');
    return { orderClass: 'simple', legs: [], limitPrice: null };
  }
  if (name === 'mleg') throw unprocessable('multi-leg orders are not supported by this simulator');
  if (name !== 'bracket' && name !== 'oco' && name !== 'oto') throw badField('invalid order_class');
  checkTerms(name, fields, terms);
  if (name === 'oto') {
    if ((profit === null) === (stop === null))
      throw unprocessable('oto orders require either take_profit.limit_price or stop_loss.stop_price');
    return { orderClass: 'oto', legs: [profit, stop].filter((leg) => leg !== null), limitPrice: null };
  }
  const topLimit = name === 'oco' && given(fields.limit_price) ? priceOf(fields.limit_price, 'limit_price') : null;
  const profitLimit = profit?.limitPrice ?? topLimit;
  if (profitLimit === null) throw unprocessable(`${name} orders require take_profit.limit_price`);
  if (stop === null || stop.stopPrice === null) throw unprocessable(`${name} orders require stop_loss.stop_price`);
  const long = (terms.side === 'buy') === (name === 'bracket');
  if (long ? profitLimit <= stop.stopPrice : profitLimit >= stop.stopPrice)
    throw unprocessable(`take_profit.limit_price must be ${long ? '>' : '<'} stop_loss.stop_price`);
  if (name === 'oco') return { orderClass: 'oco', legs: [stop], limitPrice: profitLimit };
  return { orderClass: 'bracket', legs: [legOfProfit(profitLimit), stop], limitPrice: null };
}

function checkTerms(name: SimOrderClass, fields: Fields, { type, side, timeInForce }: Terms): void {
  if (timeInForce !== 'day' && timeInForce !== 'gtc') throw unprocessable(`${name} orders must be DAY or GTC orders`);
  if (fields.extended_hours === true) throw unprocessable(`${name} orders are not supported in extended hours`);
  if (name === 'oco') {
    if (type !== 'limit') throw unprocessable('oco orders must be limit orders');
    // Nothing is ever sold short here, so only a sell can exit.
    if (side === 'buy') throw unprocessable('oco orders must be exit orders');
  } else if (side === 'sell') throw unprocessable(`${name} orders must be entry orders`);
}

const legOfProfit = (limitPrice: Units): LegRequest => ({ role: 'profit', type: 'limit', limitPrice, stopPrice: null });

function members(value: unknown, field: string): Fields | null {
  if (!given(value)) return null;
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw badField(`${field} must be an object`);
  return { ...value };
}

function profitOf(value: unknown): LegRequest | null {
  const fields = members(value, 'take_profit');
  if (fields === null || !given(fields.limit_price)) return null;
  return legOfProfit(priceOf(fields.limit_price, 'take_profit.limit_price'));
}

function stopOf(value: unknown): LegRequest | null {
  const fields = members(value, 'stop_loss');
  if (fields === null || !given(fields.stop_price)) return null;
  const stopPrice = priceOf(fields.stop_price, 'stop_loss.stop_price');
  const limitPrice = given(fields.limit_price) ? priceOf(fields.limit_price, 'stop_loss.limit_price') : null;
  return { role: 'stop', type: limitPrice === null ? 'stop' : 'stop_limit', limitPrice, stopPrice };
}
