import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import type { AppRouter } from '@/server/api/root';

export type RouterOutputs = inferRouterOutputs<AppRouter>;
export type RouterInputs = inferRouterInputs<AppRouter>;

export type Approval = RouterOutputs['approvals']['list']['pending'][number];
export type ApprovalDetail = RouterOutputs['approvals']['get'];
export type Order = RouterOutputs['orders']['list']['rows'][number];
export type OrderDetail = RouterOutputs['orders']['get'];
export type Status = RouterOutputs['system']['status'];
export type Portfolio = RouterOutputs['portfolio']['get'];
export type Position = Portfolio['positions'][number];
export type Curve = RouterOutputs['portfolio']['curve'];
export type Overview = RouterOutputs['system']['overview'];
export type DecisionRow = RouterOutputs['policy']['decisions'][number];
export type ActivePolicy = RouterOutputs['policy']['active'];
export type SignalRow = RouterOutputs['signals']['list'][number];
export type SignalDetail = RouterOutputs['signals']['get'];
export type SystemDetail = RouterOutputs['system']['detail'];
export type OpenBreak = SystemDetail['breaks'][number];
export type AuditList = RouterOutputs['system']['audit'];
export type RuleHit = ApprovalDetail['reasons'][number];
export type TradingStateView = RouterOutputs['trading']['state'];
