import type { KillDrill, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, jsonRecord, oneOf } from '@/server/adapters/postgres/market/read-map';
import {
  type DrillDetail,
  type DrillListInput,
  type DrillRow,
  drillRowSchema,
} from '@/server/contracts/console/execution';

function toDrillRow(row: Omit<KillDrill, 'report'>): DrillRow {
  return {
    id: row.id,
    requestedBy: row.requestedBy,
    requestedAt: iso(row.requestedAt),
    environment: oneOf(drillRowSchema.shape.environment, row.environment, 'kill_drills.environment'),
    symbol: row.symbol,
    orders: row.orders,
    status: oneOf(drillRowSchema.shape.status, row.status, 'kill_drills.status'),
    haltId: row.haltId,
    startedAt: isoOrNull(row.startedAt),
    finishedAt: isoOrNull(row.finishedAt),
    working: row.working,
    acknowledgedMs: row.acknowledgedMs,
    verifiedMs: row.verifiedMs,
    cancelled: row.cancelled,
    filled: row.filled,
    fillsAfterHalt: row.fillsAfterHalt,
    fault: row.fault,
  };
}

/** Newest first, without their records. */
export async function readDrills(db: PrismaClient, input: DrillListInput): Promise<DrillRow[]> {
  const rows = await db.killDrill.findMany({
    omit: { report: true },
    orderBy: { requestedAt: 'desc' },
    take: input.limit,
  });
  return rows.map(toDrillRow);
}

export async function readDrill(db: PrismaClient, id: string): Promise<DrillDetail | null> {
  const row = await db.killDrill.findUnique({ where: { id } });
  return row === null ? null : { row: toDrillRow(row), report: jsonRecord(row.report) };
}
