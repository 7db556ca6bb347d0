import { describe, expect, it } from 'vitest';
import type { Bar } from '@/server/domain/exchange/types';
import { ONE } from '@/server/kernel/money';
import { planRepair } from './repair-bars';

const MINUTE = 60_000;
const OPEN = Date.UTC(2024, 0, 2, 14, 30);

function bar(startMs: number, price = 100n, change: Partial<Bar> = {}): Bar {
  const value = price * ONE;
  const prices = { open: value, high: value, low: value, close: value };
  return { symbol: 'SPY', startMs, endMs: startMs + MINUTE, ...prices, volume: ONE, ...change };
}

describe('the repair of bars', () => {
  it('moves minutes that were stamped with their last instant', () => {
    const late = [bar(OPEN - 1), bar(OPEN + MINUTE - 1)];
    const plan = planRepair(late, '1m');
    expect(plan.refused).toEqual([]);
    expect(plan.removed).toEqual(late);
    expect(plan.added).toEqual([bar(OPEN), bar(OPEN + MINUTE)]);
  });

  it.each<[string, readonly Bar[], string]>([
    ['a minute whose place is taken', [bar(OPEN - 1), bar(OPEN)], 'which is stored as well: --drop 2024-01-02'],
    [
      'a minute in the middle of two',
      [bar(OPEN + 30_000), bar(OPEN + MINUTE + 30_000)],
      'does not begin where bars of its period do',
    ],
    ['impossible prices', [bar(OPEN, 100n, { high: 99n * ONE }), bar(OPEN + MINUTE)], 'impossible prices'],
    [
      'a bar of another length',
      [bar(OPEN), bar(OPEN + MINUTE, 100n, { endMs: OPEN + 3 * MINUTE })],
      'not as long as its period',
    ],
    ['longer bars', [bar(OPEN), bar(OPEN + 15 * MINUTE), bar(OPEN + 30 * MINUTE)], '15 apart'],
    ['a split', [bar(OPEN, 400n), bar(OPEN + MINUTE, 100n)], '--split 2024-01-02:4'],
    ['another symbol', [bar(OPEN, 100n), bar(OPEN + MINUTE, 170n)], 'bars of another symbol?'],
  ])('refuses %s, with what to do', (_, bars, said) => {
    const plan = planRepair(bars, '1m');
    expect(plan.added).toEqual([]);
    expect(plan.refused.join('\n')).toContain(said);
  });

  it('leaves sound bars alone', () => {
    expect(planRepair([bar(OPEN), bar(OPEN + MINUTE)], '1m')).toMatchObject({
      removed: [],
      added: [],
      actions: [],
      refused: [],
    });
  });
});
