import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { BooksStore } from '@/server/application/ports/books-store';
import type { Topic } from '@/server/contracts/events';
import { newYorkDate } from '@/server/domain/calendar';
import type { Actor } from '@/server/kernel/actor';
import { closeUnknownOrder } from './close-unknown-order';
import { resolveBreak } from './resolve-break';

const audit = (client: PoolClient, actor: Actor, action: string, target: string, after: object) =>
  client.query('SELECT audit_append($1, $2, $3, NULL, $4::jsonb, $5)', [
    actor.name,
    action,
    target,
    JSON.stringify(after),
    actor.correlationId,
  ]);

const tell = (client: PoolClient, topic: Topic, subject: string, data: object) =>
  client.query('INSERT INTO outbox (id, topic, subject, data) VALUES ($1, $2, $3, $4::jsonb)', [
    randomUUID(),
    topic,
    subject,
    JSON.stringify(data),
  ]);

interface InitialBalancesRow {
  readonly broker_account_id: string;
  readonly shown_hash: string;
  readonly signed_by: string | null;
  readonly balances: object;
}

async function signOpening(client: PoolClient, openingId: string, shownHash: string, actor: Actor) {
  const { rows } = await client.query<InitialBalancesRow>(
    'SELECT broker_account_id, shown_hash, signed_by, balances FROM account_openings WHERE id = $1 AND withdrawn_at IS NULL FOR UPDATE',
    [openingId],
  );
  const row = rows[0];
  if (row === undefined) return 'NOT_FOUND';
  if (row.signed_by !== null) return 'ALREADY_SIGNED';
  if (row.shown_hash !== shownHash) return 'CHANGED';
  await client.query('UPDATE account_openings SET signed_by = $2, signed_at = clock_timestamp() WHERE id = $1', [
    openingId,
    actor.name,
  ]);
  await tell(client, 'account.opening.signed', row.broker_account_id, { opening_id: openingId, by: actor.name });
  await audit(client, actor, 'account.opening.sign', `opening:${openingId}`, {
    account: row.broker_account_id,
    shown_hash: shownHash,
    balances: row.balances,
  });
  return 'SIGNED';
}

/** At most one is waiting: further requests return that one. */
async function requestTieOut(client: PoolClient, actor: Actor): Promise<string> {
  await client.query('SELECT pg_advisory_xact_lock($1)', [TIE_OUT_LOCK]);
  const { rows } = await client.query<{ id: string }>(`SELECT id FROM tie_outs WHERE status = 'WAITING' LIMIT 1`);
  const waiting = rows[0]?.id;
  if (waiting !== undefined) return waiting;
  const id = randomUUID();
  const account = await client.query<{ trading_day: string | null; now: Date }>(
    'SELECT trading_day, clock_timestamp() AS now FROM accounts WHERE id = 1',
  );
  const found = account.rows[0];
  const day = found?.trading_day ?? newYorkDate((found?.now ?? new Date()).getTime());
  await client.query(
    `INSERT INTO tie_outs (id, trading_day, kind, requested_by, status, created_at) VALUES ($1, $2, 'REQUESTED', $3, 'WAITING', clock_timestamp())`,
    [id, day, actor.name],
  );
  await tell(client, 'tieout.requested', id, { tie_out_id: id, by: actor.name });
  await audit(client, actor, 'tieout.request', `tie-out:${id}`, { trading_day: day });
  return id;
}

const TIE_OUT_LOCK = 7_300_007;

/** What a person does to the account's books. */
export function createBooksStore(pool: Pool): BooksStore {
  return {
    resolveBreak: (breakId, actor, reason, accept) =>
      inTransaction(pool, (client) => resolveBreak(client, breakId, actor, reason, accept)),
    closeUnknownOrder: (orderId, actor, reason) =>
      inTransaction(pool, (client) => closeUnknownOrder(client, orderId, actor, reason)),
    signInitialBalances: (openingId, shownHash, actor) =>
      inTransaction(pool, (client) => signOpening(client, openingId, shownHash, actor)),
    requestTieOut: (actor) => inTransaction(pool, (client) => requestTieOut(client, actor)),
  };
}
