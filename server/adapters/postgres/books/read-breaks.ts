import type { Break, Prisma, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, jsonRecord, literal, oneOf } from '@/server/adapters/postgres/market/read-map';
import { ORDER_ROW_SELECT, toOrderRow } from '@/server/adapters/postgres/orders/read-order-row';
import {
  type BreakDetail,
  type BreakList,
  type BreakListInput,
  type BreakRow,
  breakEventSchema,
} from '@/server/contracts/console/reconciliation';

const EVENTS_SHOWN = 500;

export function toBreakRow(row: Break): BreakRow {
  return {
    id: row.id,
    symbol: row.symbol,
    cause: row.cause,
    orderId: row.orderId,
    openedAt: iso(row.openedAt),
    resolvedAt: isoOrNull(row.resolvedAt),
    resolvedBy: row.resolvedBy,
    reason: row.reason,
    ours: jsonRecord(row.ours),
    theirs: jsonRecord(row.theirs),
  };
}

const STATES: Record<BreakListInput['state'], Prisma.BreakWhereInput> = {
  open: { resolvedAt: null },
  resolved: { NOT: { resolvedAt: null } },
  all: {},
};

export async function readBreaks(db: PrismaClient, input: BreakListInput): Promise<BreakList> {
  const where: Prisma.BreakWhereInput = {
    ...STATES[input.state],
    ...(input.symbol === '' ? {} : { symbol: { startsWith: literal(input.symbol) } }),
  };
  const direction = input.state === 'open' ? 'asc' : 'desc';
  const [rows, total] = await Promise.all([
    db.break.findMany({ where, orderBy: [{ openedAt: direction }, { id: direction }], take: input.limit }),
    db.break.count({ where }),
  ]);
  return { rows: rows.map(toBreakRow), total };
}

/** A break with its history and the order it is about. */
export async function readBreak(db: PrismaClient, id: string): Promise<BreakDetail | null> {
  const row = await db.break.findUnique({
    where: { id },
    include: { events: { orderBy: { id: 'asc' }, take: EVENTS_SHOWN } },
  });
  if (row === null) return null;
  const order =
    row.orderId === null ? null : await db.order.findUnique({ where: { id: row.orderId }, select: ORDER_ROW_SELECT });
  return {
    row: toBreakRow(row),
    order: order === null ? null : toOrderRow(order),
    events: row.events.map((event) => ({
      id: event.id.toString(),
      kind: oneOf(breakEventSchema.shape.kind, event.kind, 'break_events.kind'),
      ours: jsonRecord(event.ours),
      theirs: jsonRecord(event.theirs),
      by: event.by,
      reason: event.reason,
      at: iso(event.at),
    })),
  };
}
