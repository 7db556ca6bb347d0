import { describe, expect, it } from 'vitest';
import { parseUnits } from '@/server/kernel/money';
import { joinBars } from './join-bars';

const MINUTE_MS = 60_000;

function bar(minute: number, open: string, high: string, low: string, close: string) {
  const startMs = Date.parse('2026-01-05T15:00:00Z') + minute * MINUTE_MS;
  const prices = { open: parseUnits(open), high: parseUnits(high), low: parseUnits(low), close: parseUnits(close) };
  return { symbol: 'SPY', startMs, endMs: startMs + MINUTE_MS, ...prices, volume: parseUnits('10') };
}

describe('joinBars', () => {
  it('takes the first open, the extremes, the last close and all volume', () => {
    const joined = joinBars(
      [bar(1, '10', '12', '9', '11'), bar(4, '11', '11', '8', '8.5'), bar(5, '9', '9', '9', '9')],
      5 * MINUTE_MS,
    );
    expect(joined).toEqual([
      { ...bar(0, '10', '12', '8', '8.5'), endMs: bar(5, '1', '1', '1', '1').startMs, volume: parseUnits('20') },
      { ...bar(5, '9', '9', '9', '9'), endMs: bar(10, '1', '1', '1', '1').startMs },
    ]);
  });

  it('makes no bar where there is none', () => {
    expect(joinBars([], MINUTE_MS)).toEqual([]);
    expect(joinBars([bar(0, '1', '1', '1', '1'), bar(20, '1', '1', '1', '1')], 5 * MINUTE_MS)).toHaveLength(2);
  });
});
