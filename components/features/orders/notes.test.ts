import { describe, expect, it } from 'vitest';
import type { OrderDetail } from '@/components/trpc/types';
import { orderRow } from '@/test-support/console-rows';
import { orderNotes, unsentReason } from './notes';

const order = orderRow({ side: 'SELL', qty: '5', leavesQty: '5' });

describe('notes on an order', () => {
  it('are empty for an ordinary order', () => {
    expect(orderNotes(order)).toEqual([]);
  });

  it('say why a protective stop has no cancel, while it works', () => {
    const stop = { ...order, kind: 'PROTECTIVE' as const };
    expect(orderNotes(stop).map(({ key }) => key)).toEqual(['protective']);
    expect(orderNotes({ ...stop, leavesQty: '0' })).toEqual([]);
  });

  it("state the broker's reason for a rejected cancel, and whether it is retried", () => {
    const refused = { ...order, cancelAttempts: 3, cancelFault: 'order is pending replace' };
    expect(orderNotes({ ...refused, status: 'CANCEL_PENDING' })[0]?.text).toBe(
      'Cancel sent 3 times, but the order is still open: order is pending replace. Retrying.',
    );
    expect(orderNotes({ ...refused, status: 'FILLED' })[0]?.text).not.toContain('Retrying');
  });

  it('state that an order is external', () => {
    expect(orderNotes({ ...order, kind: 'EXTERNAL' })[0]?.text).toMatch(/outside/);
  });
});

describe('unsentReason', () => {
  const event = {
    id: '1',
    type: 'cancelled',
    source: 'WORKER',
    at: order.createdAt,
    data: { reason: 'less is held by now' },
  };
  const detail: OrderDetail = {
    order: { ...order, status: 'CANCELLED' },
    acceptedAt: null,
    closedAt: null,
    signal: null,
    evaluations: [],
    approval: null,
    fills: [],
    events: [event],
    result: null,
  };

  it('is the reason of the cancel', () => expect(unsentReason(detail)).toBe('less is held by now'));
  it('is null for an order that the broker knew', () =>
    expect(unsentReason({ ...detail, order: { ...detail.order, externalOrderId: 'x' } })).toBeNull());
});
