import type { Approval, Prisma, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, oneOf, ruleHits, text, textOrNull } from '@/server/adapters/postgres/market/read-map';
import type { Page } from '@/server/application/page';
import type { ApprovalDetail, ApprovalListQuery, ApprovalView } from '@/server/contracts/approvals';
import {
  type OrderBody,
  type OrderDetail,
  type OrderDetailBody,
  type OrderListQuery,
  toOrderBody,
} from '@/server/contracts/order';
import { snakeKeys } from '@/server/contracts/snake-case';
import { approvalStatusSchema, orderTypeSchema, sideSchema, timeInForceSchema } from '@/server/kernel/vocabulary';
import { afterCursor, toPage } from './cursor';
import { ORDER_ROW_SELECT, toOrderRow } from './read-order-row';
import { readOrder } from './read-orders';

const NEWEST_FIRST: Prisma.OrderOrderByWithRelationInput[] = [{ createdAt: 'desc' }, { id: 'desc' }];

/** Orders, newest first. @throws CursorError */
export async function listOrders(db: PrismaClient, query: OrderListQuery): Promise<Page<OrderBody>> {
  const records = await db.order.findMany({
    where: {
      ...(query.symbol === undefined ? {} : { symbol: query.symbol }),
      AND: [query.status === undefined ? {} : statusFilter(query.status), afterCursor(query.cursor)],
    },
    select: ORDER_ROW_SELECT,
    orderBy: NEWEST_FIRST,
    take: query.limit + 1,
  });
  const { rows, nextCursor } = toPage(records, query.limit);
  return { items: rows.map((record) => toOrderBody(toOrderRow(record))), nextCursor };
}

/** The filter means the status that is shown: an order whose cancel is outstanding is CANCEL_PENDING and nothing else. */
function statusFilter(status: OrderBody['status']): Prisma.OrderWhereInput {
  return status === 'CANCEL_PENDING' ? { cancelRequested: true } : { status, cancelRequested: false };
}

/** One order with its story; null when there is none. */
export async function getOrder(db: PrismaClient, id: string): Promise<OrderDetailBody | null> {
  const detail = await readOrder(db, id);
  return detail === null
    ? null
    : { ...toOrderBody(detail.order), result: toResult(detail), timeline: toTimeline(detail) };
}

function toResult({ result }: OrderDetail): OrderDetailBody['result'] {
  if (result === null) return null;
  const { position } = result;
  return {
    ...snakeKeys(result),
    position: position && { ...snakeKeys(position), matches: position.matches.map(snakeKeys) },
  };
}

function toTimeline({ signal, evaluations, approval, events, fills }: OrderDetail): OrderDetailBody['timeline'] {
  return {
    signal: signal && {
      signal_id: signal.id,
      source: signal.source,
      strategy: signal.strategy,
      model_version: signal.modelVersion,
      symbol: signal.symbol,
      candidate_action: signal.action,
      confidence: signal.confidence,
      size_pct: signal.sizePct,
      created_at: signal.createdAt,
    },
    evaluations: evaluations.map(({ id, withoutMemo: _, ...evaluation }) => ({
      evaluation_id: id,
      ...snakeKeys(evaluation),
    })),
    approval: approval && toApprovalBody(approval),
    events: events.map(({ type, source, at, data }) => ({ type, source, at, data })),
    fills: fills.map(snakeKeys),
  };
}

function toApprovalBody({ id, ...approval }: NonNullable<OrderDetail['approval']>) {
  return { approval_id: id, ...snakeKeys(approval) };
}

/** Approvals, newest first. @throws CursorError */
export async function listApprovals(db: PrismaClient, query: ApprovalListQuery): Promise<Page<ApprovalView>> {
  const records = await db.approval.findMany({
    where: { ...(query.status === undefined ? {} : { status: query.status }), ...afterCursor(query.cursor) },
    orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    take: query.limit + 1,
  });
  const { rows, nextCursor } = toPage(records, query.limit);
  return { items: rows.map(toApprovalView), nextCursor };
}

/** One approval with the rules that sent it to review; null when there is none. */
export async function getApproval(db: PrismaClient, id: string): Promise<ApprovalDetail | null> {
  const record = await db.approval.findUnique({ where: { id } });
  if (record === null) return null;
  const evaluation = await db.policyEvaluation.findUnique({
    where: { id: record.evaluationId },
    select: { reasons: true },
  });
  return { ...toApprovalView(record), reasons: evaluation === null ? [] : ruleHits(evaluation.reasons) };
}

function toApprovalView(record: Approval): ApprovalView {
  return {
    approval_id: record.id,
    signal_id: record.signalId,
    status: oneOf(approvalStatusSchema, record.status, 'approvals.status'),
    symbol: record.symbol,
    side: oneOf(sideSchema, record.side, 'approvals.side'),
    qty: text(record.qty),
    order_type: oneOf(orderTypeSchema, record.orderType, 'approvals.order_type'),
    limit_price: textOrNull(record.limitPrice),
    stop_price: textOrNull(record.stopPrice),
    protective_stop_price: textOrNull(record.protectiveStopPrice),
    time_in_force: oneOf(timeInForceSchema, record.timeInForce, 'approvals.time_in_force'),
    reference_price: text(record.referencePrice),
    notional: text(record.notional),
    exposure_after: text(record.exposureAfter),
    created_at: iso(record.createdAt),
    expires_at: iso(record.expiresAt),
    decided_at: isoOrNull(record.decidedAt),
    decided_by: record.decidedBy,
    reason: record.reason,
    order_id: record.orderId,
    approved_qty: textOrNull(record.approvedQty),
    approved_limit_price: textOrNull(record.approvedLimitPrice),
  };
}
