import type { Order, Prisma } from '@/server/adapters/postgres/generated/client';
import { type DecimalLike, iso, oneOf, text, textOrNull } from '@/server/adapters/postgres/market/read-map';
import { type OrderRow, orderRowSchema } from '@/server/contracts/order';
import { displayStatus, isClosed, leavesQty } from '@/server/domain/order/view';
import { averagePrice, formatUnits, parseMoney, parseUnits } from '@/server/kernel/money';
import { displayStatusSchema, orderTypeSchema, sideSchema, timeInForceSchema } from '@/server/kernel/vocabulary';

const storedStatusSchema = displayStatusSchema.exclude(['CANCEL_PENDING']);

/** Columns of a blotter row: the waiting amendments and claims stay behind. */
export const ORDER_ROW_SELECT = {
  id: true,
  kind: true,
  strategy: true,
  symbol: true,
  side: true,
  qty: true,
  orderType: true,
  limitPrice: true,
  stopPrice: true,
  protectiveStopPrice: true,
  parentId: true,
  timeInForce: true,
  status: true,
  cancelRequested: true,
  cumQty: true,
  cumNotional: true,
  flags: true,
  externalOrderId: true,
  signalId: true,
  approvalId: true,
  rejectReason: true,
  cancelAttempts: true,
  cancelFault: true,
  createdAt: true,
  updatedAt: true,
} satisfies Prisma.OrderSelect;

type Decimals = 'qty' | 'limitPrice' | 'stopPrice' | 'protectiveStopPrice' | 'cumQty' | 'cumNotional';

export interface OrderRecord extends Omit<Pick<Order, keyof typeof ORDER_ROW_SELECT>, Decimals> {
  readonly qty: DecimalLike;
  readonly limitPrice: DecimalLike | null;
  readonly stopPrice: DecimalLike | null;
  readonly protectiveStopPrice: DecimalLike | null;
  readonly cumQty: DecimalLike;
  readonly cumNotional: DecimalLike;
}

/** The same columns for `pg`, ids in $1: on the way of every order event, where each millisecond is seen. */
export const ORDER_ROWS_SQL = `
  SELECT id, kind, strategy, symbol, side, trim_scale(qty)::text AS qty, order_type AS "orderType",
         trim_scale(limit_price)::text AS "limitPrice", trim_scale(stop_price)::text AS "stopPrice",
         trim_scale(protective_stop_price)::text AS "protectiveStopPrice", parent_id AS "parentId",
         time_in_force AS "timeInForce", status, cancel_requested AS "cancelRequested", trim_scale(cum_qty)::text AS "cumQty",
         trim_scale(cum_notional)::text AS "cumNotional", flags, signal_id AS "signalId", approval_id AS "approvalId",
         external_order_id AS "externalOrderId", reject_reason AS "rejectReason", cancel_attempts AS "cancelAttempts", cancel_fault AS "cancelFault",
         created_at AS "createdAt", updated_at AS "updatedAt"
    FROM orders o WHERE id = ANY ($1::uuid[])`;

export function toOrderRow(record: OrderRecord): OrderRow {
  const status = oneOf(storedStatusSchema, record.status, 'orders.status');
  const qty = parseUnits(text(record.qty));
  const cumQty = parseUnits(text(record.cumQty));
  const cumNotional = text(record.cumNotional);
  return {
    id: record.id,
    kind: oneOf(orderRowSchema.shape.kind, record.kind, 'orders.kind'),
    strategy: record.strategy,
    symbol: record.symbol,
    side: oneOf(sideSchema, record.side, 'orders.side'),
    qty: text(record.qty),
    orderType: oneOf(orderTypeSchema, record.orderType, 'orders.order_type'),
    limitPrice: textOrNull(record.limitPrice),
    stopPrice: textOrNull(record.stopPrice),
    protectiveStopPrice: textOrNull(record.protectiveStopPrice),
    parentId: record.parentId,
    timeInForce: oneOf(timeInForceSchema, record.timeInForce, 'orders.time_in_force'),
    status: displayStatus({ status, cancelRequested: record.cancelRequested }),
    cumQty: text(record.cumQty),
    leavesQty: formatUnits(leavesQty({ status, qty, cumQty })),
    avgPrice: cumQty === 0n ? null : formatUnits(averagePrice(parseMoney(cumNotional), cumQty)),
    cumNotional,
    flags: record.flags,
    externalOrderId: record.externalOrderId,
    signalId: record.signalId,
    approvalId: record.approvalId,
    rejectReason: record.rejectReason,
    cancelAttempts: record.cancelAttempts,
    cancelFault: record.cancelFault,
    cancellable: !isClosed(status) && !record.cancelRequested && record.kind !== 'PROTECTIVE',
    createdAt: iso(record.createdAt),
    updatedAt: iso(record.updatedAt),
  };
}
