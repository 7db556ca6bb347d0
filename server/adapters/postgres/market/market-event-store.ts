import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type {
  EventRemoval,
  EventRestoration,
  EventsAdded,
  MarketEventStore,
} from '@/server/application/ports/market-event-store';
import type { NewMarketEvent } from '@/server/contracts/console/market-events';
import type { Actor } from '@/server/kernel/actor';
import type { MarketEventSource } from '@/server/kernel/vocabulary';

const EVENTS = `jsonb_to_recordset($1::jsonb)
  AS e(id uuid, kind text, symbol text, title text, "startsAt" timestamptz, "endsAt" timestamptz, n int)`;

const INSERT = `INSERT INTO market_events (id, kind, symbol, title, starts_at, ends_at, source, created_by)
  SELECT id, kind, symbol, title, "startsAt", "endsAt", $2, $3 FROM ${EVENTS} ORDER BY n
  ON CONFLICT (kind, coalesce(symbol, ''), starts_at, ends_at, title) WHERE removed_at IS NULL DO NOTHING
  RETURNING id`;

const COUNT_SAME = `SELECT count(*)::int AS same FROM ${EVENTS} JOIN market_events m
  ON m.removed_at IS NULL AND m.kind = e.kind AND m.symbol IS NOT DISTINCT FROM e.symbol AND m.title = e.title
 AND m.starts_at = e."startsAt" AND m.ends_at = e."endsAt"`;

interface EventRow {
  readonly kind: string;
  readonly symbol: string | null;
  readonly title: string;
  readonly starts_at: Date;
  readonly ends_at: Date;
  readonly removed_at: Date | null;
}

const asJson = (events: readonly NewMarketEvent[], ids: readonly string[]) =>
  JSON.stringify(events.map((event, n) => ({ ...event, id: ids[n], n })));

/** Tells the consoles, then appends to the audit: its lock is the last to be taken. */
async function record(
  client: PoolClient,
  actor: Actor,
  act: string,
  target: string,
  before: object | null,
  after: object,
) {
  await client.query('INSERT INTO outbox (id, topic, subject, data) VALUES ($1, $2, $3, $4::jsonb)', [
    randomUUID(),
    'market.events.changed',
    target,
    JSON.stringify(after),
  ]);
  await client.query('SELECT audit_append($1, $2, $3, $4::jsonb, $5::jsonb, $6)', [
    actor.name,
    `market-event.${act}`,
    target,
    before === null ? null : JSON.stringify(before),
    JSON.stringify(after),
    actor.correlationId,
  ]);
}

async function add(
  client: PoolClient,
  actor: Actor,
  source: MarketEventSource,
  events: readonly NewMarketEvent[],
): Promise<EventsAdded> {
  const proposed = events.map(() => randomUUID());
  const { rows } = await client.query<{ id: string }>(INSERT, [asJson(events, proposed), source, actor.name]);
  const stored = new Set(rows.map(({ id }) => id));
  const ids = proposed.filter((id) => stored.has(id));
  const added = events.filter((_, index) => stored.has(proposed[index] ?? ''));
  const [first] = ids;
  if (first !== undefined && source === 'OPERATOR') {
    await record(client, actor, 'add', `market-event:${first}`, null, { ...added[0] });
  } else if (first !== undefined) {
    await record(client, actor, 'import', `market-event:${first}`, null, { added: added.length, events: added });
  }
  return { ids, same: events.length - ids.length };
}

async function lock(client: PoolClient, id: string): Promise<EventRow | undefined> {
  const { rows } = await client.query<EventRow>(
    'SELECT kind, symbol, title, starts_at, ends_at, removed_at FROM market_events WHERE id = $1 FOR UPDATE',
    [id],
  );
  return rows[0];
}

const figures = ({ kind, symbol, title, starts_at, ends_at }: EventRow) => ({
  kind,
  symbol,
  title,
  startsAt: starts_at.toISOString(),
  endsAt: ends_at.toISOString(),
});

async function remove(client: PoolClient, actor: Actor, id: string, reason: string): Promise<EventRemoval> {
  const row = await lock(client, id);
  if (row === undefined) return 'NOT_FOUND';
  if (row.removed_at !== null) return 'ALREADY_REMOVED';
  await client.query('UPDATE market_events SET removed_at = clock_timestamp(), removed_by = $2 WHERE id = $1', [
    id,
    actor.name,
  ]);
  await record(client, actor, 'remove', `market-event:${id}`, figures(row), { removed: true, reason });
  return 'REMOVED';
}

async function restore(client: PoolClient, actor: Actor, id: string): Promise<EventRestoration> {
  const row = await lock(client, id);
  if (row === undefined) return 'NOT_FOUND';
  if (row.removed_at === null) return 'NOT_REMOVED';
  const { rows } = await client.query<{ exists: boolean }>(
    `SELECT EXISTS (SELECT FROM market_events m, market_events r WHERE r.id = $1 AND m.removed_at IS NULL AND m.kind = r.kind
       AND m.symbol IS NOT DISTINCT FROM r.symbol AND m.title = r.title AND m.starts_at = r.starts_at AND m.ends_at = r.ends_at)`,
    [id],
  );
  if (rows[0]?.exists === true) return 'EXISTS';
  await client.query('UPDATE market_events SET removed_at = NULL, removed_by = NULL WHERE id = $1', [id]);
  await record(client, actor, 'restore', `market-event:${id}`, { removed: true }, figures(row));
  return 'RESTORED';
}

/** @see MarketEventStore */
export function createMarketEventStore(pool: Pool): MarketEventStore {
  return {
    add: (actor, source, events) => inTransaction(pool, (client) => add(client, actor, source, events)),
    async countSame(events) {
      const { rows } = await pool.query<{ same: number }>(COUNT_SAME, [asJson(events, [])]);
      return rows[0]?.same ?? 0;
    },
    remove: (actor, id, reason) => inTransaction(pool, (client) => remove(client, actor, id, reason)),
    restore: (actor, id) => inTransaction(pool, (client) => restore(client, actor, id)),
  };
}
