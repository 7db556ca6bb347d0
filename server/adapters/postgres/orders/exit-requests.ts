import type { Pool, PoolClient } from 'pg';
import { resolveAlert } from '@/server/adapters/postgres/ops/alert-store';
import { LIVE } from '@/server/adapters/postgres/sets';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { ExitRequest, ExitRequests } from '@/server/application/ports/exit-store';
import { addToExit, type ExitTerms } from '@/server/domain/exit/request';
import type { Actor } from '@/server/kernel/actor';
import { formatUnits, parseUnits, type Units } from '@/server/kernel/money';
import type { ExitSource } from '@/server/kernel/vocabulary';

/** Invalidates gate decisions that were made before: from here on the gate lets nothing else close what the exit closes. */
const LOCK_ACCOUNT = 'UPDATE accounts SET version = version + 1 WHERE id = 1';

const RUNNING = `
  SELECT id, source, qty::text, stage IS NOT NULL OR expires_at IS NOT NULL AS bounded FROM exits
  WHERE symbol = $1 AND ended_at IS NULL FOR UPDATE`;

const CLOSING = 'SELECT id FROM exits WHERE symbol = $1 AND ended_at IS NULL AND qty IS NULL';

const REQUESTED = `
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'exit.requested', id::text, jsonb_build_object('exit_id', id, 'symbol', symbol, 'reason', reason) FROM stored`;

const STORE = `
  WITH stored AS (
    INSERT INTO exits (id, symbol, source, requested_by, principal_id, correlation_id, reason, qty, stage, expires_at, requested_at, progress_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8::numeric, $9, clock_timestamp() + $10::float8 * interval '1 millisecond', clock_timestamp(), clock_timestamp())
    RETURNING id, symbol, reason)${REQUESTED}`;

const ADD = `
  WITH stored AS (
    UPDATE exits SET source = $2, qty = $3::numeric, reason = $4, requested_by = $5, principal_id = $6, strategy = '',
      stage = CASE WHEN $7 THEN stage END, expires_at = CASE WHEN $7 THEN expires_at END
    WHERE id = $1 RETURNING id, symbol, reason)${REQUESTED}`;

interface Running extends ExitTerms {
  readonly id: string;
}

async function running(client: PoolClient, symbol: string): Promise<Running | null> {
  const { rows } = await client.query<{ id: string; source: ExitSource; qty: string | null; bounded: boolean }>(
    RUNNING,
    [symbol],
  );
  const row = rows[0];
  return row === undefined ? null : { ...row, qty: row.qty === null ? null : parseUnits(row.qty) };
}

const text = (qty: Units | null) => (qty === null ? null : formatUnits(qty));

async function store(client: PoolClient, actor: Actor, request: ExitRequest): Promise<string> {
  const { id, symbol, source, qty, reason, stage, endsInMs } = request;
  // The close before the end of the session repeats itself until nothing is held: it has nothing to add.
  const closing = source === 'CLOSE' ? (await client.query<{ id: string }>(CLOSING, [symbol])).rows[0] : undefined;
  if (closing !== undefined) return closing.id;
  await client.query(LOCK_ACCOUNT);
  const open = await running(client, symbol);
  const wanted: ExitTerms = { source, qty, bounded: stage !== null || endsInMs !== null };
  const terms = open === null ? wanted : addToExit(open, wanted);
  if (open === null) {
    const { principalId, name, correlationId } = actor;
    await client.query(STORE, [
      id,
      symbol,
      source,
      name,
      principalId,
      correlationId,
      reason,
      text(qty),
      stage,
      endsInMs,
    ]);
  } else if (terms !== null) {
    const { principalId, name } = actor;
    await client.query(ADD, [open.id, terms.source, text(terms.qty), reason, name, principalId, terms.bounded]);
  }
  const exitId = open?.id ?? id;
  // Last: it holds the lock of the audit chain until commit.
  await client.query(`SELECT audit_append($1, 'position.exit', $2, $3, $4, $5)`, [
    actor.name,
    `exit:${exitId}`,
    JSON.stringify({ symbol, qty: text(qty) }),
    JSON.stringify({ reason, source }),
    actor.correlationId,
  ]);
  return exitId;
}

const WITHDRAW = `
  WITH ended AS (
    UPDATE exits SET ended_at = clock_timestamp(), outcome = 'WITHDRAWN', waits_for = NULL WHERE id = $1 AND ended_at IS NULL RETURNING id, symbol),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'exit.ended', id::text, jsonb_build_object('exit_id', id, 'symbol', symbol, 'outcome', 'WITHDRAWN') FROM ended)
  SELECT symbol, ARRAY(SELECT o.id FROM orders o WHERE o.exit_id = $1 AND o.status IN ${LIVE}) AS orders FROM ended`;

const TAKE_BACK = `UPDATE exits SET qty = qty - $2::numeric WHERE id = $1 AND ended_at IS NULL AND qty > $2::numeric`;

/**
 * Takes a closing order's unfilled quantity out of its exit, as part of the caller's transaction; audited, so call it last. An exit
 * with nothing else to close ends; one of everything goes on without the order.
 */
export async function takeFromExit(
  client: PoolClient,
  actor: Actor,
  exitId: string,
  leaves: Units,
  reason: string,
): Promise<void> {
  const { rows } = await client.query<{ qty: string | null }>(
    'SELECT qty::text FROM exits WHERE id = $1 AND ended_at IS NULL FOR UPDATE',
    [exitId],
  );
  const qty = rows[0]?.qty ?? null;
  if (qty === null) return;
  const { rowCount } = await client.query(TAKE_BACK, [exitId, formatUnits(leaves)]);
  if (rowCount !== 1) await withdrawExit(client, actor, exitId, reason);
}

/** Ends an exit as part of the caller's transaction; audited, so call it last. @returns its open orders; null where it is not open */
export async function withdrawExit(
  client: PoolClient,
  actor: Actor,
  exitId: string,
  reason: string,
): Promise<readonly string[] | null> {
  const { rows } = await client.query<{ symbol: string; orders: string[] }>(WITHDRAW, [exitId]);
  const ended = rows[0];
  if (ended === undefined) return null;
  await resolveAlert(client, 'EXIT', ended.symbol);
  await client.query(`SELECT audit_append($1, 'position.exit_withdrawn', $2, $3, $4, $5)`, [
    actor.name,
    `exit:${exitId}`,
    JSON.stringify({ symbol: ended.symbol }),
    JSON.stringify({ reason }),
    actor.correlationId,
  ]);
  return ended.orders;
}

/** What a person sees as held, whichever side of the books says so. */
const HELD = `
  SELECT symbol FROM positions WHERE qty <> 0 OR coalesce(broker_qty, 0) <> 0
  UNION SELECT symbol FROM breaks WHERE resolved_at IS NULL AND cause = 'POSITION_MISMATCH' ORDER BY symbol`;

export function createExitRequests(pool: Pool): ExitRequests {
  return {
    request: (actor, request) => inTransaction(pool, (client) => store(client, actor, request)),
    withdraw: (actor, exitId, reason) => inTransaction(pool, (client) => withdrawExit(client, actor, exitId, reason)),
    async heldSymbols() {
      const { rows } = await pool.query<{ symbol: string }>(HELD);
      return rows.map(({ symbol }) => symbol);
    },
  };
}
