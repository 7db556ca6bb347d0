import { describe, expect, it } from 'vitest';
import type { Approval } from '@/components/trpc/types';
import { approvalRow } from '@/test-support/console-rows';
import { groupRequests } from './groups';

const request = (id: string, minute: number, changes: Partial<Approval> = {}): Approval =>
  approvalRow({
    id,
    strategy: 'ema-cross',
    createdAt: `2026-01-05T15:0${minute}:00.000Z`,
    expiresAt: `2026-01-05T15:2${minute}:00.000Z`,
    ...changes,
  });

const idsOf = (pending: readonly Approval[]) =>
  groupRequests(pending).map(({ requests }) => requests.map(({ id }) => id));

describe('groupRequests', () => {
  it('puts requests for the same trade together, newest first', () => {
    expect(idsOf([request('a', 1), request('b', 2), request('c', 3)])).toEqual([['c', 'b', 'a']]);
  });

  it('keeps other strategies, symbols and sides apart', () => {
    const pending = [
      request('a', 1),
      request('b', 2, { side: 'SELL' }),
      request('c', 3, { symbol: 'QQQ' }),
      request('d', 4, { strategy: 'fake' }),
    ];
    expect(idsOf(pending)).toEqual([['a'], ['b'], ['c'], ['d']]);
  });

  it('starts with the group that expires first', () => {
    const soon = request('soon', 5, { symbol: 'QQQ', expiresAt: '2026-01-05T15:06:00.000Z' });
    expect(idsOf([request('a', 1), request('b', 2), soon])).toEqual([['soon'], ['b', 'a']]);
  });

  it('is empty without requests', () => {
    expect(groupRequests([])).toEqual([]);
  });
});
