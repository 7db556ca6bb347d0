import { describe, expect, it } from 'vitest';
import type { Approval, Order, Overview } from '@/components/trpc/types';
import { approvalRow, orderRow } from '@/test-support/console-rows';
import { attentionItems } from './attention';

const NOW = Date.parse('2026-01-05T15:00:00.000Z');

const approval = (id: string, expiresAt: string): Approval => approvalRow({ id, expiresAt });
const order = (id: string, status: Order['status'], flags: string[]): Order => orderRow({ id, status, flags });

const EMPTY: Pick<Overview, 'approvals' | 'breaks' | 'troubledOrders'> = {
  approvals: [],
  breaks: [],
  troubledOrders: [],
};

describe('attentionItems', () => {
  it('puts breaks first, then uncertain orders, then approvals, then refused orders', () => {
    const items = attentionItems(
      {
        approvals: [approval('a', '2026-01-05T15:10:00.000Z')],
        troubledOrders: [order('rejected', 'REJECTED', []), order('uncertain', 'NEW', ['SUBMIT_UNCERTAIN'])],
        breaks: [{ id: 'b', symbol: 'SPY', cause: 'POSITION_MISMATCH', openedAt: '2026-01-05T14:00:00.000Z' }],
      },
      NOW,
    );
    expect(items.map((item) => item.key)).toEqual(['b', 'uncertain', 'a', 'rejected']);
  });

  it('names requests for the same trade once, with the newest leading', () => {
    const older = { ...approval('old', '2026-01-05T15:05:00.000Z'), createdAt: '2026-01-05T14:50:00.000Z' };
    const items = attentionItems({ ...EMPTY, approvals: [older, approval('new', '2026-01-05T15:10:00.000Z')] }, NOW);
    expect(items.map(({ key, detail }) => [key, detail])).toEqual([['new', 'CONFIDENCE_LOW, 1 older']]);
  });

  it('orders approvals by what expires first', () => {
    const items = attentionItems(
      {
        ...EMPTY,
        approvals: [
          approval('late', '2026-01-05T15:10:00.000Z'),
          { ...approval('soon', '2026-01-05T15:01:00.000Z'), symbol: 'QQQ' },
        ],
      },
      NOW,
    );
    expect(items.map((item) => item.key)).toEqual(['soon', 'late']);
  });

  it('leaves out an approval whose time has run out', () => {
    expect(attentionItems({ ...EMPTY, approvals: [approval('gone', '2026-01-05T15:00:00.000Z')] }, NOW)).toEqual([]);
  });
});
