import type { ApprovalRow } from '@/server/contracts/console/approvals';
import type { OrderRow } from '@/server/contracts/order';

const AT = '2026-01-05T14:59:00.000Z';

/** A working market order to buy 10 SPY, as the console lists it. */
export function orderRow(changes: Partial<OrderRow> = {}): OrderRow {
  return {
    id: '11111111-1111-4111-8111-111111111111',
    kind: 'GATED',
    parentId: null,
    strategy: 'fake',
    symbol: 'SPY',
    side: 'BUY',
    qty: '10',
    orderType: 'MARKET',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'DAY',
    protectiveStopPrice: null,
    status: 'ACCEPTED',
    cumQty: '0',
    leavesQty: '10',
    avgPrice: null,
    cumNotional: '0',
    flags: [],
    externalOrderId: null,
    signalId: null,
    approvalId: null,
    rejectReason: null,
    cancelAttempts: 0,
    cancelFault: null,
    cancellable: true,
    createdAt: AT,
    updatedAt: AT,
    ...changes,
  };
}

/** A pending request to buy 10 SPY at the market, as the console lists it. */
export function approvalRow(changes: Partial<ApprovalRow> = {}): ApprovalRow {
  return {
    id: '22222222-2222-4222-8222-222222222222',
    status: 'PENDING',
    symbol: 'SPY',
    side: 'BUY',
    qty: '10',
    orderType: 'MARKET',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'DAY',
    protectiveStopPrice: null,
    notional: '1000',
    strategy: 'fake',
    codes: ['CONFIDENCE_LOW'],
    createdAt: AT,
    expiresAt: '2026-01-05T15:20:00.000Z',
    decidedAt: null,
    decidedBy: null,
    orderId: null,
    approvedQty: null,
    approvedLimitPrice: null,
    ...changes,
  };
}
