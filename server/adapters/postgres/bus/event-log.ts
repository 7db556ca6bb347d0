import { randomBytes } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import { failpoint } from '@/server/application/execution/failpoint';
import type { EventHandler, EventTransaction } from '@/server/application/ports/bus';
import type { EventLog, Handled } from '@/server/application/ports/event-log';
import { inTransaction } from '../execution/transaction';
import { EVENT_COLUMNS, type EventRow, toCloudEvent } from './event-row';
import { createStreamRecords } from './stream-record';

/** A consumer that nobody subscribed for so long is forgotten when a stream is filled again. As long as the outbox keeps events. */
const FORGOTTEN = `interval '7 days'`;

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

/** Begun after the lock was had: it sees what the last holder of the row committed. */
const TAKE = `
  WITH next AS MATERIALIZED (
    SELECT ${EVENT_COLUMNS} FROM outbox o
    WHERE o.position > $3::bigint AND bus_part(o.data, o.subject) = $2 AND o.topic LIKE ANY ($4::text[]) ORDER BY o.position LIMIT 1),
  seen AS (INSERT INTO inbox (consumer, event_id) SELECT $1, id FROM next ON CONFLICT DO NOTHING RETURNING 1),
  moved AS (UPDATE bus_cursors SET position = n.position::bigint, seen_at = clock_timestamp() FROM next n WHERE consumer = $1 AND bus_cursors.part = $2)
  SELECT next.*, EXISTS (SELECT 1 FROM seen) AS fresh FROM next`;

const SLIDE = `UPDATE bus_cursors SET position = $3::bigint, seen_at = clock_timestamp() WHERE consumer = $1 AND part = $2 AND position < $3::bigint`;

/** `order.*` to a LIKE pattern; an underscore is meant as one. */
const like = (topic: string) => topic.replace(/[\\%_]/g, '\\$&').replace(/\*$/, '%');

const transactionOf = (client: PoolClient): EventTransaction => ({
  async query(text, values) {
    return (await client.query(text, values === undefined ? [] : [...values])).rows;
  },
});

/** Outbox, cursors and inbox in Postgres. */
export function createEventLog(pool: Pool): EventLog {
  const handleNext = (
    consumer: string,
    part: number,
    topics: readonly string[],
    handler: EventHandler,
  ): Promise<Handled> =>
    inTransaction(pool, async (client): Promise<Handled> => {
      const { rows: locked } = await client.query<{ position: string; newest: string }>(LOCK, [consumer, part]);
      const cursor = locked[0];
      if (cursor === undefined) return { kind: 'busy' };
      const { rows } = await client.query<EventRow & { fresh: boolean }>(TAKE, [
        consumer,
        part,
        cursor.position,
        topics.map(like),
      ]);
      const row = rows[0];
      if (row === undefined) {
        await client.query(SLIDE, [consumer, part, cursor.newest]);
        return { kind: 'idle', position: BigInt(cursor.newest) };
      }
      if (row.fresh) await handler(toCloudEvent(row), transactionOf(client));
      failpoint('event-worked');
      return { kind: 'handled', position: BigInt(row.position) };
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
