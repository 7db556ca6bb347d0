import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import type { Pool } from 'pg';
import { createAuditCheckpoints } from '@/server/adapters/files/audit-checkpoints';
import { createBreakGlassJournal } from '@/server/adapters/files/break-glass-journal';
import { createNewsFile } from '@/server/adapters/files/news-file';
import { createNatsBus } from '@/server/adapters/nats/bus';
import { createAuditLog } from '@/server/adapters/postgres/access/audit-chain';
import { createReconciliationStore } from '@/server/adapters/postgres/books/reconciliation-store';
import { createRoundStore } from '@/server/adapters/postgres/books/round-store';
import { createTieOutStore } from '@/server/adapters/postgres/books/tie-out-store';
import { createEventLog } from '@/server/adapters/postgres/bus/event-log';
import { type ListenEvents, listen } from '@/server/adapters/postgres/bus/listener';
import { createOutboxBus } from '@/server/adapters/postgres/bus/outbox-bus';
import { createOutboxRelay } from '@/server/adapters/postgres/bus/outbox-relay';
import { countStatements } from '@/server/adapters/postgres/count-statements';
import { createFeatureStore } from '@/server/adapters/postgres/market/feature-store';
import { createMarketStore } from '@/server/adapters/postgres/market/market-store';
import { createNewsStore } from '@/server/adapters/postgres/market/news-store';
import { createRecentBars } from '@/server/adapters/postgres/market/recent-bars';
import { createAlertStore } from '@/server/adapters/postgres/ops/alert-store';
import { createBreakGlassStore } from '@/server/adapters/postgres/ops/break-glass-store';
import { createDrillStore } from '@/server/adapters/postgres/ops/drill-store';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createMaintenance } from '@/server/adapters/postgres/ops/maintenance';
import { ensureDefaults, loadPolicyBody, publishNewThresholds } from '@/server/adapters/postgres/ops/policy-versions';
import { createTradingStore } from '@/server/adapters/postgres/ops/trading-store';
import { createWorkerStore } from '@/server/adapters/postgres/ops/worker-store';
import { createExecutionStore } from '@/server/adapters/postgres/orders/execution-store';
import { createExitRequests } from '@/server/adapters/postgres/orders/exit-requests';
import { createExitStore } from '@/server/adapters/postgres/orders/exit-store';
import { createOrderStore } from '@/server/adapters/postgres/orders/order-store';
import { createPlacementStore } from '@/server/adapters/postgres/orders/placement-store';
import { createProtectionStore } from '@/server/adapters/postgres/orders/protection-store';
import { createPool } from '@/server/adapters/postgres/pool';
import { createSignalTasks } from '@/server/adapters/postgres/signals/signal-tasks';
import { createStrategyStore } from '@/server/adapters/postgres/signals/strategy-store';
import { isDatabaseUnavailable } from '@/server/adapters/postgres/unavailable';
import type { OnFault } from '@/server/application/bus/outbox-consumer';
import { bookBreakGlass } from '@/server/application/halt/break-glass';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import type { BarRange, BarStore } from '@/server/application/ports/bar-store';
import type { BrokerGateway, MeteredBroker } from '@/server/application/ports/broker-gateway';
import type { EventBus } from '@/server/application/ports/bus';
import type { OrderCaps } from '@/server/application/sending/judge-decision';
import { PARTITIONS } from '@/server/contracts/event';
import type { Clock } from '@/server/kernel/clock';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { openBroker } from './brokers';
import type { Env } from './env';
import { createQuotes, lazyHistory } from './market';
import { composeMemoService, composeReasoning } from './reasoning';
import { createCommands } from './web';

/** Sends under way at once, each on a connection of its own. */
const SENDERS = 8;

export const systemClock: Clock = {
  nowMs: () => Date.now(),
  monotonicMs: () => performance.now(),
  newId: () => randomUUID(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) return resolve();
      const timer = setTimeout(done, ms);
      function done() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      signal?.addEventListener('abort', done, { once: true });
    }),
};

function createPools(url: string) {
  return {
    main: createPool(url, { name: 'worker', max: 10 }),
    control: createPool(url, { name: 'worker control', max: 3, statementTimeoutMs: 30_000 }),
    /** Each connection holds the send lock while it sends, and nothing else. */
    send: createPool(url, { name: 'worker send', max: SENDERS }),
    /** A connection for each event that is being handled. */
    bus: createPool(url, { name: 'worker bus', max: PARTITIONS }),
    /** Reconciliation's own, so that its statements can be counted. */
    rounds: createPool(url, { name: 'worker reconciliation', max: 3 }),
  };
}

/** The engine that NATS_URL names, or Postgres alone. */
function createBus(env: Env, pool: Pool, onFault: OnFault, onState: (what: string) => void): EventBus {
  const parts = { log: createEventLog(pool), clock: systemClock, onFault };
  if (env.NATS_URL === undefined) return createOutboxBus(parts);
  return createNatsBus({ ...parts, url: env.NATS_URL, name: 'countersign worker', onState });
}

