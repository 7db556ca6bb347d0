import type { Pool } from 'pg';
import { failpoint } from '@/server/application/execution/failpoint';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import { inTransaction } from './transaction';

/** Postgres refuses a longer payload (8,000 bytes with the terminator). */
const MAX_PAYLOAD_BYTES = 7_900;
const BATCH = 200;

interface Row {
  seq: string;
  id: string;
  topic: string;
  subject: string;
  data: unknown;
  created_at: Date;
}

/** CloudEvents 1.0, in JSON. What does not fit is named by id and topic: the consumer reads it from the outbox. */
export function envelope(row: Row): string {
  const head = { specversion: '1.0', id: row.id, source: '/countersign', type: row.topic, seq: row.seq };
  const full = JSON.stringify({
    ...head,
    subject: row.subject,
    time: row.created_at.toISOString(),
    datacontenttype: 'application/json',
    data: row.data,
  });
  return Buffer.byteLength(full) <= MAX_PAYLOAD_BYTES ? full : JSON.stringify(head);
}

/**
 * Publishes what waits in the outbox, in order, and marks it: notification and mark commit together, so that a crash
 * publishes nothing or all, and a consumer that missed a notification finds the event by its mark.
 * @returns how many were published
 */
export function createOutboxRelay(pool: Pool) {
  return async (fence: Fence): Promise<number> => {
    const published = await inTransaction(pool, async (client) => {
      const lease = await client.query(
        'SELECT 1 FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp()',
        [fence.name, fence.token],
      );
      if (lease.rowCount !== 1) throw new SupersededError(`the ${fence.name} lease has a new holder`);
      const { rows } = await client.query<Row>(
        `SELECT seq::text, id, topic, subject, data, created_at FROM outbox WHERE published_at IS NULL ORDER BY seq LIMIT ${BATCH}`,
      );
      if (rows.length === 0) return 0;
      await client.query(
        `SELECT pg_notify('bus', p) FROM (SELECT p FROM unnest($1::text[]) WITH ORDINALITY AS t(p, n) ORDER BY n) ordered`,
        [rows.map(envelope)],
      );
      failpoint('relay-notified');
      await client.query('UPDATE outbox SET published_at = clock_timestamp() WHERE seq = ANY ($1::bigint[])', [
        rows.map(({ seq }) => seq),
      ]);
      failpoint('relay-marked');
      return rows.length;
    });
    if (published > 0) failpoint('relay-committed');
    return published;
  };
}
