import type { Pool } from 'pg';
import { LIVE } from '@/server/adapters/postgres/sets';
import type { WatchdogStore } from '@/server/application/ports/watchdog-store';

const SIGNS = `
  SELECT (SELECT (extract(epoch FROM clock_timestamp() - max(beat_at)) * 1000)::float8 FROM worker_heartbeats WHERE 'execution' = ANY (roles)) AS beat,
    (SELECT count(*)::int FROM orders WHERE status IN ${LIVE}) AS working`;

/** Heartbeats by the database's clock: a process whose own clock is wrong is no older for it. */
export function createWatchdogStore(pool: Pool): WatchdogStore {
  return {
    async signs() {
      const { rows } = await pool.query<{ beat: number | null; working: number }>(SIGNS);
      return { beatAgeMs: rows[0]?.beat ?? null, working: rows[0]?.working ?? 0 };
    },
  };
}
