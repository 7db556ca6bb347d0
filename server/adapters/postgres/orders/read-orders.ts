import type { Prisma, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, jsonRecord, literal, text } from '@/server/adapters/postgres/market/read-map';
import { EVALUATION_OMIT, toEvaluationView, toSignalView } from '@/server/adapters/postgres/signals/read-signal-view';
import type { OrderDetail, OrderList, OrderListInput } from '@/server/contracts/order';
import { LIVE_STATUSES } from '@/server/kernel/vocabulary';
import { afterOrderCursor, encodeOrderCursor } from './cursor';
import { ORDER_ROW_SELECT, toOrderRow } from './read-order-row';
import { readResult } from './read-result';

/** CANCEL_PENDING counts as working whatever its status: a fill may still come. */
const GROUPS: Record<OrderListInput['group'], Prisma.OrderWhereInput> = {
  all: {},
  working: { OR: [{ status: { in: LIVE_STATUSES } }, { cancelRequested: true }] },
  filled: { status: 'FILLED' },
  closed: { status: { in: ['REJECTED', 'CANCELLED', 'EXPIRED'] } },
};

/** The blotter: filtered and sorted by the database, so that a view means the same at any number of orders. */
export async function readOrders(db: PrismaClient, input: OrderListInput): Promise<OrderList> {
  const where: Prisma.OrderWhereInput = {
    ...GROUPS[input.group],
    ...(input.symbol === '' ? {} : { symbol: { startsWith: literal(input.symbol) } }),
    ...(input.strategy === '' ? {} : { strategy: { startsWith: literal(input.strategy) } }),
  };
  const [records, total] = await Promise.all([
    db.order.findMany({
      where: { AND: [where, afterOrderCursor(input.cursor, input.sort, input.direction)] },
      select: ORDER_ROW_SELECT,
      orderBy: [{ [input.sort]: input.direction }, { id: input.direction }],
      take: input.limit + 1,
    }),
    db.order.count({ where }),
  ]);
  const rows = records.slice(0, input.limit).map(toOrderRow);
  const last = rows.at(-1);
  const more = records.length > input.limit && last !== undefined;
  return { rows, total, nextCursor: more ? encodeOrderCursor(input.sort, last) : null };
}

export async function readOrder(db: PrismaClient, id: string): Promise<OrderDetail | null> {
  const order = await db.order.findUnique({
    where: { id },
    include: { fills: { orderBy: { id: 'asc' } }, events: { orderBy: { id: 'asc' }, take: 1_000 } },
  });
  if (order === null) return null;
  const [signal, evaluations, approval] = await Promise.all([
    order.signalId === null ? null : db.signal.findUnique({ where: { id: order.signalId } }),
    order.signalId === null
      ? []
      : db.policyEvaluation.findMany({
          where: { signalId: order.signalId },
          omit: EVALUATION_OMIT,
          orderBy: { createdAt: 'asc' },
          take: 50,
        }),
    order.approvalId === null ? null : db.approval.findUnique({ where: { id: order.approvalId } }),
  ]);
  const filledAt = order.fills.filter(({ busted }) => !busted).map(({ at }) => at);
  const result = filledAt.length === 0 ? null : await readResult(db, order, filledAt, signal?.createdAt ?? null);
  return {
    order: toOrderRow(order),
    result,
    acceptedAt: isoOrNull(order.acceptedAt),
    closedAt: isoOrNull(order.closedAt),
    signal: signal === null ? null : toSignalView(signal),
    evaluations: evaluations.map(toEvaluationView),
    approval:
      approval === null
        ? null
        : {
            id: approval.id,
            status: approval.status,
            createdAt: iso(approval.createdAt),
            decidedAt: isoOrNull(approval.decidedAt),
            decidedBy: approval.decidedBy,
            reason: approval.reason,
          },
    fills: order.fills.map((fill) => ({
      executionId: fill.executionId,
      qty: text(fill.qty),
      price: text(fill.price),
      at: iso(fill.at),
      source: fill.source,
      busted: fill.busted,
    })),
    events: order.events.map((event) => ({
      id: event.id.toString(),
      type: event.type,
      source: event.source,
      at: iso(event.at),
      data: jsonRecord(event.data),
    })),
  };
}
