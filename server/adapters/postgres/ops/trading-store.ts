import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import { cancelOpening } from '@/server/adapters/postgres/books/cancel-opening';
import { SEND_LOCK } from '@/server/adapters/postgres/locks';
import type { TradingStateView } from '@/server/application/commands';
import type { HaltAcknowledgement, ReleaseResult, TradingStore } from '@/server/application/ports/trading-store';
import { tradingCauseSchema, tradingStateSchema } from '@/server/kernel/vocabulary';

/** A send holds the lock for at most its 2 s timeout; after that its holder is considered dead. */
const HOLDER_LIMIT_MS = 3_000;

const viewRow = z.object({
  state: tradingStateSchema,
  version: z.string(),
  changed_at: z.date(),
  changed_by: z.string(),
  reason: z.string(),
  halt_id: z.string().nullable(),
  requested_at: z.date().nullable(),
  acknowledged_at: z.date().nullable(),
  verified_at: z.date().nullable(),
  progress: z.record(z.string(), z.unknown()).nullable(),
  causes: z.array(
    z.object({
      cause: tradingCauseSchema,
      state: tradingStateSchema.exclude(['ACTIVE']),
      reason: z.string(),
      openedBy: z.string(),
      openedAt: z.string().transform((text) => new Date(text).toISOString()),
      untilNextSession: z.boolean(),
    }),
  ),
});

const VIEW = `SELECT t.state, t.version::text, t.changed_at, t.changed_by, t.reason, t.halt_id,
    h.requested_at, h.acknowledged_at, h.verified_at, h.progress,
    (SELECT coalesce(json_agg(json_build_object('cause', c.cause, 'state', c.state, 'reason', c.reason, 'openedBy', c.opened_by,
        'openedAt', c.opened_at, 'untilNextSession', c.until_next_session) ORDER BY c.id), '[]')
      FROM trading_causes c WHERE c.ended_at IS NULL) AS causes
  FROM trading_state t LEFT JOIN halts h ON h.id = t.halt_id`;

function toView(row: unknown): TradingStateView {
  const r = viewRow.parse(row);
  const halt =
    r.halt_id !== null && r.requested_at !== null
      ? {
          id: r.halt_id,
          requestedAt: r.requested_at.toISOString(),
          acknowledgedAt: r.acknowledged_at?.toISOString() ?? null,
          verifiedAt: r.verified_at?.toISOString() ?? null,
          progress: r.progress ?? {},
        }
      : null;
  return {
    state: r.state,
    version: r.version,
    changedAt: r.changed_at.toISOString(),
    changedBy: r.changed_by,
    reason: r.reason,
    halt,
    causes: r.causes,
  };
}

const HOLDERS = `
  SELECT l.pid FROM pg_locks l JOIN pg_stat_activity a USING (pid)
   WHERE l.locktype = 'advisory' AND l.classid = 0 AND l.objid = $1 AND l.objsubid = 1 AND l.granted
     AND l.mode = 'ShareLock' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`;

/**
 * Ends backends that have held the send lock shared for longer than a send can take. How many is written to the halt and
 * committed before the first is ended: the verification must wait for their sends, even if this process dies at this point.
 * @returns how many
 */
async function endStaleHolders(pool: Pool, haltId: string): Promise<number> {
  const { rows } = await pool.query<{ pid: number }>(HOLDERS, [SEND_LOCK]);
  if (rows.length === 0) return 0;
  const pids = rows.map(({ pid }) => pid);
  await pool.query('UPDATE halts SET ended_holders = ended_holders + $2 WHERE id = $1', [haltId, pids.length]);
  const ended = await pool.query<{ ended: boolean }>(
    `SELECT pg_terminate_backend(h.pid) AS ended FROM (${HOLDERS}) h WHERE h.pid = ANY ($2::int[])`,
    [SEND_LOCK, pids],
  );
  return ended.rows.filter((row) => row.ended).length;
}

async function lockExclusively(client: PoolClient, waitMs: number): Promise<void> {
  await client.query('BEGIN');
  await client.query(`SET LOCAL lock_timeout = ${Math.max(1, Math.floor(waitMs))}`);
  await client.query('SELECT pg_advisory_xact_lock($1)', [SEND_LOCK]);
}

const isLockTimeout = (error: unknown) => error instanceof Error && 'code' in error && error.code === '55P03';

/**
 * @param controlPool a few connections for halts alone, so that a halt never waits for a free one
 * @param readPool where the state is read from
 */
export function createTradingStore(controlPool: Pool, readPool: Pool): TradingStore {
  const view = async () => toView((await readPool.query(VIEW)).rows[0]);

  async function acknowledgeHalt(haltId: string, waitMs: number): Promise<HaltAcknowledgement> {
    const client = await controlPool.connect();
    let endedHolders = 0;
    // A session that holds the lock when we start to wait has held it for HOLDER_LIMIT_MS when this fires.
    const timer = setTimeout(() => {
      endStaleHolders(controlPool, haltId).then(
        (ended) => {
          endedHolders += ended;
        },
        () => undefined,
      );
    }, HOLDER_LIMIT_MS);
    let broken: Error | undefined;
    // A connection that breaks between two statements must not end the process.
    const onError = (error: Error) => {
      broken = error;
    };
    client.on('error', onError);
    try {
      await lockExclusively(client, waitMs);
      await client.query('SELECT halt_acknowledge($1)', [haltId]);
      await client.query('COMMIT');
      return { acknowledged: true, endedHolders };
    } catch (error) {
      await client.query('ROLLBACK').catch((fault: unknown) => {
        broken ??= fault instanceof Error ? fault : new Error(String(fault));
      });
      if (isLockTimeout(error)) return { acknowledged: false, endedHolders };
      throw error;
    } finally {
      clearTimeout(timer);
      client.off('error', onError);
      client.release(broken);
    }
  }

  return {
    view,
    acknowledgeHalt,
    async requestHalt(haltId, actor, reason) {
      const { rows } = await controlPool.query<{ id: string }>('SELECT halt_request($1, $2, $3, $4) AS id', [
        haltId,
        randomUUID(),
        actor,
        reason,
      ]);
      return rows[0]?.id ?? haltId;
    },
    async auditHalt(haltId) {
      await controlPool.query('SELECT halt_audit($1)', [haltId]);
    },
    async reduce(actor, reason, correlationId) {
      await controlPool.query('SELECT trading_reduce($1, $2, $3, $4)', [actor, reason, correlationId, randomUUID()]);
    },
    async cancelOpening(actor) {
      await cancelOpening(readPool, actor, null);
    },
    async release(actor, reason, correlationId, portfolioMaxAgeMs): Promise<ReleaseResult> {
      const { rows } = await controlPool.query<{ obstacles: string[] }>(
        'SELECT trading_release($1, $2, $3, $4, $5) AS obstacles',
        [actor, reason, correlationId, randomUUID(), portfolioMaxAgeMs],
      );
      const obstacles = rows[0]?.obstacles ?? ['the database gave no answer'];
      return obstacles.length === 0 ? { released: true } : { released: false, obstacles };
    },
  };
}
