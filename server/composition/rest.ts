import { hash, randomUUID } from 'node:crypto';
import { type Logger, pino } from 'pino';
import { createTokenStore } from '@/server/adapters/postgres/access/tokens';
import { getPortfolio } from '@/server/adapters/postgres/books/portfolio-read';
import { readReadiness } from '@/server/adapters/postgres/ops/readiness-read';
import { getApproval, getOrder, listApprovals, listOrders } from '@/server/adapters/postgres/orders/orders-read';
import { createPool } from '@/server/adapters/postgres/pool';
import { getPrisma, type PrismaClient } from '@/server/adapters/postgres/prisma';
import { createSignalStore } from '@/server/adapters/postgres/signals/signal-store';
import { createSignalTasks } from '@/server/adapters/postgres/signals/signal-tasks';
import { getSignal, listSignals } from '@/server/adapters/postgres/signals/signals-read';
import type { RestReads, RestServices } from '@/server/api/rest/services';
import type { MarketReads } from '@/server/application/history/market-reads';
import { createGenerateSignal } from '@/server/application/signals/generate-signal';
import { createSubmitSignal } from '@/server/application/signals/submit-signal';
import { TokenVerifier } from '@/server/auth/tokens';
import { type Env, readEnv } from '@/server/composition/env';
import { createMarketReads, createQuotes } from '@/server/composition/market';
import { getCommands, getPool } from '@/server/composition/web';

/** Token look-ups are rare: known tokens are remembered for seconds. */
const TOKEN_CONNECTIONS = 2;

// Route handlers are loaded separately; the process keeps one set of services, and one token cache.
const holder = globalThis as typeof globalThis & { countersignRest?: RestServices };

/** The process's REST services, made at first use: a build needs no database. @throws EnvError */
export function getRestServices(): RestServices {
  holder.countersignRest ??= build();
  return holder.countersignRest;
}

function build(): RestServices {
  const env = readEnv();
  const logger = pino({ name: 'rest', level: env.LOG_LEVEL });
  const tokens = new TokenVerifier(
    createTokenStore(createPool(env.DATABASE_URL, { name: 'tokens', max: TOKEN_CONNECTIONS })),
    Date.now,
  );
  return {
    commands: getCommands(),
    generateSignal: createGenerateSignal(createSignalStore(getPool()), randomUUID),
    submitSignal: createSubmitSignal(createSignalTasks(getPool()), {
      newId: randomUUID,
      sha256: (text) => hash('sha256', text),
    }),
    reads: createRestReads(getPrisma(env.DATABASE_URL), market(env, logger)),
    verifyToken: (token) => tokens.verify(token),
    onFault: (error, requestId) => logger.error({ err: error, requestId }, 'request failed'),
  };
}

function market({ DATA_DIR, REDIS_URL }: Env, logger: Logger): MarketReads {
  const quotes = createQuotes(REDIS_URL, getPool(), Date.now, (what) => logger.info(what));
  return createMarketReads(getPool(), quotes, DATA_DIR);
}

/** The reads of the API over a Prisma client. */
export function createRestReads(db: PrismaClient, market: MarketReads): RestReads {
  return {
    market,
    orders: (query) => listOrders(db, query),
    order: (id) => getOrder(db, id),
    signals: (query) => listSignals(db, query),
    signal: (id) => getSignal(db, id),
    approvals: (query) => listApprovals(db, query),
    approval: (id) => getApproval(db, id),
    portfolio: () => getPortfolio(db, Date.now()),
    readiness: () => readReadiness(db),
  };
}
