import type { Bot } from '@/server/application/bots/place-bot-order';
import type { BotOrder, BotOrderQuery } from '@/server/application/ports/bot-orders';
import type { BotOrderRequest } from '@/server/contracts/order';
import type { Refusal, RefusalReason } from '@/server/kernel/outcome';
import { readOrder } from '../alpaca/order-request';
import { presentOrder } from '../alpaca/present-order';
import { ApiError, badField, forbidden, notFound, unavailable, unsupported } from '../errors';
import { instant, list, oneOf, wholeNumber } from '../query';
import type { Answer, Call, Route } from '../route';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const SIDES = { '': null, buy: 'BUY', sell: 'SELL' } as const;

const present = ({ services }: Call, order: BotOrder): object =>
  presentOrder(order, { address: services.consoleAddress });

/** Of several rules the message names all: a bot shows nothing else to its user. */
const inWords = (reasons: readonly RefusalReason[]): string =>
  reasons
    .filter(({ tier }) => tier === 'REJECT')
    .map(({ code, message }) => `${code}: ${message}`)
    .join('; ');

/**
 * Places an order of the bot and gives it as it is now.
 * @throws ApiError 403 where the gate or the bot's settings refuse it, 422 for an id that was used for another order, 503 to repeat it
 */
export async function place(call: Call, clientOrderId: string, request: BotOrderRequest): Promise<BotOrder> {
  const { caller, services } = call;
  const placement = await services.place(caller.bot, caller.actor, clientOrderId, request);
  switch (placement.kind) {
    case 'PLACED':
    case 'REVIEW':
      return stored(call, caller.bot, clientOrderId);
    case 'REJECTED':
      throw forbidden(inWords(placement.reasons) || placement.code, {
        countersign: { decision: 'REJECT', reasons: placement.reasons },
      });
    case 'STOPPED':
      throw new ApiError(401, 40110000, 'request is not authorized: the bot was stopped');
    case 'SYMBOL_REFUSED':
      throw forbidden(`BOT_SYMBOL: this bot may trade ${placement.symbols.join(', ')} alone`);
    case 'KEY_REUSED':
    case 'FOREIGN_SIGNAL':
      throw badField('client_order_id must be unique: it was used for another order');
    case 'KEY_IN_FLIGHT':
      throw unavailable('the order is still being decided; repeat it with the same client_order_id');
    case 'UNAVAILABLE':
      throw unavailable(
        'the order could not be decided and nothing was stored; repeat it with the same client_order_id',
      );
  }
}

async function stored({ services }: Call, bot: Bot, clientOrderId: string): Promise<BotOrder> {
  const order = await services.orders.byClientOrderId(bot.id, clientOrderId);
  if (order === null) throw new Error(`the order ${clientOrderId} was placed and is not there`);
  return order;
}

async function postOrder(call: Call): Promise<Answer> {
  const { clientOrderId, request } = readOrder(await call.body());
  return { status: 200, body: present(call, await place(call, clientOrderId ?? call.services.newId(), request)) };
}

/** @throws ApiError 404 for an order of another bot too: a bot sees its own orders alone */
async function find({ caller, services, name }: Call): Promise<BotOrder> {
  const order = UUID.test(name) ? await services.orders.byId(caller.bot.id, name) : null;
  if (order === null) throw notFound(`order not found for ${name.slice(0, 64)}`);
  return order;
}

async function getByClientOrderId(call: Call): Promise<Answer> {
  const id = call.query.get('client_order_id');
  if (id === null || id === '') throw badField('client_order_id is required');
  const order = await call.services.orders.byClientOrderId(call.caller.bot.id, id);
  if (order === null) throw notFound(`order not found for ${id.slice(0, 128)}`);
  return { status: 200, body: present(call, order) };
}

/** The bounds that lists of orders and of fills have in common. @throws ApiError 422 */
export function readBounds(query: URLSearchParams): Omit<BotOrderQuery, 'status' | 'limit'> {
  return {
    symbols: list(query, 'symbols').map((symbol) => symbol.toUpperCase()),
    side: SIDES[oneOf(query, 'side', ['', 'buy', 'sell'], '')],
    afterMs: instant(query, 'after'),
    untilMs: instant(query, 'until'),
    direction: oneOf(query, 'direction', ['asc', 'desc'], 'desc'),
  };
}

async function listOrders(call: Call): Promise<Answer> {
  const { query, caller, services } = call;
  const orders = await services.orders.list(caller.bot.id, {
    ...readBounds(query),
    status: oneOf(query, 'status', ['open', 'closed', 'all'], 'open'),
    limit: wholeNumber(query, 'limit', 50, 1, 500),
  });
  return { status: 200, body: orders.map((order) => present(call, order)) };
}

/** What Alpaca answers to a cancel that comes too late. */
function cancelFault({ code, message }: Refusal): ApiError {
  if (code === 'NOT_FOUND') return notFound(message);
  if (code === 'UNAVAILABLE') return unavailable(message);
  return new ApiError(422, 42210000, `order is not cancelable: ${message}`);
}

async function cancelOrder(call: Call): Promise<Answer> {
  const outcome = await call.services.cancel(call.caller.actor, await find(call));
  if (!outcome.ok) throw cancelFault(outcome);
  return { status: 204 };
}

/** Requests the cancel of every open order of the bot. @returns Alpaca's list of results */
export async function cancelAll({ caller, services }: Call, symbols: readonly string[] = []): Promise<object[]> {
  const bounds = { status: 'open', symbols, side: null, afterMs: null, untilMs: null } as const;
  const open = await services.orders.list(caller.bot.id, { ...bounds, direction: 'asc', limit: 500 });
  const results: object[] = [];
  for (const order of open) {
    const outcome = await services.cancel(caller.actor, order);
    results.push(
      outcome.ok ? { id: order.id, status: 200 } : { id: order.id, status: 422, body: cancelFault(outcome).body() },
    );
  }
  return results;
}

export const orderRoutes: readonly Route[] = [
  { method: 'POST', path: '/v2/orders', scope: 'orders:write', handle: postOrder },
  { method: 'GET', path: '/v2/orders', scope: 'orders:read', handle: listOrders },
  { method: 'GET', path: '/v2/orders:by_client_order_id', scope: 'orders:read', handle: getByClientOrderId },
  {
    method: 'DELETE',
    path: '/v2/orders',
    scope: 'orders:write',
    handle: async (call) => ({ status: 207, body: await cancelAll(call) }),
  },
  {
    method: 'GET',
    path: '/v2/orders/:name',
    scope: 'orders:read',
    handle: async (call) => ({ status: 200, body: present(call, await find(call)) }),
  },
  { method: 'DELETE', path: '/v2/orders/:name', scope: 'orders:write', handle: cancelOrder },
  {
    method: 'PATCH',
    path: '/v2/orders/:name',
    scope: 'orders:write',
    handle: async () => {
      throw unsupported('replacing orders (cancel the order and place another) is');
    },
  },
];