/** What reconciliation works with: the usual stores and broker, with statements and requests counted. */
function createRoundParts(pool: Pool, sendPool: Pool, { broker, counts }: MeteredBroker) {
  const statements = countStatements(pool);
  return {
    broker,
    store: createExecutionStore(pool, sendPool),
    books: createReconciliationStore(pool),
    figures: createRoundStore(pool),
    /** Since the process began. */
    counts: () => ({ statements: statements(), ...counts() }),
  };
}

/** The file that NEWS_FILE names, or the market data source. */
function createNewsFeed(env: Env, { news, newsName }: BrokerGateway) {
  return env.NEWS_FILE === undefined
    ? { name: newsName, source: news }
    : { name: 'file', source: createNewsFile(env.NEWS_FILE) };
}

const orderCaps = ({ MAX_ORDER_NOTIONAL, MAX_ORDER_SHARES }: Env): OrderCaps => ({
  notional: MAX_ORDER_NOTIONAL === undefined ? null : parseMoney(MAX_ORDER_NOTIONAL),
  qty: MAX_ORDER_SHARES === undefined ? null : parseUnits(MAX_ORDER_SHARES),
});

/** Everything a worker works with, wired over its pools and the venue's addresses. */
export function composeWorker(env: Env, onFault: OnFault, onState: (what: string) => void) {
  const pools = createPools(env.DATABASE_URL);
  const bus = createBus(env, pools.bus, onFault, onState);
  const quotes = createQuotes(env.REDIS_URL, pools.main, systemClock.nowMs, onState);
  const history = lazyHistory(env.DATA_DIR);
  const gateway = openBroker(env);
  const journal = createBreakGlassJournal(env.DATA_DIR);
  const records = createBreakGlassStore(pools.main);
  const policies = new PolicyCache((version) => loadPolicyBody(pools.main, version));
  return {
    clock: systemClock,
    brokerAddress: gateway.address,
    broker: gateway.broker,
    urgent: gateway.urgent,
    drills: createDrillStore(pools.main),
    caps: orderCaps(env),
    breakGlass: { store: records, journal, suspension: gateway.suspension },
    marketData: gateway.marketData,
    newsFeed: createNewsFeed(env, gateway),
    newsStore: createNewsStore(pools.main),
    tradeStream: gateway.tradeStream,
    brokerHealth: () => gateway.health(),
    venue: () => gateway.venue(),
    commands: createCommands(
      { main: pools.main, control: pools.control },
      { codeVersion: env.CODE_VERSION, strategies: env.STRATEGIES, onFault },
    ),
    placements: createPlacementStore(pools.main, policies, env.CODE_VERSION),
    execution: createExecutionStore(pools.main, pools.send),
    books: createReconciliationStore(pools.main),
    tieOuts: createTieOutStore(pools.main),
    rounds: createRoundParts(pools.rounds, pools.send, gateway.metered()),
    alerts: createAlertStore(pools.main),
    trading: createTradingStore(pools.control, pools.main),
    market: createMarketStore(pools.main),
    features: createFeatureStore(pools.main),
    signalTasks: createSignalTasks(pools.main),
    strategySettings: createStrategyStore(pools.main),
    /** Reads only; where nothing was ever kept, DuckDB is not loaded. */
    history: {
      read: async (range: BarRange) => (existsSync(path.join(env.DATA_DIR, 'history')) ? history.read(range) : []),
    },
    /** Close it before the pools. */
    reasoning: (signal: AbortSignal) => {
      const service = composeReasoning(env, pools.main, signal, onFault);
      const memos = composeMemoService(service, pools.main, systemClock, signal, onFault);
      return { memos, state: service.state, close: service.close };
    },
    leases: createLeaseStore(pools.control),
    exits: createExitStore(pools.main),
    exitRequests: createExitRequests(pools.main),
    protection: createProtectionStore(pools.main),
    /** Signed in the data folder, outside the database. */
    auditLog: createAuditLog(pools.main),
    auditCheckpoints: createAuditCheckpoints(env.DATA_DIR),
    orders: createOrderStore(pools.main),
    worker: createWorkerStore(pools.main),
    relay: createOutboxRelay(pools.main),
    bus,
    quotes,
    maintenance: createMaintenance(pools.main),
    recentBars: createRecentBars(pools.main),
    /** DuckDB is loaded with it. Close it. */
    openHistory: async (): Promise<BarStore> => (await import('./history')).openHistory(env.DATA_DIR),
    /** Before anything trades: what was stopped at the broker meanwhile is stopped here too. */
    async ready() {
      await ensureDefaults(pools.main);
      const published = await publishNewThresholds(pools.main);
      if (published !== null) {
        onState(
          `policy version ${published.version} is active: it adds ${published.added.join(', ')} at their defaults`,
        );
      }
      await bookBreakGlass(journal, records);
    },
    listen: (channels: readonly string[], events: ListenEvents) => listen(env.DATABASE_URL, channels, events),
    isTransient: isDatabaseUnavailable,
    async close() {
      await Promise.all([bus.close(), quotes.close()]);
      await gateway.close();
      await Promise.all(Object.values(pools).map((pool: Pool) => pool.end()));
    },
  };
}

export type WorkerParts = ReturnType<typeof composeWorker>;
