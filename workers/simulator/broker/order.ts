import type { ExchangeOrderType, RestingOrder } from '@/server/domain/exchange/types';
import { type Money, parseUnits, type Units } from '@/server/kernel/money';
import type { Side, TimeInForce } from '@/server/kernel/vocabulary';
import type { OrderRecord, SimOrderType, SimSide, SimTimeInForce } from '../journal/records';

/** Alpaca's order statuses that this broker uses. The first five are open. */
export type SimStatus =
  /** Taken while the market is closed; waits for the next open. */
  | 'accepted'
  /** Only in the answer to a new order: on its way to the exchange. */
  | 'pending_new'
  | 'new'
  | 'partially_filled'
  | 'done_for_day'
  /** A cancel is under way. */
  | 'pending_cancel'
  // Closed: never reopened.
  | 'filled'
  | 'canceled'
  | 'expired';

const CLOSED: ReadonlySet<SimStatus> = new Set<SimStatus>(['filled', 'canceled', 'expired']);

export interface SimOrder {
  readonly seq: number;
  readonly id: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: SimSide;
  readonly type: SimOrderType;
  readonly timeInForce: SimTimeInForce;
  readonly qty: Units;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  /** Price per share at which a buy holds buying power. */
  readonly reservePrice: Units;
  readonly submittedAtMs: number;
  readonly expiresAtMs: number | null;
  status: SimStatus;
  triggered: boolean;
  filledQty: Units;
  filledNotional: Money;
  /** When a cancel under way is carried out; null while none is. */
  cancelDueAtMs: number | null;
  updatedAtMs: number;
  filledAtMs: number | null;
  canceledAtMs: number | null;
  expiredAtMs: number | null;
}

export function isClosed(order: SimOrder): boolean {
  return CLOSED.has(order.status);
}

export function leavesOf(order: SimOrder): Units {
  return order.qty - order.filledQty;
}

function optionalUnits(text: string | null): Units | null {
  return text === null ? null : parseUnits(text);
}

export function orderFromRecord(record: OrderRecord): SimOrder {
  return {
    seq: record.seq,
    id: record.id,
    clientOrderId: record.client_order_id,
    symbol: record.symbol,
    side: record.side,
    type: record.order_type,
    timeInForce: record.time_in_force,
    qty: parseUnits(record.qty),
    limitPrice: optionalUnits(record.limit_price),
    stopPrice: optionalUnits(record.stop_price),
    reservePrice: parseUnits(record.reserve_price),
    submittedAtMs: record.at,
    expiresAtMs: record.expires_at,
    status: record.queued ? 'accepted' : 'new',
    triggered: false,
    filledQty: 0n,
    filledNotional: 0n,
    cancelDueAtMs: null,
    updatedAtMs: record.at,
    filledAtMs: null,
    canceledAtMs: null,
    expiredAtMs: null,
  };
}

export const SIDES: Readonly<Record<SimSide, Side>> = { buy: 'BUY', sell: 'SELL' };
export const TYPES: Readonly<Record<SimOrderType, ExchangeOrderType>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  stop: 'STOP',
  stop_limit: 'STOP_LIMIT',
};
const TIMES: Readonly<Record<SimTimeInForce, TimeInForce>> = { day: 'DAY', gtc: 'GTC', ioc: 'IOC', fok: 'FOK' };

/** What the exchange's matching rules see of the order. */
export function toResting(order: SimOrder): RestingOrder {
  return {
    id: order.id,
    symbol: order.symbol,
    side: SIDES[order.side],
    orderType: TYPES[order.type],
    leavesQty: leavesOf(order),
    limitPrice: order.limitPrice,
    stopPrice: order.stopPrice,
    timeInForce: TIMES[order.timeInForce],
    acceptedAtMs: order.submittedAtMs,
    triggered: order.triggered,
  };
}
