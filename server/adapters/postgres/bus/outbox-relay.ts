import type { Pool } from 'pg';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import { failpoint } from '@/server/kernel/failpoint';

const BATCH = 500;

/** The row lock makes positions visible in their order, even while a superseded holder still thinks that it is one. */
const LOCK = `
  SELECT s.position::text FROM bus_state s
  WHERE s.id = 1 AND EXISTS (SELECT 1 FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp())
  FOR UPDATE`;

const MARK = `
  WITH batch AS MATERIALIZED (
    SELECT seq, row_number() OVER (ORDER BY seq) AS n
    FROM (SELECT seq FROM outbox WHERE published_at IS NULL ORDER BY seq LIMIT ${BATCH}) waiting),
  marked AS (UPDATE outbox o SET published_at = clock_timestamp(), position = $1::bigint + b.n FROM batch b WHERE o.seq = b.seq)
  UPDATE bus_state SET position = $1::bigint + (SELECT count(*) FROM batch) WHERE id = 1 AND EXISTS (SELECT 1 FROM batch)
  RETURNING (SELECT count(*)::int FROM batch) AS published`;

/**
 * Publishes what waits in the outbox, in order: each event gets its position and consumers are woken, in one transaction.
 * A crash publishes nothing or all; a consumer that missed the wake finds the events by their positions.
 * @returns how many were published
 */
export function createOutboxRelay(pool: Pool) {
  return async (fence: Fence): Promise<number> => {
    const published = await inTransaction(pool, async (client) => {
      const { rows: held } = await client.query<{ position: string }>(LOCK, [fence.name, fence.token]);
      const position = held[0]?.position;
      if (position === undefined) throw new SupersededError(`the ${fence.name} lease has a new holder`);
      const { rows } = await client.query<{ published: number }>(MARK, [position]);
      const count = rows[0]?.published ?? 0;
      if (count === 0) return 0;
      failpoint('relay-marked');
      await client.query(`SELECT pg_notify('bus', '')`);
      failpoint('relay-notified');
      return count;
    });
    if (published > 0) failpoint('relay-committed');
    return published;
  };
}
