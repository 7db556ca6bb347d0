import type { Pool } from 'pg';
import { z } from 'zod';
import type { SignalStore } from '@/server/application/ports/signal-store';

const marketSchema = z.object({ now_ms: z.number(), market_ms: z.number() });

/** Market time runs on from when the clock was last seen, at its speed. */
const MARKET = `
  SELECT extract(epoch FROM clock_timestamp())::float8 * 1000 AS now_ms,
         (extract(epoch FROM c.market_time)::float8 + extract(epoch FROM clock_timestamp() - c.observed_at)::float8 * c.speed) * 1000 AS market_ms
    FROM quotes q CROSS JOIN market_clock c WHERE q.symbol = $1`;

const STORE = `
  WITH stored AS (
    INSERT INTO signals (id, source, strategy, model_version, symbol, action, confidence, size_pct, principal_id, created_at, expires_at)
    VALUES ($1, 'REST', $3, $4, $5, $6, $7, $8, $9, $10, $11) ON CONFLICT (id) DO NOTHING RETURNING id
  )
  INSERT INTO outbox (id, topic, subject, data, created_at)
  SELECT $2, 'signal.candidate.created', id::text, $12::jsonb, $10 FROM stored`;

/** Signals that clients ask for, in Postgres: one statement each. */
export function createSignalStore(pool: Pool): SignalStore {
  return {
    async market(symbol) {
      const { rows } = await pool.query(MARKET, [symbol]);
      if (rows.length === 0) return null;
      const { now_ms, market_ms } = marketSchema.parse(rows[0]);
      return { nowMs: Math.floor(now_ms), marketMs: Math.floor(market_ms) };
    },
    async store(signal) {
      const { id, symbol, action, confidence, sizePct, modelVersion, strategy } = signal;
      const data = JSON.stringify({
        signal_id: id,
        strategy,
        symbol,
        candidate_action: action,
        confidence,
        size_pct: sizePct,
        model_version: modelVersion,
      });
      const at = new Date(signal.atMs);
      const until = new Date(signal.expiresAtMs);
      const values = [
        id,
        signal.eventId,
        strategy,
        modelVersion,
        symbol,
        action,
        confidence,
        sizePct,
        signal.principalId,
        at,
        until,
        data,
      ];
      await pool.query(STORE, values);
    },
  };
}
