// A component that reaches this file fails the build: nothing of it may go to a browser.
import 'server-only';
import { hash, randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import pino from 'pino';
import { createApprovalStore } from '@/server/adapters/postgres/approvals/approval-store';
import { createBooksStore } from '@/server/adapters/postgres/books/books-store';
import { createBotOrders } from '@/server/adapters/postgres/bots/bot-orders';
import { createBotStops } from '@/server/adapters/postgres/bots/bot-stops';
import { createMarketEventStore } from '@/server/adapters/postgres/market/market-event-store';
import { createAlertAcknowledgements } from '@/server/adapters/postgres/ops/alert-store';
import { createDrillStore } from '@/server/adapters/postgres/ops/drill-store';
import { ensureDefaults, loadPolicyBody } from '@/server/adapters/postgres/ops/policy-versions';
import { createTradingStore } from '@/server/adapters/postgres/ops/trading-store';
import { createEvaluationStore } from '@/server/adapters/postgres/orders/evaluation-store';
import { createExitRequests } from '@/server/adapters/postgres/orders/exit-requests';
import { createOrderStore } from '@/server/adapters/postgres/orders/order-store';
import { createPlacementStore } from '@/server/adapters/postgres/orders/placement-store';
import { createPool } from '@/server/adapters/postgres/pool';
import { createReasoningSettingsStore } from '@/server/adapters/postgres/reasoning/settings-store';
import { createStrategyStore } from '@/server/adapters/postgres/signals/strategy-store';
import { createAlertCommands } from '@/server/application/alerts/acknowledge';
import { createApprove } from '@/server/application/approvals/approve';
import { createRejectMany } from '@/server/application/approvals/reject-many';
import { createStopBot } from '@/server/application/bots/stop-bot';
import type { Commands } from '@/server/application/commands';
import { createOrderCommands } from '@/server/application/exits/order-commands';
import { createDrillCommands } from '@/server/application/halt/drill/request-drill';
import { createTradingCommands } from '@/server/application/halt/trading-state';
import { createMarketEventCommands } from '@/server/application/market/market-event-commands';
import { OrderPlacer } from '@/server/application/placing/place-order';
import { createEvaluateCandidate } from '@/server/application/policy/evaluate-candidate';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import { createReasoningCommands } from '@/server/application/reasoning/settings';
import { createBooksCommands } from '@/server/application/reconciliation/books-commands';
import { createStrategyCommands } from '@/server/application/signals/strategy-commands';
import { readEnv } from '@/server/composition/env';
import { initialStrategies } from '@/server/domain/strategy/settings';

const sha256 = (text: string) => hash('sha256', text);

export interface CommandPools {
  /** Placing, approving and everything else. */
  readonly main: Pool;
  /** A few connections for halts alone: they never wait behind placements for a free one. */
  readonly control: Pool;
}

export interface CommandOptions {
  readonly codeVersion: string;
  /** The setting STRATEGIES: what runs where nobody has set anything. */
  readonly strategies?: string;
  readonly onFault?: (what: string, error: unknown) => void;
}

/** Wires the commands over two pools. The caller owns the pools and ends them. */
export function createCommands(pools: CommandPools, options: CommandOptions): Commands {
  const { main, control } = pools;
  const onFault = options.onFault ?? (() => undefined);
  const tools = { newId: () => randomUUID(), sha256 };
  const policies = new PolicyCache((version) => loadPolicyBody(main, version));
  const placements = createPlacementStore(main, policies, options.codeVersion);
  const orders = createOrderCommands(createOrderStore(main), createExitRequests(main), tools.newId);
  const placer = new OrderPlacer(placements, tools, (error) => onFault('placing', error));
  return {
    ...createEvaluateCandidate(createEvaluationStore(main, policies, options.codeVersion), tools),
    placeOrder: (actor, key, request) => placer.place(actor, key, request),
    placeSignal: (actor, signal) => placer.placeSignal(actor, signal),
    ...orders,
    ...createRejectMany(orders.reject),
    ...createStopBot(createBotStops(main), createBotOrders(main), orders),
    ...createBooksCommands(createBooksStore(main)),
    ...createAlertCommands(createAlertAcknowledgements(main)),
    ...createMarketEventCommands(createMarketEventStore(main)),
    ...createApprove(createApprovalStore(main, placements, options.codeVersion), tools),
    ...createDrillCommands(createDrillStore(main), tools.newId),
    ...createReasoningCommands(createReasoningSettingsStore(main)),
    ...createStrategyCommands(createStrategyStore(main), initialStrategies(options.strategies ?? '')),
    ...createTradingCommands({ store: createTradingStore(control, main), newId: tools.newId, onFault }),
  };
}

interface Composition {
  readonly commands: Commands;
  readonly pools: CommandPools;
}

// Next bundles route handlers apart: the process, not the module, owns the one composition.
const holder = globalThis as typeof globalThis & { countersignComposition?: Composition };

function compose(): Composition {
  const env = readEnv();
  const log = pino({ level: env.LOG_LEVEL, name: 'commands' });
  const pools = {
    main: createPool(env.DATABASE_URL, { name: 'web', max: 8 }),
    // A halt must not first wait for a connection: on a loaded machine that takes tenths of a second.
    control: createPool(env.DATABASE_URL, { name: 'control', max: 3, keep: 2, statementTimeoutMs: 30_000 }),
  };
  const commands = createCommands(pools, {
    codeVersion: env.CODE_VERSION,
    strategies: env.STRATEGIES,
    onFault: (what, error) => log.error({ err: error }, what),
  });
  // The worker sees to them too; without them every command says what is missing.
  ensureDefaults(pools.main).catch((error: unknown) => log.error({ err: error }, 'default rows'));
  return { commands, pools };
}

function composition(): Composition {
  holder.countersignComposition ??= compose();
  return holder.countersignComposition;
}

/** The process's commands. @throws EnvError when settings are missing */
export function getCommands(): Commands {
  return composition().commands;
}

/** The process's ordinary connection pool, for read models. */
export function getPool(): Pool {
  return composition().pools.main;
}
