import type { Pool } from 'pg';
import { z } from 'zod';
import { featureSnapshotSchema } from '@/server/adapters/postgres/market/feature-store';
import type { SignalTask, SignalTasks } from '@/server/application/ports/signal-tasks';
import { sideSchema } from '@/server/kernel/vocabulary';

const taskSchema = z.object({
  signalId: z.string(),
  source: z.string(),
  strategy: z.string(),
  symbol: z.string(),
  action: sideSchema,
  confidence: z.number(),
  sizePct: z.number(),
  principalId: z.string(),
  features: featureSnapshotSchema.nullable(),
  atMs: z.number(),
  expired: z.boolean(),
  first: z.boolean(),
}) satisfies z.ZodType<SignalTask>;

const COLUMNS = `s.id AS "signalId", s.source, s.strategy, s.symbol, s.action, s.confidence::float8 AS confidence, s.size_pct::float8 AS "sizePct",
  s.principal_id AS "principalId", s.features, coalesce(epoch_ms(s.market_at), epoch_ms(s.created_at))::float8 AS "atMs",
  s.expires_at <= greatest(s.created_at, clock_timestamp()) AS expired`;

const queuedBefore = (symbol: string, seq: string) =>
  `EXISTS (SELECT 1 FROM signal_tasks e WHERE e.symbol = ${symbol} AND e.state = 'QUEUED' AND e.seq < ${seq})`;

/** How late the market says that it is already: in market time, over the speed of the market's clock. */
const PROPOSE = `
  WITH market AS (
    SELECT to_timestamp((epoch_ms(market_time) + (epoch_ms(clock_timestamp()) - epoch_ms(observed_at)) * speed)::float8 / 1000) AS now, speed
    FROM market_clock WHERE id = 1),
  timed AS (
    SELECT clock_timestamp() AS now, coalesce(to_timestamp($12::float8 / 1000), m.now, clock_timestamp()) AS at,
      coalesce(greatest(m.now - to_timestamp($12::float8 / 1000), interval '0') / nullif(m.speed, 0), interval '0') AS late
    FROM (SELECT 1) one LEFT JOIN market m ON true),
  s AS (
    INSERT INTO signals (id, source, strategy, model_version, symbol, action, confidence, size_pct, stop_distance_pct, principal_id, features,
      market_at, request_hash, created_at, expires_at, reasoning)
    SELECT $1, $2, $3, $4, $5, $6, $7::numeric, $8::numeric, $9::numeric, $10, coalesce($11::jsonb, (SELECT snapshot FROM features WHERE symbol = $5)),
      t.at, $14, t.now, t.now + greatest($13 * interval '1 millisecond' - t.late, interval '0'),
      CASE WHEN $17 THEN '{"status": "FAILED"}'::jsonb END
    FROM timed t ON CONFLICT (id) DO NOTHING RETURNING *),
  task AS (
    INSERT INTO signal_tasks (signal_id, symbol, claimed_by, claimed_until, attempts, created_at)
    SELECT id, symbol, $15::text, CASE WHEN $15::text IS NULL THEN NULL ELSE clock_timestamp() + $16 * interval '1 millisecond' END,
      CASE WHEN $15::text IS NULL THEN 0 ELSE 1 END, clock_timestamp() FROM s),
  event AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'signal.candidate.created', id::text, jsonb_build_object('signal_id', id, 'strategy', strategy, 'symbol', symbol,
      'candidate_action', action, 'confidence', $7::numeric, 'size_pct', $8::numeric, 'model_version', model_version)
    FROM s)
  SELECT ${COLUMNS}, NOT EXISTS (SELECT 1 FROM signal_tasks e WHERE e.symbol = s.symbol AND e.state = 'QUEUED') AS first FROM s`;

const FREE = `state = 'QUEUED' AND (claimed_until IS NULL OR claimed_until <= clock_timestamp())`;

