import type { Prisma, PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, jsonRecord } from '@/server/adapters/postgres/market/read-map';
import type { AlertList, AlertListInput } from '@/server/contracts/console/execution';

const STATES: Record<AlertListInput['state'], Prisma.AlertWhereInput> = {
  open: { resolvedAt: null },
  resolved: { NOT: { resolvedAt: null } },
  all: {},
};

/** Newest first. */
export async function readAlerts(db: PrismaClient, input: AlertListInput): Promise<AlertList> {
  const where = STATES[input.state];
  const [rows, total] = await Promise.all([
    db.alert.findMany({ where, orderBy: [{ openedAt: 'desc' }, { id: 'desc' }], take: input.limit }),
    db.alert.count({ where }),
  ]);
  return {
    rows: rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      subject: row.subject,
      message: row.message,
      data: jsonRecord(row.data),
      openedAt: iso(row.openedAt),
      resolvedAt: isoOrNull(row.resolvedAt),
      acknowledgedAt: isoOrNull(row.acknowledgedAt),
      acknowledgedBy: row.acknowledgedBy,
    })),
    total,
  };
}
