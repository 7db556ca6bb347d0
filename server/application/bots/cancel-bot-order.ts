import type { Commands } from '@/server/application/commands';
import type { BotOrder } from '@/server/application/ports/bot-orders';
import type { Actor } from '@/server/kernel/actor';
import type { Outcome } from '@/server/kernel/outcome';

/** Cancels an order of a bot, or withdraws its request while that waits for a person. */
export function createCancelBotOrder({ cancelOrder, reject }: Pick<Commands, 'cancelOrder' | 'reject'>) {
  return async (actor: Actor, order: BotOrder): Promise<Outcome<{ status: string }>> => {
    if (order.orderId !== null) return cancelOrder(actor, order.orderId, `requested by ${actor.name}`);
    return reject(actor, order.approvalId ?? order.id, `withdrawn by ${actor.name}`);
  };
}
