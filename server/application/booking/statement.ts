import type { BrokerActivity, NonTradeActivity } from '@/server/application/ports/broker';
import type { StatementFill } from '@/server/domain/reconciliation';

type FillActivity = Extract<BrokerActivity, { kind: 'FILL' }>;

export const isFill = (activity: BrokerActivity): activity is FillActivity => activity.kind === 'FILL';
export const isNonTrade = (activity: BrokerActivity): activity is NonTradeActivity => activity.kind === 'NON_TRADE';

export const statementFill = (fill: FillActivity): StatementFill => ({
  executionId: fill.executionId,
  externalOrderId: fill.externalOrderId,
  qty: fill.qty,
  price: fill.price,
  atMs: fill.atMs,
  cumQty: fill.cumQty,
});
