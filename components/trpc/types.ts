import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '@/server/api/root';

export type RouterOutputs = inferRouterOutputs<AppRouter>;
export type RouterInputs = inferRouterInputs<AppRouter>;

/** Name of a procedure: `orders.list`. */
export type QueryName = {
  [Area in keyof RouterOutputs & string]: `${Area}.${keyof RouterOutputs[Area] & string}`;
}[keyof RouterOutputs & string];

export type Approval = RouterOutputs['approvals']['list']['pending'][number];
export type ApprovalDetail = RouterOutputs['approvals']['get'];
export type Order = RouterOutputs['orders']['list']['rows'][number];
export type OrderDetail = RouterOutputs['orders']['get'];
export type Status = RouterOutputs['system']['status'];
export type Portfolio = RouterOutputs['portfolio']['get'];
export type Position = Portfolio['positions'][number];
export type Curve = RouterOutputs['portfolio']['curve'];
export type Overview = RouterOutputs['system']['overview'];
export type DecisionList = RouterOutputs['policy']['decisions'];
export type DecisionRow = DecisionList['rows'][number];
export type ActivePolicy = RouterOutputs['policy']['active'];
export type SignalRow = RouterOutputs['signals']['list']['rows'][number];
export type SignalDetail = RouterOutputs['signals']['get'];
export type SystemDetail = RouterOutputs['system']['detail'];
export type Reconciliation = RouterOutputs['reconciliation']['get'];
export type Opening = Reconciliation['openings'][number];
export type BreakRow = RouterOutputs['reconciliation']['breaks']['rows'][number];
export type BreakDetail = RouterOutputs['reconciliation']['break'];
export type TieOutRow = RouterOutputs['reconciliation']['tieOuts'][number];
export type TieOutDetail = RouterOutputs['reconciliation']['tieOut'];
export type DrillRow = RouterOutputs['trading']['drills'][number];
export type DrillDetail = RouterOutputs['trading']['drill'];
export type BotList = RouterOutputs['bots']['list'];
export type BotRow = BotList['bots'][number];
export type AlertRow = RouterOutputs['system']['alerts']['rows'][number];
export type AuditList = RouterOutputs['system']['audit'];
export type MarketRow = RouterOutputs['market']['list'][number];
export type MarketDetail = RouterOutputs['market']['symbol'];
export type BarsView = RouterOutputs['market']['bars'];
export type BarRange = NonNullable<RouterInputs['market']['bars']['range']>;
export type MarketEventList = RouterOutputs['events']['list'];
export type MarketEvent = MarketEventList['rows'][number];
export type StrategyList = RouterOutputs['strategies']['list'];
export type Strategy = StrategyList['strategies'][number];
export type StrategySetting = Strategy['settings'][number];
export type RuleHit = ApprovalDetail['reasons'][number];
export type TradingStateView = RouterOutputs['trading']['state'];
