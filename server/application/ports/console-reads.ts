import type { ApprovalDetail, ApprovalList } from '@/server/contracts/console/approvals';
import type { BotList } from '@/server/contracts/console/bots';
import type {
  AlertList,
  AlertListInput,
  DrillDetail,
  DrillListInput,
  DrillRow,
} from '@/server/contracts/console/execution';
import type { BarRangeName, BarsView, MarketDetail, MarketRow } from '@/server/contracts/console/market';
import type { MarketEventList, MarketEventListInput } from '@/server/contracts/console/market-events';
import type { MemoEvidence } from '@/server/contracts/console/memo';
import type { OverviewView } from '@/server/contracts/console/overview';
import type {
  ActivePolicyView,
  DecisionList,
  DecisionListInput,
  SignalDetail,
  SignalList,
  SignalListInput,
} from '@/server/contracts/console/policy';
import type { CurveView, PortfolioView } from '@/server/contracts/console/portfolio';
import type {
  Calibration,
  MemoListInput,
  MemoRow,
  ReasoningOverview,
  ReasoningRange,
} from '@/server/contracts/console/reasoning';
import type {
  BreakDetail,
  BreakList,
  BreakListInput,
  ReconciliationView,
  TieOutDetail,
  TieOutListInput,
  TieOutRow,
} from '@/server/contracts/console/reconciliation';
import type { AuditList, StatusView, SystemDetail } from '@/server/contracts/console/system';
import type { OrderDetail, OrderList, OrderListInput, OrderRowsPage } from '@/server/contracts/order';

export type CurveRange = '1h' | '1d' | '1w' | 'all';

/**
 * Reads of the console. They change nothing; what is not found is null. A list throws CursorError for a cursor that it did not give
 * out. The trading state comes from the commands.
 */
export interface ConsoleReads {
  status(): Promise<Omit<StatusView, 'trading'>>;
  overview(): Promise<OverviewView>;
  orders(input: OrderListInput): Promise<OrderList>;
  /** A further page: nothing is counted again. */
  ordersPage(input: OrderListInput): Promise<OrderRowsPage>;
  order(id: string): Promise<OrderDetail | null>;
  approvals(): Promise<ApprovalList>;
  approval(id: string): Promise<ApprovalDetail | null>;
  portfolio(): Promise<PortfolioView>;
  curve(range: CurveRange): Promise<CurveView>;
  activePolicy(): Promise<ActivePolicyView | null>;
  decisions(input: DecisionListInput): Promise<DecisionList>;
  signals(input: SignalListInput): Promise<SignalList>;
  signal(id: string): Promise<SignalDetail | null>;
  system(): Promise<SystemDetail>;
  alerts(input: AlertListInput): Promise<AlertList>;
  drills(input: DrillListInput): Promise<DrillRow[]>;
  drill(id: string): Promise<DrillDetail | null>;
  reconciliation(): Promise<ReconciliationView>;
  breaks(input: BreakListInput): Promise<BreakList>;
  break(id: string): Promise<BreakDetail | null>;
  tieOuts(input: TieOutListInput): Promise<TieOutRow[]>;
  tieOut(id: string): Promise<TieOutDetail | null>;
  /** Each symbol's newest figures. */
  market(): Promise<MarketRow[]>;
  marketSymbol(symbol: string): Promise<MarketDetail | null>;
  /** Bars up to the newest, with fills and what kept trades out. */
  chart(symbol: string, range: BarRangeName): Promise<BarsView>;
  marketEvents(input: MarketEventListInput): Promise<MarketEventList>;
  reasoning(range: ReasoningRange): Promise<ReasoningOverview>;
  calibration(): Promise<Calibration>;
  memos(input: MemoListInput): Promise<MemoRow[]>;
  memo(signalId: string): Promise<MemoEvidence | null>;
  /** Tokens that may place orders. */
  bots(): Promise<BotList>;
  audit(before: string | null, limit: number): Promise<AuditList>;
}
