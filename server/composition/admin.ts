import { createAuditCheckpoints } from '@/server/adapters/files/audit-checkpoints';
import { readNewsFile } from '@/server/adapters/files/news-file';
import { createAuditLog } from '@/server/adapters/postgres/access/audit-chain';
import { createTokenAdmin, type TokenAdmin } from '@/server/adapters/postgres/access/tokens';
import { createUserAdmin, type UserAdmin } from '@/server/adapters/postgres/access/users';
import { readBreak, readBreaks } from '@/server/adapters/postgres/books/read-breaks';
import { readReconciliation } from '@/server/adapters/postgres/books/read-reconciliation';
import { readTieOut, readTieOuts } from '@/server/adapters/postgres/books/read-tie-outs';
import { createNewsStore } from '@/server/adapters/postgres/market/news-store';
import { readMarketEvents } from '@/server/adapters/postgres/market/read-events';
import { readDrill, readDrills } from '@/server/adapters/postgres/ops/read-drills';
import { readStatus } from '@/server/adapters/postgres/ops/read-status';
import { createSettingsAdmin, type SettingsAdmin } from '@/server/adapters/postgres/ops/settings-admin';
import { createPool } from '@/server/adapters/postgres/pool';
import { createPrisma } from '@/server/adapters/postgres/prisma';
import { type AuditChain, verifyAuditLog } from '@/server/application/audit/verify-audit-log';
import type { Commands, TradingStateView } from '@/server/application/commands';
import { readEnv } from '@/server/composition/env';
import { createCommands } from '@/server/composition/web';
import type { DrillDetail, DrillRow } from '@/server/contracts/console/execution';
import type { MarketEventList, MarketEventListInput } from '@/server/contracts/console/market-events';
import type {
  BreakDetail,
  BreakRow,
  ReconciliationView,
  TieOutDetail,
  TieOutRow,
} from '@/server/contracts/console/reconciliation';
import type { StatusView } from '@/server/contracts/console/system';
import { LIVE_STATUSES } from '@/server/kernel/vocabulary';

/** The state of the stack in one look. */
export interface StackStatus extends Omit<StatusView, 'trading'> {
  readonly trading: TradingStateView;
  readonly openOrders: number;
  /** Orders of which it is not known whether the broker has them. */
  readonly uncertainOrders: number;
  /** Oldest first. */
  readonly openAlerts: readonly OpenAlert[];
}

export interface OpenAlert {
  readonly kind: string;
  readonly subject: string;
  /** The cause, as the code that raised the alert found it. */
  readonly message: string;
  readonly openedAt: string;
}

/** What the command line may do. Close it, or the process does not end. */
export interface Admin {
  readonly users: UserAdmin;
  readonly tokens: TokenAdmin;
  /** @param folder holds the checkpoints; null: the data folder */
  verifyAudit(folder: string | null): Promise<AuditChain & { readonly forgedLine: number | null }>;
  readonly settings: SettingsAdmin;
  readonly commands: Pick<
    Commands,
    | 'halt'
    | 'tradingState'
    | 'resolveBreak'
    | 'closeUnknownOrder'
    | 'requestDrill'
    | 'signInitialBalances'
    | 'requestTieOut'
    | 'addMarketEvent'
    | 'removeMarketEvent'
    | 'restoreMarketEvent'
    | 'importMarketEvents'
  >;
  /** A file of headlines, whole or not at all. @throws NewsFileError */
  importNews(file: string, symbol: string | null): Promise<{ readonly items: number; readonly added: number }>;
  openBreaks(): Promise<readonly BreakRow[]>;
  /** With its history. */
  breakDetail(id: string): Promise<BreakDetail | null>;
  /** Both sides of the account, and opening balances that wait. */
  reconciliation(): Promise<ReconciliationView>;
  /** Newest first. */
  tieOuts(limit: number): Promise<readonly TieOutRow[]>;
  tieOut(id: string): Promise<TieOutDetail | null>;
  /** Newest first. */
  drills(limit: number): Promise<readonly DrillRow[]>;
  drill(id: string): Promise<DrillDetail | null>;
  marketEvents(input: MarketEventListInput): Promise<MarketEventList>;
  status(): Promise<StackStatus>;
  close(): Promise<void>;
}

/** More than a person resolves one by one. */
const MAX_BREAKS = 1_000;
const MAX_ALERTS = 1_000;

/** Straight to Postgres: works with web and worker down. @throws EnvError without DATABASE_URL */
export function openAdmin(): Admin {
  const env = readEnv();
  const db = createPrisma(env.DATABASE_URL);
  const pools = {
    main: createPool(env.DATABASE_URL, { name: 'cli', max: 2 }),
    control: createPool(env.DATABASE_URL, { name: 'cli control', max: 2, statementTimeoutMs: 30_000 }),
  };
  const commands = createCommands(pools, { codeVersion: env.CODE_VERSION });
  return {
    users: createUserAdmin(db),
    tokens: createTokenAdmin(db),
    async verifyAudit(folder) {
      const stored = await createAuditCheckpoints(folder ?? env.DATA_DIR).read();
      const forged = stored.find(({ genuine }) => !genuine) ?? null;
      const chain = await verifyAuditLog(createAuditLog(pools.main), stored.length === 0 ? null : stored);
      return { ...chain, forgedLine: forged?.line ?? null };
    },
    settings: createSettingsAdmin(pools.main),
    commands,
    async importNews(file, symbol) {
      const items = await readNewsFile(file, symbol);
      const news = createNewsStore(pools.main);
      const added = await news.write(items.map((item) => ({ ...item, id: `file:${item.id}` })));
      return { items: items.length, added };
    },
    openBreaks: async () => (await readBreaks(db, { state: 'open', symbol: '', limit: MAX_BREAKS })).rows,
    breakDetail: (id) => readBreak(db, id),
    reconciliation: () => readReconciliation(db),
    tieOuts: (limit) => readTieOuts(db, { status: null, limit }),
    tieOut: (id) => readTieOut(db, id),
    drills: (limit) => readDrills(db, { limit }),
    drill: (id) => readDrill(db, id),
    marketEvents: (input) => readMarketEvents(db, input),
    async status() {
      const [status, trading, openOrders, uncertainOrders, alerts] = await Promise.all([
        readStatus(db),
        commands.tradingState(),
        db.order.count({ where: { status: { in: LIVE_STATUSES } } }),
        db.order.count({ where: { flags: { has: 'SUBMIT_UNCERTAIN' } } }),
        db.alert.findMany({ where: { resolvedAt: null }, orderBy: { openedAt: 'asc' }, take: MAX_ALERTS }),
      ]);
      const openAlerts = alerts.map(({ kind, subject, message, openedAt }) => ({
        kind,
        subject,
        message,
        openedAt: openedAt.toISOString(),
      }));
      return { ...status, trading, openOrders, uncertainOrders, openAlerts };
    },
    async close() {
      await Promise.allSettled([pools.main.end(), pools.control.end(), db.$disconnect()]);
    },
  };
}
