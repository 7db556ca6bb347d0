import { randomBytes } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { EventHandler, EventTransaction } from '@/server/application/ports/bus';
import type { EventLog, Handled } from '@/server/application/ports/event-log';
import { failpoint } from '@/server/kernel/failpoint';
import { EVENT_COLUMNS, type EventRow, toCloudEvent } from './event-row';
import { createStreamRecords } from './stream-record';

/** A consumer without a subscriber for this long is dropped when a stream is refilled. The outbox keeps events as long. */
const FORGOTTEN = `interval '7 days'`;

/** Positions looked at in one transaction: however much waits, a step costs the same. */
const STRETCH = 1_000n;

const REGISTER = `
  INSERT INTO bus_cursors (consumer, part, position)
  SELECT $1, part, CASE WHEN $2 = 'start' THEN 0 ELSE (SELECT position FROM bus_state) END FROM generate_series(0, 7) part
  ON CONFLICT (consumer, part) DO UPDATE SET seen_at = clock_timestamp()`;

const WAITING = `
  SELECT s.position::text AS newest, (SELECT coalesce(array_agg(DISTINCT bus_part(o.data, o.subject)), '{}') FROM outbox o
    WHERE o.position > $2::bigint AND o.position <= s.position AND o.topic LIKE ANY ($1::text[])
      AND o.published_at <= clock_timestamp() - $3 * interval '1 millisecond') AS parts
  FROM bus_state s`;

const LOCK = `
  SELECT c.position::text, s.position::text AS newest FROM bus_cursors c, bus_state s
  WHERE c.consumer = $1 AND c.part = $2 FOR UPDATE OF c SKIP LOCKED`;

/**
 * Started after the lock was taken: it sees what the last holder of the row committed. The cursor goes to the last event taken,
 * or, when there were fewer than asked for, to the end of the stretch.
 */
const TAKE = `
  WITH next AS MATERIALIZED (
    SELECT ${EVENT_COLUMNS} FROM outbox o
    WHERE o.position > $3::bigint AND o.position <= $5::bigint AND bus_part(o.data, o.subject) = $2 AND o.topic LIKE ANY ($4::text[])
    ORDER BY o.position LIMIT $6),
  seen AS (INSERT INTO inbox (consumer, event_id) SELECT $1, id FROM next ON CONFLICT DO NOTHING RETURNING event_id),
  moved AS (UPDATE bus_cursors SET seen_at = clock_timestamp(),
    position = CASE WHEN (SELECT count(*) FROM next) < $6 THEN $5::bigint ELSE (SELECT max(position::bigint) FROM next) END
    WHERE consumer = $1 AND bus_cursors.part = $2 RETURNING position)
  SELECT next.*, next.id IN (SELECT event_id FROM seen) AS fresh, moved.position::text AS reached
  FROM moved LEFT JOIN next ON true ORDER BY next.position::bigint`;

/** `order.*` to a LIKE pattern; an underscore is meant as one. */
const like = (topic: string) => topic.replace(/[\\%_]/g, '\\$&').replace(/\*$/, '%');

const transactionOf = (client: PoolClient): EventTransaction => ({
  async query(text, values) {
    return (await client.query(text, values === undefined ? [] : [...values])).rows;
  },
});

/** The row of a stretch without events has only the position reached. */
type Taken = (EventRow | { readonly id: null }) & { readonly fresh: boolean; readonly reached: string };

/** @returns how many events there were, handled before or now */
async function handleAll(
  rows: readonly Taken[],
  handler: EventHandler,
  transaction: EventTransaction,
): Promise<number> {
  let events = 0;
  for (const row of rows) {
    if (row.id === null) continue;
    events += 1;
    if (row.fresh) await handler(toCloudEvent(row), transaction);
  }
  return events;
}

/** Outbox, cursors and inbox in Postgres. */
export function createEventLog(pool: Pool): EventLog {
  const handleNext: EventLog['handleNext'] = (consumer, part, topics, handler, limit) =>
    inTransaction(pool, async (client): Promise<Handled> => {
      const { rows: locked } = await client.query<{ position: string; newest: string }>({
        name: 'bus-lock',
        text: LOCK,
        values: [consumer, part],
      });
      const cursor = locked[0];
      if (cursor === undefined) return { kind: 'busy' };
      const from = BigInt(cursor.position);
      const newest = BigInt(cursor.newest);
      if (newest <= from) return { kind: 'moved', position: from, events: 0, done: true };
      const end = newest - from > STRETCH ? from + STRETCH : newest;
      const { rows } = await client.query<Taken>({
        name: 'bus-take',
        text: TAKE,
        values: [consumer, part, cursor.position, topics.map(like), end.toString(), limit],
      });
      const events = await handleAll(rows, handler, transactionOf(client));
      failpoint('event-worked');
      const position = BigInt(rows[0]?.reached ?? cursor.position);
      return { kind: 'moved', position, events, done: position >= newest };
    });

  return {
    async append(events) {
      await pool.query(
        `INSERT INTO outbox (id, topic, subject, data)
         SELECT r.id, r.topic, r.subject, r.data FROM jsonb_to_recordset($1::jsonb) AS r(id uuid, topic text, subject text, data jsonb)
         ON CONFLICT (id) DO NOTHING`,
        [JSON.stringify(events)],
      );
    },
    async register(consumer, from) {
      await pool.query(REGISTER, [consumer, from]);
    },
    async waiting(topics, position, ageMs) {
      const { rows } = await pool.query<{ newest: string; parts: number[] }>(WAITING, [
        topics.map(like),
        position.toString(),
        ageMs,
      ]);
      return { parts: rows[0]?.parts ?? [], newest: BigInt(rows[0]?.newest ?? '0') };
    },
    handleNext,
    async after(position, limit) {
      const { rows } = await pool.query<EventRow>(
        `SELECT ${EVENT_COLUMNS} FROM outbox o WHERE o.position > $1::bigint ORDER BY o.position LIMIT $2`,
        [position.toString(), limit],
      );
      return rows.map(toCloudEvent);
    },
    async floor(consumer) {
      const { rows } = await pool.query<{ position: string }>(
        `SELECT coalesce(min(c.position), max(s.position))::text AS position FROM bus_state s
         LEFT JOIN bus_cursors c ON ($1::text IS NULL AND c.seen_at > clock_timestamp() - ${FORGOTTEN}) OR c.consumer = $1`,
        [consumer],
      );
      return BigInt(rows[0]?.position ?? '0');
    },
    ...createStreamRecords(pool, () => randomBytes(5).toString('hex')),
  };
}
