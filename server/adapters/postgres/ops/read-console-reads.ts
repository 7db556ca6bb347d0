import { readApproval, readApprovals } from '@/server/adapters/postgres/approvals/read-approvals';
import { readBreak, readBreaks } from '@/server/adapters/postgres/books/read-breaks';
import { readCurve, readPortfolio } from '@/server/adapters/postgres/books/read-portfolio';
import { readReconciliation } from '@/server/adapters/postgres/books/read-reconciliation';
import { readTieOut, readTieOuts } from '@/server/adapters/postgres/books/read-tie-outs';
import { readBots } from '@/server/adapters/postgres/bots/read-bots';
import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import { readMarketEvents } from '@/server/adapters/postgres/market/read-events';
import { readMarket, readMarketSymbol } from '@/server/adapters/postgres/market/read-market';
import { readChart } from '@/server/adapters/postgres/market/read-market-bars';
import { readOrder, readOrders, readOrdersPage } from '@/server/adapters/postgres/orders/read-orders';
import { readMemoEvidence } from '@/server/adapters/postgres/reasoning/read-memo';
import { readCalibration, readMemos, readReasoning } from '@/server/adapters/postgres/reasoning/read-reasoning';
import { readActivePolicy, readDecisions } from '@/server/adapters/postgres/signals/read-policy';
import { readSignal, readSignals } from '@/server/adapters/postgres/signals/read-signals';
import type { BarReader } from '@/server/application/history/read-bars';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import { readAlerts } from './read-alerts';
import { readDrill, readDrills } from './read-drills';
import { readOverview } from './read-overview';
import { readStatus } from './read-status';
import { readAudit, readSystem } from './read-system';

/** No history beside the table of bars. */
const NO_BARS: BarReader = { read: async () => null };

/** The console's reads over one Prisma client, and over bars wherever they are stored. */
export function createConsoleReads(db: PrismaClient, bars: BarReader = NO_BARS): ConsoleReads {
  return {
    status: () => readStatus(db),
    overview: () => readOverview(db),
    orders: (input) => readOrders(db, input),
    ordersPage: (input) => readOrdersPage(db, input),
    order: (id) => readOrder(db, id),
    approvals: () => readApprovals(db),
    approval: (id) => readApproval(db, id),
    portfolio: () => readPortfolio(db),
    curve: (range) => readCurve(db, range),
    activePolicy: () => readActivePolicy(db),
    decisions: (input) => readDecisions(db, input),
    signals: (input) => readSignals(db, input),
    signal: (id) => readSignal(db, id),
    system: () => readSystem(db),
    alerts: (input) => readAlerts(db, input),
    drills: (input) => readDrills(db, input),
    drill: (id) => readDrill(db, id),
    reconciliation: () => readReconciliation(db),
    breaks: (input) => readBreaks(db, input),
    break: (id) => readBreak(db, id),
    tieOuts: (input) => readTieOuts(db, input),
    tieOut: (id) => readTieOut(db, id),
    market: () => readMarket(db),
    marketSymbol: (symbol) => readMarketSymbol(db, symbol),
    chart: (symbol, range) => readChart(db, bars, symbol, range),
    marketEvents: (input) => readMarketEvents(db, input),
    reasoning: (range) => readReasoning(db, range),
    calibration: () => readCalibration(db),
    memos: (input) => readMemos(db, input),
    memo: (signalId) => readMemoEvidence(db, signalId),
    bots: () => readBots(db),
    audit: (before, limit) => readAudit(db, before, limit),
  };
}
