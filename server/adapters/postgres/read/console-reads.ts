import type { PrismaClient } from '@/server/adapters/postgres/generated/client';
import type { BarReader } from '@/server/application/history/read-bars';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import { readAlerts } from './alerts';
import { readApproval, readApprovals } from './approvals';
import { readBreak, readBreaks } from './breaks';
import { readDrill, readDrills } from './drills';
import { readMarketEvents } from './events';
import { readMarket, readMarketSymbol } from './market';
import { readChart } from './market-bars';
import { readMemoEvidence } from './memo';
import { readOrder, readOrders } from './orders';
import { readOverview } from './overview';
import { readActivePolicy, readDecisions } from './policy';
import { readCurve, readPortfolio } from './portfolio';
import { readCalibration, readMemos, readReasoning } from './reasoning';
import { readReconciliation } from './reconciliation';
import { readSignal, readSignals } from './signals';
import { readStatus } from './status';
import { readAudit, readSystem } from './system';
import { readTieOut, readTieOuts } from './tie-outs';

/** No history beside the table of bars. */
const NO_BARS: BarReader = { read: async () => null };

/** The console's reads over one Prisma client, and over bars wherever they are stored. */
export function createConsoleReads(db: PrismaClient, bars: BarReader = NO_BARS): ConsoleReads {
  return {
    status: () => readStatus(db),
    overview: () => readOverview(db),
    orders: (input) => readOrders(db, input),
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
    audit: (before, limit) => readAudit(db, before, limit),
  };
}
