import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import { SEND_LOCK } from '@/server/adapters/postgres/locks';
import type { SendFacts, SendPermit } from '@/server/application/ports/execution-store';
import type { Fence } from '@/server/application/ports/lease';
import {
  orderKindSchema,
  orderStatusSchema,
  positionEffectSchema,
  tradingStateSchema,
  venueEnvironmentSchema,
} from '@/server/kernel/vocabulary';

const factsRow = z.object({
  lease_held: z.boolean(),
  trading_state: tradingStateSchema,
  order_status: orderStatusSchema,
  cancel_requested: z.boolean(),
  claim_token: z.string().nullable(),
  kind: orderKindSchema,
  position_effect: positionEffectSchema,
  expired: z.boolean(),
  break_open: z.boolean(),
  symbol_uncertain: z.boolean(),
  held: z.boolean(),
  held_beside: z.boolean(),
  market_open: z.boolean(),
  stage: z.string(),
  environment: venueEnvironmentSchema.nullable(),
  clock_age_ms: z.number().nullable(),
  reconciled_age_ms: z.number().nullable(),
});

/** The automatic close goes by what the broker holds, also where our books say less. */
const HELD = `CASE WHEN o.strategy = 'close-at-bell' THEN greatest(p.qty, p.broker_qty) ELSE p.qty END`;

/** Begins after the lock was had: it sees whatever was committed while we waited. */
const FACTS = `
  SELECT EXISTS (SELECT 1 FROM leases WHERE name = $2 AND token = $3::bigint AND expires_at > clock_timestamp()) AS lease_held,
    t.state AS trading_state, o.status AS order_status, o.cancel_requested, o.claim_token::text, o.kind, o.position_effect,
    coalesce(o.expires_at <= clock_timestamp(), false) AS expired,
    EXISTS (SELECT 1 FROM breaks b WHERE b.symbol = o.symbol AND b.resolved_at IS NULL) AS break_open,
    EXISTS (SELECT 1 FROM orders u WHERE u.symbol = o.symbol AND u.id <> o.id AND 'SUBMIT_UNCERTAIN' = ANY (u.flags)) AS symbol_uncertain,
    EXISTS (SELECT 1 FROM positions p WHERE p.symbol = o.symbol AND ${HELD} >= o.qty) AS held,
    EXISTS (SELECT 1 FROM positions p WHERE p.symbol = o.symbol AND ${HELD} >= o.qty + (
      SELECT coalesce(sum(greatest(w.qty - w.cum_qty, 0)), 0) FROM orders w WHERE w.symbol = o.symbol AND w.id <> o.id AND w.side = 'SELL'
        AND w.status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED'))) AS held_beside,
    coalesce(c.is_open AND (c.next_close IS NULL
      OR c.market_time + (clock_timestamp() - c.observed_at) * c.speed < c.next_close), false) AS market_open,
    coalesce(s.stage, 'none') AS stage, c.environment,
    (extract(epoch FROM clock_timestamp() - c.observed_at) * 1000)::float8 AS clock_age_ms,
    (extract(epoch FROM clock_timestamp() - a.reconciled_at) * 1000)::float8 AS reconciled_age_ms
  FROM orders o CROSS JOIN trading_state t LEFT JOIN accounts a ON a.id = 1 LEFT JOIN market_clock c ON c.id = 1 LEFT JOIN settings s ON s.id = 1
  WHERE o.id = $1`;

/** What is committed as the statement begins. Takes no lock: whoever sends takes it before. */
export async function readFacts(client: PoolClient, orderId: string, fence: Fence): Promise<SendFacts> {
  const { rows } = await client.query(FACTS, [orderId, fence.name, fence.token]);
  const r = factsRow.parse(rows[0]);
  return {
    leaseHeld: r.lease_held,
    tradingState: r.trading_state,
    orderStatus: r.order_status,
    cancelRequested: r.cancel_requested,
    claimToken: r.claim_token,
    kind: r.kind,
    positionEffect: r.position_effect,
    expired: r.expired,
    breakOpen: r.break_open,
    symbolUncertain: r.symbol_uncertain,
    held: r.held,
    heldBeside: r.held_beside,
    marketOpen: r.market_open,
    stage: r.stage,
    environment: r.environment,
    clockAgeMs: r.clock_age_ms,
    reconciledAgeMs: r.reconciled_age_ms,
  };
}

/**
 * Runs `work` while a connection of its own holds the send lock, shared. The connection does nothing else meanwhile.
 * When it breaks, the lock is gone and the permit's signal aborts.
 */
export async function withSendLock<T>(
  pool: Pool,
  fence: Fence,
  orderId: string,
  work: (permit: SendPermit) => Promise<T>,
): Promise<T> {
  const client = await pool.connect();
  const lost = new AbortController();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
    lost.abort(error);
  };
  client.on('error', onError);
  try {
    await client.query('SELECT pg_advisory_lock_shared($1)', [SEND_LOCK]);
    const heldSinceMs = performance.now();
    try {
      const facts = await readFacts(client, orderId, fence);
      return await work({ facts, signal: lost.signal, heldSinceMs });
    } finally {
      await client.query('SELECT pg_advisory_unlock_shared($1)', [SEND_LOCK]).catch(onError);
    }
  } catch (error) {
    // After a failed statement nobody knows what the session holds: it goes, and its locks with it.
    broken ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
