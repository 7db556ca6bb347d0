import type { Pool } from 'pg';
import type { BreakGlassStore } from '@/server/application/ports/break-glass';

const TO_LIFT = `
  SELECT s.record_id AS id, s.kind, s.actor, s.reason FROM break_glass s
  WHERE s.phase = 'SUSPENDING' AND NOT EXISTS (SELECT 1 FROM break_glass l WHERE l.record_id = s.record_id AND l.phase = 'LIFTED')`;

/** What was done without the database, booked once each. */
export function createBreakGlassStore(pool: Pool): BreakGlassStore {
  return {
    async book({ id, phase, kind, actor, reason, at, data }) {
      const { rows } = await pool.query<{ booked: boolean }>(
        'SELECT break_glass_book($1, $2, $3, $4, $5, $6, $7::jsonb) AS booked',
        [id, phase, kind, actor, reason, at, JSON.stringify(data)],
      );
      return rows[0]?.booked === true;
    },
    async suspensionsToLift() {
      const state = await pool.query<{ state: string }>('SELECT state FROM trading_state WHERE id = 1');
      if (state.rows[0]?.state !== 'ACTIVE') return null;
      const { rows } = await pool.query<{
        id: string;
        kind: 'BREAK_GLASS' | 'DEAD_MAN';
        actor: string;
        reason: string;
      }>(TO_LIFT);
      return rows;
    },
  };
}
