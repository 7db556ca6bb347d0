import type { Prisma, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, jsonRecord, literal, text } from '@/server/adapters/postgres/market/read-map';
import { EVALUATION_OMIT, toEvaluationView, toSignalView } from '@/server/adapters/postgres/signals/read-signal-view';
import type { OrderDetail, OrderList, OrderListInput, OrderRowsPage } from '@/server/contracts/order';
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

function filterOf({ group, symbol, strategy }: OrderListInput): Prisma.OrderWhereInput {
  return {
    ...GROUPS[group],
    ...(symbol === '' ? {} : { symbol: { startsWith: literal(symbol) } }),
    ...(strategy === '' ? {} : { strategy: { startsWith: literal(strategy) } }),
  };
}

/** The blotter: filtered and sorted by the database, so that a view means the same at any number of orders. @throws CursorError */
export async function readOrders(db: PrismaClient, input: OrderListInput): Promise<OrderList> {
  const [page, total] = await Promise.all([readOrdersPage(db, input), db.order.count({ where: filterOf(input) })]);
  return { ...page, total };
}

/** One page of the blotter. @throws CursorError */
export async function readOrdersPage(db: PrismaClient, input: OrderListInput): Promise<OrderRowsPage> {
  const { sort, direction, limit } = input;
  const records = await db.order.findMany({
    where: { AND: [filterOf(input), afterOrderCursor(input.cursor, sort, direction)] },
    select: ORDER_ROW_SELECT,
    orderBy: [{ [sort]: direction }, { id: direction }],
    take: limit + 1,
  });
  const rows = records.slice(0, limit).map(toOrderRow);
  const last = rows.at(-1);
  const more = records.length > limit && last !== undefined;
  return { rows, nextCursor: more ? encodeOrderCursor(sort, last) : null };
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
