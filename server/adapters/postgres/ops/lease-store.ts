import type { Pool } from 'pg';
import type { LeaseStore } from '@/server/application/ports/lease';

/** Leases in Postgres, by the database's own clock: workers' clocks need not agree. */
export function createLeaseStore(pool: Pool): LeaseStore {
  return {
    async acquire(name, holder, ttlMs) {
      // An expired lease changes hands and its token is incremented; a holder that acquires it again also gets a new token.
      const { rows } = await pool.query<{ token: string }>(
        `INSERT INTO leases AS l (name, holder, token, expires_at)
         VALUES ($1, $2, 1, clock_timestamp() + $3 * interval '1 millisecond')
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, token = l.token + 1, expires_at = excluded.expires_at
           WHERE l.expires_at <= clock_timestamp() OR l.holder = excluded.holder
         RETURNING token::text`,
        [name, holder, ttlMs],
      );
      const token = rows[0]?.token;
      return token === undefined ? null : { name, token };
    },
    async renew(fence, ttlMs) {
      const { rowCount } = await pool.query(
        `UPDATE leases SET expires_at = clock_timestamp() + $3 * interval '1 millisecond'
         WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp()`,
        [fence.name, fence.token, ttlMs],
      );
      return rowCount === 1;
    },
    async release(fence) {
      // Long past, not now: a released lease is free at once, even if the clock is set back.
      await pool.query("UPDATE leases SET expires_at = 'epoch' WHERE name = $1 AND token = $2::bigint", [
        fence.name,
        fence.token,
      ]);
    },
  };
}
