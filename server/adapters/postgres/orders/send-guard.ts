import type { Pool, PoolClient } from 'pg';
import { z } from 'zod';
import { SEND_LOCK } from '@/server/adapters/postgres/locks';
import { LIVE } from '@/server/adapters/postgres/sets';
import type { SendFacts, SendPermit, SendPricing } from '@/server/application/ports/execution-store';
import type { Fence } from '@/server/application/ports/lease';
import { CASH_SYMBOL } from '@/server/application/ports/reconciliation-store';
import { isMarketOpen, type MarketClockReading, marketNow } from '@/server/domain/market/market-clock';
import { parseUnits } from '@/server/kernel/money';
import {
  orderKindSchema,
  orderStatusSchema,
  orderTypeSchema,
  positionEffectSchema,
  sideSchema,
  tradingStateSchema,
  venueEnvironmentSchema,
} from '@/server/kernel/vocabulary';
import { PORTFOLIO_MAX_AGE_MS } from '../policy-limits';
import { BASIS, basisSchema, toBasis } from './order-basis';

const units = z.string().transform((text) => parseUnits(text));

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
  exit_open: z.boolean(),
  // Null together: the broker's clock was never read.
  is_open: z.boolean().nullable(),
  market_time: z.number().nullable(),
  observed_at: z.number().nullable(),
  next_close: z.number().nullable(),
  speed: z.number().nullable(),
  now: z.number(),
  stage: z.string(),
  environment: venueEnvironmentSchema.nullable(),
  clock_age_ms: z.number().nullable(),
  reconciled_age_ms: z.number().nullable(),
  portfolio_max_age_ms: z.number(),
  side: sideSchema,
  order_type: orderTypeSchema,
  limit_price: z.string().nullable(),
  reference_price: z.string(),
  bid: z.string().nullable(),
  ask: z.string().nullable(),
  quoted_at: z.number().nullable(),
  collar_pct: z.string().nullable(),
  quote_max_age_ms: z.number().nullable(),
  // What cannot be read bears no order.
  basis: basisSchema.nullable().catch(null),
  protection: z
    .object({ stop_price: units.nullable(), entry_stop_price: units.nullable(), held: units, protected: units })
    .nullable(),
});

/** What a protective stop `o` rests on; null for other orders. */
const PROTECTION = `
    CASE WHEN o.kind = 'PROTECTIVE' THEN jsonb_build_object('stop_price', o.stop_price::text,
      'entry_stop_price', (SELECT e.protective_stop_price::text FROM orders e
        WHERE e.id = o.parent_id AND e.kind = 'GATED' AND e.symbol = o.symbol AND e.side = 'BUY' AND o.side = 'SELL'),
      'held', coalesce((SELECT h.qty FROM positions h WHERE h.symbol = o.symbol), 0)::text,
      'protected', (SELECT sum(w.qty - w.cum_qty)::text FROM orders w
        WHERE w.symbol = o.symbol AND w.kind = 'PROTECTIVE' AND w.status IN ${LIVE})) END`;

