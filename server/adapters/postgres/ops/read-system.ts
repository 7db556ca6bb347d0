import { toQuoteView } from '@/server/adapters/postgres/approvals/read-approvals';
import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import { iso, isoOrNull, jsonRecord } from '@/server/adapters/postgres/market/read-map';
import type { AuditList, SystemDetail } from '@/server/contracts/console/system';
import { readBrokerHealth, toRound } from './read-broker-health';

interface DatabaseRow {
  now: Date;
  version: string;
  size: bigint;
  connections: number;
  max_connections: number;
  started_at: Date;
}

interface OutboxRow {
  newest: bigint;
  unpublished: number;
  oldest: Date | null;
}

async function readDatabase(db: PrismaClient): Promise<{ now: string; view: SystemDetail['database'] }> {
  const startedAt = performance.now();
  const [row] = await db.$queryRaw<DatabaseRow[]>`
    SELECT clock_timestamp() AS now, current_setting('server_version') AS version,
           pg_database_size(current_database()) AS size,
           (SELECT count(*)::int FROM pg_stat_activity WHERE backend_type = 'client backend') AS connections,
           current_setting('max_connections')::int AS max_connections,
           pg_postmaster_start_time() AS started_at`;
  if (row === undefined) throw new Error('The database query returned no row');
  return {
    now: iso(row.now),
    view: {
      version: row.version,
      sizeBytes: row.size.toString(),
      connections: row.connections,
      maxConnections: row.max_connections,
      startedAt: iso(row.started_at),
      latencyMs: Math.round((performance.now() - startedAt) * 10) / 10,
    },
  };
}

async function readOutbox(db: PrismaClient): Promise<SystemDetail['outbox']> {
  const [row] = await db.$queryRaw<OutboxRow[]>`
    SELECT coalesce((SELECT max(seq) FROM outbox), 0) AS newest, count(*)::int AS unpublished, min(created_at) AS oldest
      FROM outbox WHERE published_at IS NULL`;
  return {
    newestSeq: (row?.newest ?? 0n).toString(),
    unpublished: row?.unpublished ?? 0,
    oldestUnpublishedAt: isoOrNull(row?.oldest ?? null),
  };
}

export async function readSystem(db: PrismaClient): Promise<SystemDetail> {
  const [database, outbox, workers, leases, account, openBreaks, health, quotes] = await Promise.all([
    readDatabase(db),
    readOutbox(db),
    db.workerHeartbeat.findMany({ orderBy: { beatAt: 'desc' }, take: 20 }),
    db.lease.findMany({ orderBy: { name: 'asc' } }),
    db.account.findUnique({ where: { id: 1 } }),
    db.break.count({ where: { resolvedAt: null } }),
    readBrokerHealth(db),
    db.quote.findMany({ orderBy: { symbol: 'asc' } }),
  ]);
  return {
    serverTime: database.now,
    workers: workers.map((worker) => ({
      id: worker.id,
      roles: worker.roles,
      startedAt: iso(worker.startedAt),
      beatAt: iso(worker.beatAt),
      info: jsonRecord(worker.info),
    })),
    leases: leases.map((lease) => ({
      name: lease.name,
      holder: lease.holder,
      token: lease.token.toString(),
      expiresAt: iso(lease.expiresAt),
    })),
    outbox,
    database: database.view,
    broker: {
      accountId: account?.brokerAccountId ?? null,
      portfolioAt: isoOrNull(account?.portfolioAt ?? null),
      reconciledAt: isoOrNull(account?.reconciledAt ?? null),
      failedRounds: account?.failedRounds ?? 0,
      openedBy: account?.openedBy ?? null,
      openBreaks,
      health,
      round: toRound(account?.round),
    },
    quotes: quotes.map(toQuoteView),
  };
}

/** A page of the audit log, newest first; `before` is the id that the last page ended on. */
export async function readAudit(db: PrismaClient, before: string | null, limit: number): Promise<AuditList> {
  const records = await db.auditLog.findMany({
    where: before === null ? {} : { id: { lt: BigInt(before) } },
    orderBy: { id: 'desc' },
    take: limit + 1,
  });
  const page = records.slice(0, limit);
  return {
    rows: page.map((record) => ({
      id: record.id.toString(),
      at: iso(record.at),
      actor: record.actor,
      action: record.action,
      target: record.target,
      before: record.before,
      after: record.after,
      correlationId: record.correlationId,
      hash: record.hash,
    })),
    nextBefore: records.length > limit ? (page.at(-1)?.id.toString() ?? null) : null,
  };
}
