import type { Commands } from '@/server/application/commands';
import type { BotOrders } from '@/server/application/ports/bot-orders';
import type { Actor } from '@/server/kernel/actor';
import { refuse } from '@/server/kernel/outcome';

export interface BotStops {
  /** Revokes the token, audited. */
  stop(actor: Actor, botId: string, reason: string): Promise<'STOPPED' | 'ALREADY' | 'NOT_FOUND'>;
}

/** Most orders that one stop cancels; what remains is cancelled by stopping again. */
const MOST = 500;
const EVERY_OPEN = { status: 'open', symbols: [], side: null, afterMs: null, untilMs: null } as const;

/**
 * Stops a bot: first its token ends, so that nothing more comes of it, then its open orders are cancelled and its waiting requests
 * rejected. Its positions stay, with their stops. Repeated, it cancels what is still open.
 */
export function createStopBot(
  stops: BotStops,
  orders: Pick<BotOrders, 'list'>,
  { cancelOrder, reject }: Pick<Commands, 'cancelOrder' | 'reject'>,
): Pick<Commands, 'stopBot'> {
  return {
    async stopBot(actor, botId, reason) {
      const outcome = await stops.stop(actor, botId, reason);
      if (outcome === 'NOT_FOUND') return refuse('NOT_FOUND', 'There is no such bot.');
      const open = await orders.list(botId, { ...EVERY_OPEN, direction: 'asc', limit: MOST });
      let cancelled = 0;
      for (const { id, orderId } of open) {
        const why = `bot stopped: ${reason}`;
        const ended = await (orderId === null ? reject(actor, id, why) : cancelOrder(actor, orderId, why));
        if (ended.ok) cancelled += 1;
      }
      if (outcome === 'ALREADY' && open.length === 0)
        return refuse('ALREADY_DECIDED', 'This bot is stopped already, and none of its orders is open.');
      return { ok: true, cancelled };
    },
  };
}
