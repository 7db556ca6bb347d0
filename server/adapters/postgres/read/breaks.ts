import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import type { OpenBreakView } from '@/server/contracts/console/system';
import { iso, jsonRecord } from './map';

/** Breaks that are not resolved, oldest first. */
export async function readOpenBreaks(db: PrismaClient, limit: number): Promise<OpenBreakView[]> {
  const rows = await db.break.findMany({ where: { resolvedAt: null }, orderBy: { openedAt: 'asc' }, take: limit });
  return rows.map((row) => ({
    id: row.id,
    symbol: row.symbol,
    cause: row.cause,
    orderId: row.orderId,
    openedAt: iso(row.openedAt),
    ours: jsonRecord(row.ours),
    theirs: jsonRecord(row.theirs),
  }));
}
