import type { RestingOrder } from '@/server/domain/exchange/types';
import { type Money, parseUnits, type Units } from '@/server/kernel/money';
import type { OrderType, Side, TimeInForce } from '@/server/kernel/vocabulary';
import type {
  LegRecord,
  OrderRecord,
  ReplaceRecord,
  SimOrderClass,
  SimOrderType,
  SimSide,
  SimTimeInForce,
} from '../journal/records';

/** Alpaca's order statuses that this broker uses. */
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
  /** A replacement is under way. */
  | 'pending_replace'
  /** A leg that does not work yet, or a stop that the broker itself watches while the profit leg holds the shares. */
  | 'held'
  // Closed: never reopened.
  | 'replaced'
  /** A replacement whose order ended before it could be carried out. */
  | 'rejected'
  | 'filled'
  | 'canceled'
  | 'expired';

const CLOSED: ReadonlySet<SimStatus> = new Set<SimStatus>(['filled', 'canceled', 'expired', 'replaced', 'rejected']);

export interface SimOrder {
  readonly seq: number;
  readonly id: string;
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: SimSide;
  readonly type: SimOrderType;
  readonly timeInForce: SimTimeInForce;
  /** Of an exit leg: reduced by what the other leg fills. */
  qty: Units;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  /** Price per share at which a buy holds buying power. */
  readonly reservePrice: Units;
  readonly submittedAtMs: number;
  readonly expiresAtMs: number | null;
  readonly orderClass: SimOrderClass;
  /** Its part in a group; null for a simple order. */
  readonly role: 'entry' | 'profit' | 'stop' | null;
  /** Number of the order that the group was placed with; null for a simple order. */
  readonly rootSeq: number | null;
  /** Number of the order that this one took the place of. */
  readonly replacesSeq: number | null;
  replacedBySeq: number | null;
  replacedAtMs: number | null;
  /** A leg whose entry is not completely filled yet: it matches nothing and holds nothing. */
  dormant: boolean;
  /** What it holds at present: money of a buy, shares of a sell. */
  held: Money | Units;
  status: SimStatus;
  triggered: boolean;
  filledQty: Units;
  filledNotional: Money;
  /** When a replacement under way is carried out, and the number of the order that it brings; null while none is. */
  replacement: { readonly dueAtMs: number; readonly seq: number; readonly carried: boolean } | null;
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
    orderClass: record.order_class ?? 'simple',
    role: record.order_class === undefined ? null : record.order_class === 'oco' ? 'profit' : 'entry',
    rootSeq: record.order_class === undefined ? null : record.seq,
    ...UNTOUCHED,
    status: record.queued ? 'accepted' : 'new',
    updatedAtMs: record.at,
  };
}

/** What an order has before anything happens to it. */
const UNTOUCHED = {
  replacesSeq: null,
  replacedBySeq: null,
  replacedAtMs: null,
  dormant: false,
  held: 0n,
  triggered: false,
  filledQty: 0n,
  filledNotional: 0n,
  cancelDueAtMs: null,
  replacement: null,
  filledAtMs: null,
  canceledAtMs: null,
  expiredAtMs: null,
} as const;

/** The leg at `index` of an order placed with legs: held until its entry is filled, or, of an OCO, watched from the start. */
export function legFromRecord(record: OrderRecord, leg: LegRecord, index: number): SimOrder {
  const root = orderFromRecord(record);
  const oco = root.orderClass === 'oco';
  return {
    ...root,
    seq: record.seq + 1 + index,
    id: leg.id,
    clientOrderId: leg.client_order_id,
    side: oco ? root.side : root.side === 'buy' ? 'sell' : 'buy',
    type: leg.order_type,
    limitPrice: optionalUnits(leg.limit_price),
    stopPrice: optionalUnits(leg.stop_price),
    role: leg.role,
    dormant: !oco,
    status: 'held',
  };
}

/** The market order that takes the place of a triggered stop leg. */
export function marketInPlaceOf(
  stop: SimOrder,
  market: { readonly id: string; readonly seq: number; readonly client_order_id: string },
  atMs: number,
): SimOrder {
  return {
    ...stop,
    ...UNTOUCHED,
    seq: market.seq,
    id: market.id,
    clientOrderId: market.client_order_id,
    type: 'market',
    limitPrice: null,
    stopPrice: null,
    qty: leavesOf(stop),
    replacesSeq: stop.seq,
    submittedAtMs: atMs,
    status: 'new',
    updatedAtMs: atMs,
  };
}

/** The order that takes the place of another; it waits until the replacement is carried out. */
export function replacementOf(order: SimOrder, record: ReplaceRecord): SimOrder {
  const { order: terms, at } = record;
  return {
    ...order,
    ...UNTOUCHED,
    seq: terms.seq,
    id: terms.id,
    clientOrderId: terms.client_order_id,
    timeInForce: terms.time_in_force,
    qty: parseUnits(terms.qty),
    limitPrice: optionalUnits(terms.limit_price),
    stopPrice: optionalUnits(terms.stop_price),
    reservePrice: parseUnits(terms.reserve_price),
    expiresAtMs: terms.expires_at,
    replacesSeq: order.seq,
    dormant: true,
    submittedAtMs: at,
    status: 'accepted',
    updatedAtMs: at,
  };
}

/** Due time of a cancel that waits for the next open: later than any clock. */
export const AT_NEXT_OPEN_MS = 8_640_000_000_000_000;

/** When time alone next changes an order, epoch ms. */
export function dueOf({ cancelDueAtMs, replacement, expiresAtMs }: SimOrder): number {
  const never = Number.POSITIVE_INFINITY;
  return Math.min(cancelDueAtMs ?? never, replacement?.dueAtMs ?? never, expiresAtMs ?? never);
}

/** Whether an order shows the others of its group as its legs: the entry, or the profit order of an OCO. */
export const isParent = ({ role, orderClass }: SimOrder): boolean =>
  role === 'entry' || (orderClass === 'oco' && role === 'profit');

/** A stop beside a profit leg: the profit leg holds the shares of both. */
export const isWatchedStop = ({ role, orderClass }: SimOrder): boolean =>
  role === 'stop' && (orderClass === 'bracket' || orderClass === 'oco');

export const SIDES: Readonly<Record<SimSide, Side>> = { buy: 'BUY', sell: 'SELL' };
export const TYPES: Readonly<Record<SimOrderType, OrderType>> = {
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
