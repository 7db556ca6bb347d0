import { describe, expect, it } from 'vitest';
import type { Order } from '@/components/trpc/types';
import { orderRow } from '@/test-support/console-rows';
import { belongs, withOrder } from './order-cache';

const at = (second: number) => `2026-01-05T15:00:0${second}.000Z`;

const order = (id: string, second: number, changes: Partial<Order> = {}): Order =>
  orderRow({ id, createdAt: at(second), updatedAt: at(second), ...changes });

const list = { rows: [order('b', 2), order('a', 1)], total: 2, nextCursor: null };
const ids = (rows: readonly Order[]) => rows.map((row) => row.id);

describe('withOrder', () => {
  it('changes a row in place', () => {
    const next = withOrder(list, {}, order('a', 1, { status: 'FILLED', updatedAt: at(3) }));
    expect(next.rows[1]).toMatchObject({ id: 'a', status: 'FILLED' });
    expect(next.total).toBe(2);
  });

  it('keeps the newer of two versions', () => {
    const newer = withOrder(list, {}, order('a', 1, { status: 'FILLED', updatedAt: at(5) }));
    expect(withOrder(newer, {}, order('a', 1, { updatedAt: at(4) }))).toBe(newer);
  });

  it('puts a new order first in a newest-first list', () => {
    expect(ids(withOrder(list, {}, order('c', 3)).rows)).toEqual(['c', 'b', 'a']);
  });

  it('leaves a list that is sorted otherwise to the refetch', () => {
    expect(withOrder(list, { sort: 'symbol' }, order('c', 3))).toBe(list);
  });

  it('takes a filled order out of the working ones', () => {
    const next = withOrder(list, { group: 'working' }, order('b', 2, { status: 'FILLED', updatedAt: at(3) }));
    expect(ids(next.rows)).toEqual(['a']);
    expect(next.total).toBe(1);
  });

  it('does not add an order of another symbol', () => {
    expect(withOrder(list, { symbol: 'AAPL' }, order('c', 3))).toBe(list);
  });
});

describe('belongs', () => {
  it('counts a pending cancel as working: a fill may still come', () => {
    expect(belongs(order('a', 1, { status: 'CANCEL_PENDING' }), { group: 'working' })).toBe(true);
  });

  it.each(['REJECTED', 'CANCELLED', 'EXPIRED'] as const)('counts %s as closed', (status) => {
    expect(belongs(order('a', 1, { status }), { group: 'closed' })).toBe(true);
    expect(belongs(order('a', 1, { status }), { group: 'filled' })).toBe(false);
  });
});
