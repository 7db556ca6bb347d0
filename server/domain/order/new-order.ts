import type { Trail } from '@/server/domain/exchange/types';
import type { OrderState } from '@/server/domain/order/types';
import type { Units } from '@/server/kernel/money';
import { hasLimitPrice, hasStopPrice, type OrderType, type Side, type TimeInForce } from '@/server/kernel/vocabulary';

/** Orders that close what another one, their parent, has bought or sold: a stop, a limit that takes the profit, or both. */
export interface Legs {
  readonly stopPrice: Units | null;
  /** The worst price of the stop once it is triggered; null without one. */
  readonly stopLimitPrice: Units | null;
  readonly profitPrice: Units | null;
}

export interface NewOrder {
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Units;
  readonly orderType: OrderType;
  readonly limitPrice?: Units | null;
  readonly stopPrice?: Units | null;
  /** Of a trailing stop only. */
  readonly trail?: Trail | null;
  readonly legs?: Legs | null;
  /** DAY when not given. */
  readonly timeInForce?: TimeInForce;
}

/** Thrown for an order that no venue could take: no quantity, or a price that its type does not have. */
export class OrderError extends Error {
  override readonly name = 'OrderError';
}

/** What is wrong with the terms of an order, or null when nothing is. */
export function orderProblem(order: NewOrder): string | null {
  if (order.qty <= 0n) return 'qty must be greater than zero';
  const prices = [
    { name: 'limit_price', value: order.limitPrice ?? null, wanted: hasLimitPrice(order.orderType) },
    { name: 'stop_price', value: order.stopPrice ?? null, wanted: hasStopPrice(order.orderType) },
  ];
  for (const { name, value, wanted } of prices) {
    if (wanted && value === null) return `a ${order.orderType} order needs a ${name}`;
    if (!wanted && value !== null) return `a ${order.orderType} order takes no ${name}`;
    if (value !== null && value <= 0n) return `${name} must be greater than zero`;
  }
  const trails = order.orderType === 'TRAILING_STOP';
  if (trails !== ((order.trail ?? null) !== null))
    return trails ? 'a TRAILING_STOP order needs a trail' : `a ${order.orderType} order takes no trail`;
  return null;
}

/** An order as it is first stored: NEW, nothing outstanding, not claimed for sending. @throws OrderError */
export function newOrder(order: NewOrder): OrderState {
  const problem = orderProblem(order);
  if (problem !== null) throw new OrderError(problem);
  return {
    id: order.id,
    symbol: order.symbol,
    side: order.side,
    qty: order.qty,
    orderType: order.orderType,
    limitPrice: order.limitPrice ?? null,
    stopPrice: order.stopPrice ?? null,
    timeInForce: order.timeInForce ?? 'DAY',
    status: 'NEW',
    pending: 'NONE',
    cancelRequested: false,
    claimed: false,
    externalOrderId: null,
    cumQty: 0n,
    cumNotional: 0n,
    fills: [],
    waiting: [],
    appliedCorrections: [],
    flags: [],
  };
}

/** An order that the broker has and we lacked: known to the broker, marked EXTERNAL. @throws OrderError */
export function adoptOrder(order: NewOrder, externalOrderId: string): OrderState {
  return { ...newOrder(order), status: 'ACCEPTED', claimed: true, externalOrderId, flags: ['EXTERNAL'] };
}
