import { hash, randomUUID } from 'node:crypto';
import type { Logger } from 'pino';
import { createTokenStore } from '@/server/adapters/postgres/access/tokens';
import { createBotAccountReads } from '@/server/adapters/postgres/bots/bot-account';
import { createBotOrders } from '@/server/adapters/postgres/bots/bot-orders';
import { createOutboxFeed } from '@/server/adapters/postgres/bus/read-outbox-feed';
import { loadPolicyBody } from '@/server/adapters/postgres/ops/policy-versions';
import { createExitRequests } from '@/server/adapters/postgres/orders/exit-requests';
import { createOrderStore } from '@/server/adapters/postgres/orders/order-store';
import { createPlacementStore } from '@/server/adapters/postgres/orders/placement-store';
import { createPool } from '@/server/adapters/postgres/pool';
import { createCancelBotOrder } from '@/server/application/bots/cancel-bot-order';
import { createPlaceBotOrder } from '@/server/application/bots/place-bot-order';
import { createOrderCommands } from '@/server/application/exits/order-commands';
import { OrderPlacer } from '@/server/application/placing/place-order';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import { TokenVerifier } from '@/server/auth/tokens';
import { isDatabaseUnavailable } from './database-fault';
import type { Env } from './env';
import { createMarketReads, createQuotes } from './market';

const CONNECTIONS = 6;
const TOKEN_CONNECTIONS = 2;

/** Wires the gateway: it has the rights of the web process in the database, and no broker keys. The caller closes it. */
export function composeGateway(env: Env, log: Logger) {
  const { DATABASE_URL, DATA_DIR, REDIS_URL, NEXTAUTH_URL, PORT, CODE_VERSION } = env;
  const pool = createPool(DATABASE_URL, { name: 'gateway', max: CONNECTIONS });
  const tokenPool = createPool(DATABASE_URL, { name: 'gateway tokens', max: TOKEN_CONNECTIONS });
  const newId = () => randomUUID();
  const tools = { newId, sha256: (text: string) => hash('sha256', text) };
  const policies = new PolicyCache((version) => loadPolicyBody(pool, version));
  const placements = createPlacementStore(pool, policies, CODE_VERSION);
  const placer = new OrderPlacer(placements, tools, (error) => log.error({ err: error }, 'placing'));
  const quotes = createQuotes(REDIS_URL, pool, Date.now, (what) => log.info({}, what));
  const tokens = new TokenVerifier(createTokenStore(tokenPool), Date.now);
  const orders = createBotOrders(pool);
  const account = createBotAccountReads(pool);
  return {
    verifyToken: (token: string) => tokens.verify(token),
    place: createPlaceBotOrder({
      orders,
      placeOrder: (actor, key, request) => placer.place(actor, key, request),
      newId,
    }),
    cancel: createCancelBotOrder(createOrderCommands(createOrderStore(pool), createExitRequests(pool), newId)),
    orders,
    account,
    policy: () => account.policy(),
    market: createMarketReads(pool, quotes, DATA_DIR),
    feed: createOutboxFeed(DATABASE_URL),
    consoleAddress: (NEXTAUTH_URL ?? `http://127.0.0.1:${PORT}`).replace(/\/$/, ''),
    newId,
    nowMs: Date.now,
    isUnavailable: isDatabaseUnavailable,
    onFault: (error: unknown, requestId: string) => log.error({ err: error, requestId }, 'request failed'),
    close: async () => {
      await Promise.all([quotes.close(), pool.end(), tokenPool.end()]);
    },
  };
}
