import type { Commands } from '@/server/application/commands';
import type { BotOrders } from '@/server/application/ports/bot-orders';
import { type BotSettings, botStrategy } from '@/server/contracts/bots';
import type { BotOrderRequest } from '@/server/contracts/order';
import type { Actor } from '@/server/kernel/actor';

/** A token at the gateway, with what its orders are judged by. */
export interface Bot {
  /** Id of the token. */
  readonly id: string;
  readonly name: string;
  /** User that it acts for. */
  readonly principalId: string;
  readonly settings: BotSettings;
}

export type BotPlacement =
  | Awaited<ReturnType<Commands['placeOrder']>>
  /** The bot was stopped a moment ago. */
  | { readonly kind: 'STOPPED' }
  /** The settings of the bot do not name the symbol. */
  | { readonly kind: 'SYMBOL_REFUSED'; readonly symbols: readonly string[] };

/** How long an order may wait for its decision before it must be asked for again. */
const SIGNAL_TTL_MS = 15 * 60_000;

interface Parts {
  readonly orders: Pick<BotOrders, 'register'>;
  readonly placeOrder: Commands['placeOrder'];
  readonly newId: () => string;
}

/** Keys belong to a principal, and a principal may have several bots whose ids of orders are their own (F-1). */
const keyOf = (bot: Bot, clientOrderId: string): string => `bot:${bot.id}:${clientOrderId}`;

/** The bot's stop for an order that opens a position and states none. */
function withDefaultStop(order: BotOrderRequest, { stop_distance_pct: distance }: BotSettings): BotOrderRequest {
  const takesStop =
    order.side === 'BUY' &&
    (order.order_type === 'MARKET' || order.order_type === 'LIMIT') &&
    (order.time_in_force === 'DAY' || order.time_in_force === 'GTC');
  if (distance === undefined || !takesStop || order.stop_loss !== undefined) return order;
  return { ...order, stop_loss: { distance_pct: String(distance) } };
}

/**
 * Places an order of a bot once for each client order id: registers the candidate that it rests on, then goes through the gate as
 * every other order. Killed between the two, the bot's own repetition goes on with the stored candidate.
 */
export function createPlaceBotOrder({ orders, placeOrder, newId }: Parts) {
  return async (bot: Bot, actor: Actor, clientOrderId: string, request: BotOrderRequest): Promise<BotPlacement> => {
    const { symbols, confidence, max_order_pct: sizePct } = bot.settings;
    if (symbols !== undefined && !symbols.includes(request.symbol)) return { kind: 'SYMBOL_REFUSED', symbols };
    const signalId = await orders.register({
      id: newId(),
      eventId: newId(),
      botId: bot.id,
      principalId: bot.principalId,
      clientOrderId,
      strategy: botStrategy(bot.settings, bot.name),
      symbol: request.symbol,
      action: request.side,
      confidence: confidence ?? null,
      sizePct: sizePct ?? 1,
      ttlMs: SIGNAL_TTL_MS,
    });
    if (signalId === null) return { kind: 'STOPPED' };
    const order = withDefaultStop(request, bot.settings);
    return placeOrder(actor, keyOf(bot, clientOrderId), { ...order, signal_id: signalId });
  };
}
