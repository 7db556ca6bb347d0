import type { PrismaClient, TieOut } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, jsonRecord, oneOf } from '@/server/adapters/postgres/market/read-map';
import {
  type TieOutDetail,
  type TieOutListInput,
  type TieOutRow,
  tieOutRowSchema,
} from '@/server/contracts/console/reconciliation';

type Listed = Omit<TieOut, 'report'>;

function toTieOutRow(row: Listed): TieOutRow {
  return {
    id: row.id,
    tradingDay: row.tradingDay,
    kind: oneOf(tieOutRowSchema.shape.kind, row.kind, 'tie_outs.kind'),
    requestedBy: row.requestedBy,
    status: oneOf(tieOutRowSchema.shape.status, row.status, 'tie_outs.status'),
    fault: row.fault,
    createdAt: iso(row.createdAt),
    finishedAt: isoOrNull(row.finishedAt),
  };
}

/** Newest first, without their reports. */
export async function readTieOuts(db: PrismaClient, input: TieOutListInput): Promise<TieOutRow[]> {
  const rows = await db.tieOut.findMany({
    where: input.status === null ? {} : { status: input.status },
    omit: { report: true },
    orderBy: { createdAt: 'desc' },
    take: input.limit,
  });
  return rows.map(toTieOutRow);
}

export async function readTieOut(db: PrismaClient, id: string): Promise<TieOutDetail | null> {
  const row = await db.tieOut.findUnique({ where: { id } });
  return row === null ? null : { row: toTieOutRow(row), report: jsonRecord(row.report) };
}