const CLAIM = `
  WITH claimed AS (
    UPDATE signal_tasks SET claimed_by = $1, claimed_until = clock_timestamp() + $2 * interval '1 millisecond', attempts = attempts + 1
    WHERE signal_id IN (SELECT signal_id FROM signal_tasks WHERE ${FREE} ORDER BY seq LIMIT $3 FOR UPDATE SKIP LOCKED)
    RETURNING signal_id, symbol, seq)
  SELECT ${COLUMNS}, NOT ${queuedBefore('c.symbol', 'c.seq')} AS first FROM claimed c JOIN signals s ON s.id = c.signal_id ORDER BY c.seq`;

const RENEW = `
  UPDATE signal_tasks SET claimed_until = clock_timestamp() + $2 * interval '1 millisecond'
  WHERE claimed_by = $1 AND state = 'QUEUED' AND signal_id = ANY ($3::uuid[]) RETURNING signal_id`;

const LOOK = `
  SELECT NOT ${queuedBefore('t.symbol', 't.seq')} AS first, s.expires_at <= clock_timestamp() AS expired
  FROM signal_tasks t JOIN signals s ON s.id = t.signal_id WHERE t.signal_id = $1`;

/** Candidates on their way, in Postgres; every time is the database's. */
export function createSignalTasks(pool: Pool): SignalTasks {
  return {
    async propose(signal, claimant, awaitsMemo) {
      // A named statement: planning takes longer than running it.
      const values = [
        signal.id,
        signal.source,
        signal.strategy,
        signal.modelVersion,
        signal.symbol,
        signal.action,
        signal.confidence,
        signal.sizePct,
        signal.stopDistancePct,
        signal.principalId,
        signal.features === null ? null : JSON.stringify(signal.features),
        signal.atMs,
        signal.ttlMs,
        signal.requestHash,
        claimant?.holder ?? null,
        claimant?.claimMs ?? 0,
        awaitsMemo,
      ];
      const { rows } = await pool.query({ name: 'signal-propose', text: PROPOSE, values });
      return rows[0] === undefined ? null : taskSchema.parse(rows[0]);
    },
    async source(signalId) {
      const { rows } = await pool.query<{ source: string }>('SELECT source FROM signals WHERE id = $1', [signalId]);
      return rows[0]?.source ?? null;
    },
    async queuedFrom(principalId) {
      const { rows } = await pool.query<{ n: number }>(
        `SELECT count(*)::int AS n FROM signal_tasks t JOIN signals s ON s.id = t.signal_id
          WHERE t.state = 'QUEUED' AND s.source = 'REST' AND s.principal_id = $1`,
        [principalId],
      );
      return rows[0]?.n ?? 0;
    },
    async requestHash(signalId) {
      const { rows } = await pool.query<{ request_hash: string | null }>(
        'SELECT request_hash FROM signals WHERE id = $1',
        [signalId],
      );
      return rows[0]?.request_hash ?? null;
    },
    async claim({ holder, claimMs }, limit) {
      const { rows } = await pool.query({ name: 'signal-claim', text: CLAIM, values: [holder, claimMs, limit] });
      return z.array(taskSchema).parse(rows);
    },
    async renew({ holder, claimMs }, signalIds) {
      const { rows } = await pool.query<{ signal_id: string }>(RENEW, [holder, claimMs, signalIds]);
      return rows.map((row) => row.signal_id);
    },
    async look(signalId) {
      const { rows } = await pool.query<{ first: boolean; expired: boolean }>(LOOK, [signalId]);
      return rows[0] ?? { first: false, expired: true };
    },
    async release(holder, signalId) {
      await pool.query(
        `UPDATE signal_tasks SET claimed_by = NULL, claimed_until = NULL WHERE signal_id = $1 AND claimed_by = $2 AND state = 'QUEUED'`,
        [signalId, holder],
      );
    },
    async finish(signalId, outcome, detail) {
      await pool.query(
        `UPDATE signal_tasks SET state = 'DONE', outcome = $2, detail = $3, done_at = clock_timestamp() WHERE signal_id = $1 AND state = 'QUEUED'`,
        [signalId, outcome, detail],
      );
    },
  };
}
