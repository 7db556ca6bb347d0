import { describe, expect, it } from 'vitest';
import type { Order, OrderDetail } from '@/components/trpc/types';
import { orderNotes, unsentReason } from './notes';

const order: Order = {
  id: '11111111-1111-4111-8111-111111111111',
  kind: 'GATED',
  strategy: 'fake',
  symbol: 'SPY',
  side: 'SELL',
  qty: '5',
  orderType: 'MARKET',
  limitPrice: null,
  stopPrice: null,
  timeInForce: 'DAY',
  status: 'ACCEPTED',
  cumQty: '0',
  leavesQty: '5',
  avgPrice: null,
  cumNotional: '0',
  flags: [],
  signalId: null,
  approvalId: null,
  rejectReason: null,
  cancelAttempts: 0,
  cancelFault: null,
  waitsFor: null,
  cancellable: true,
  createdAt: '2026-01-05T15:00:00.000Z',
  updatedAt: '2026-01-05T15:00:00.000Z',
};

describe('notes on an order', () => {
  it('are none while nothing is out of the ordinary', () => {
    expect(orderNotes(order)).toEqual([]);
  });

  it("give the broker's words on a refused cancel, and say that it is tried again while it is", () => {
    const refused = { ...order, cancelAttempts: 3, cancelFault: 'order is pending replace' };
    expect(orderNotes({ ...refused, status: 'CANCEL_PENDING' })[0]?.text).toBe(
      'The cancel, sent 3 times, did not end it: order is pending replace. Trying again.',
    );
    expect(orderNotes({ ...refused, status: 'FILLED' })[0]?.text).not.toContain('Trying again');
  });

  it('say what an unsent flatten waits for, and that an order came from outside', () => {
    expect(orderNotes({ ...order, kind: 'FLATTEN', waitsFor: 'OTHER_SELL' })[0]?.text).toMatch(/other sells/);
    expect(orderNotes({ ...order, kind: 'EXTERNAL' })[0]?.text).toMatch(/outside/);
  });
});

describe('an order that was closed unsent', () => {
  const event = {
    id: '1',
    type: 'cancelled',
    source: 'WORKER',
    at: order.createdAt,
    data: { reason: 'less is held by now' },
  };
  const detail: OrderDetail = {
    order: { ...order, status: 'CANCELLED' },
    externalOrderId: null,
    acceptedAt: null,
    closedAt: null,
    signal: null,
    evaluations: [],
    approval: null,
    fills: [],
    events: [event],
  };

  it('says why', () => expect(unsentReason(detail)).toBe('less is held by now'));
  it('is not one that the broker knew', () => expect(unsentReason({ ...detail, externalOrderId: 'x' })).toBeNull());
});