/** Runs after the lock was taken, so it sees everything that was committed while we waited. */
const FACTS = `
  SELECT EXISTS (SELECT 1 FROM leases WHERE name = $2 AND token = $3::bigint AND expires_at > clock_timestamp()) AS lease_held,
    t.state AS trading_state, o.status AS order_status, o.cancel_requested, o.claim_token::text, o.kind, o.position_effect,
    coalesce(o.expires_at <= clock_timestamp(), false) AS expired,
    EXISTS (SELECT 1 FROM breaks b WHERE b.symbol IN (o.symbol, $4) AND b.resolved_at IS NULL) AS break_open,
    EXISTS (SELECT 1 FROM orders u WHERE u.symbol = o.symbol AND u.id <> o.id AND 'SUBMIT_UNCERTAIN' = ANY (u.flags)) AS symbol_uncertain,
    EXISTS (SELECT 1 FROM exits e WHERE e.symbol = o.symbol AND e.ended_at IS NULL AND (o.kind <> 'FLATTEN' OR e.id = o.exit_id)) AS exit_open,
    c.is_open, epoch_ms(c.market_time)::float8 AS market_time, epoch_ms(c.observed_at)::float8 AS observed_at,
    epoch_ms(c.next_close)::float8 AS next_close, c.speed, epoch_ms(clock_timestamp())::float8 AS now,
    coalesce(s.stage, 'none') AS stage, c.environment,
    (extract(epoch FROM clock_timestamp() - c.observed_at) * 1000)::float8 AS clock_age_ms,
    (extract(epoch FROM clock_timestamp() - a.reconciled_at) * 1000)::float8 AS reconciled_age_ms,
    ${PORTFOLIO_MAX_AGE_MS} AS portfolio_max_age_ms,
    o.side, o.order_type, o.limit_price::text, o.reference_price::text,
    q.bid::text, q.ask::text, epoch_ms(q.quoted_at)::float8 AS quoted_at,
    p.body->>'price_collar_pct' AS collar_pct, (p.body->>'max_data_age_seconds')::float8 * 1000 AS quote_max_age_ms,
    ${BASIS} AS basis, ${PROTECTION} AS protection
  FROM orders o CROSS JOIN trading_state t LEFT JOIN accounts a ON a.id = 1 LEFT JOIN market_clock c ON c.id = 1 LEFT JOIN settings s ON s.id = 1
    LEFT JOIN quotes q ON q.symbol = o.symbol LEFT JOIN policy_versions p ON p.version = s.active_policy_version
  WHERE o.id = $1`;

type FactsRow = z.output<typeof factsRow>;

const toGround = (row: NonNullable<FactsRow['protection']>) => ({
  stopPrice: row.stop_price,
  entryStopPrice: row.entry_stop_price,
  held: row.held,
  protectedQty: row.protected,
});

/** Null while the broker's clock was never read. */
function readClock({ is_open, market_time, observed_at, next_close, speed }: FactsRow): MarketClockReading | null {
  if (is_open === null || market_time === null || observed_at === null || speed === null) return null;
  return { isOpen: is_open, marketTimeMs: market_time, observedAtMs: observed_at, nextCloseMs: next_close, speed };
}

function toPricing(r: FactsRow, clock: MarketClockReading | null): SendPricing {
  const { bid, ask, quoted_at } = r;
  const isQuoted = bid !== null && ask !== null && quoted_at !== null;
  return {
    side: r.side,
    orderType: r.order_type,
    limitPrice: r.limit_price === null ? null : parseUnits(r.limit_price),
    referencePrice: parseUnits(r.reference_price),
    collarPct: r.collar_pct === null ? null : parseUnits(r.collar_pct),
    quoteMaxAgeMs: r.quote_max_age_ms,
    quote: isQuoted ? { bid: parseUnits(bid), ask: parseUnits(ask), quotedAtMs: quoted_at } : null,
    market: clock === null ? null : { nowMs: marketNow(clock, r.now), speed: clock.speed },
  };
}

/** What is committed as the statement begins. Takes no lock: the sender has taken it before. */
export async function readFacts(client: PoolClient, orderId: string, fence: Fence): Promise<SendFacts> {
  const { rows } = await client.query(FACTS, [orderId, fence.name, fence.token, CASH_SYMBOL]);
  const r = factsRow.parse(rows[0]);
  const clock = readClock(r);
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
    exitOpen: r.exit_open,
    marketOpen: clock !== null && isMarketOpen(clock, r.now),
    stage: r.stage,
    environment: r.environment,
    clockAgeMs: r.clock_age_ms,
    reconciledAgeMs: r.reconciled_age_ms,
    portfolioMaxAgeMs: r.portfolio_max_age_ms,
    pricing: toPricing(r, clock),
    basis: r.basis === null ? null : toBasis(r.basis),
    protection: r.protection === null ? null : toGround(r.protection),
  };
}

/**
 * Runs `work` while a dedicated connection holds the send lock, shared. The connection does nothing else in that time.
 * When it breaks, the lock is lost and the permit's signal aborts.
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
    // After a failed statement the session's state is unknown: it is closed, and its locks with it.
    broken ??= error instanceof Error ? error : new Error(String(error));
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}
