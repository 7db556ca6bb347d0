import type { Pool } from 'pg';
import type { BotStops } from '@/server/application/bots/stop-bot';

/** Stops bots by the one function that the web process has for it. */
export function createBotStops(pool: Pick<Pool, 'query'>): BotStops {
  return {
    async stop(actor, botId, reason) {
      const { rows } = await pool.query<{ outcome: 'STOPPED' | 'ALREADY' | 'NOT_FOUND' }>(
        'SELECT bot_stop($1, $2, $3, $4) AS outcome',
        [botId, actor.name, reason, actor.correlationId],
      );
      return rows[0]?.outcome ?? 'NOT_FOUND';
    },
  };
}
