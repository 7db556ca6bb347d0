import { expect, it } from 'vitest';
import type { Bar } from '@/server/domain/exchange/types';
import { ONE } from '@/server/kernel/money';
import { createBarReader } from './read-bars';

const START = Date.UTC(2024, 0, 2, 14, 30);
const bar = (close: bigint): Bar => ({
  symbol: 'SPY',
  startMs: START,
  endMs: START + 60_000,
  open: close,
  high: close,
  low: close,
  close,
  volume: ONE,
});

it('gives the bar of the table where the history has other figures, as strategies warm up on it', async () => {
  const reader = createBarReader({
    history: { read: async () => [bar(ONE)], has: async () => true },
    recent: { read: async () => [bar(2n * ONE)], knows: async () => true },
  });
  const limit = { bars: 10, of: 'newest' } as const;
  expect(await reader.read({ symbol: 'SPY', period: '1m', fromMs: null, toMs: null, limit })).toEqual([bar(2n * ONE)]);
});
