import type { Pool } from 'pg';
import type { RoundStore } from '@/server/application/ports/round-store';

/** What the last reconciliation round took, for the console. */
export function createRoundStore(pool: Pick<Pool, 'query'>): RoundStore {
  return {
    async saveRound(round) {
      const figures = {
        ok: round.ok,
        ms: round.ms,
        statements: round.statements,
        requests: round.requests,
        open_orders: round.openOrders,
        waited_ms: round.waitedMs,
        every_ms: round.everyMs,
      };
      await pool.query(
        `UPDATE accounts SET round = $1::jsonb || jsonb_build_object('at', to_char(clock_timestamp() AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) WHERE id = 1`,
        [JSON.stringify(figures)],
      );
    },
  };
}
