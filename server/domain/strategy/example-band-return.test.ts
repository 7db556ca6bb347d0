import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from 'vitest';
import { bandReturn } from './example-band-return';
import { startStrategy } from './registry';
import { SymbolRun } from './symbol-run';

/** What it proposes over these closes, as `[bar, action]`. */
function trades(closes: readonly number[], stated: object = {}) {
  const params = bandReturn.params.parse(stated);
  const run = new SymbolRun('SPY', [{ strategy: bandReturn, params, key: '' }]);
  return closes.flatMap((close, bar) =>
    run
      .next({ symbol: 'SPY', endMs: bar * 60_000, open: close, high: close + 1, low: close - 1, close, volume: 100 })
      .map(({ action }) => [bar, action]),
  );
}

const CALM = Array.from({ length: 30 }, (_, n) => 100 + (n % 2));

it('buys the return from below the bands and sells at the middle', () => {
  expect(trades([...CALM, 90, 99, 99, 105])).toEqual([
    [31, 'BUY'],
    [33, 'SELL'],
  ]);
});

it('sells what it held for long enough', () => {
  expect(trades([...CALM, 90, 97, 97, 97, 97], { hold_bars: 2 })).toEqual([
    [31, 'BUY'],
    [33, 'SELL'],
  ]);
});

it('proposes nothing while the bands are unknown, and refuses what it does not take', () => {
  expect(trades([100, 50, 100])).toEqual([]);
  expect(() => startStrategy(bandReturn, { hold_bars: 0 })).toThrow('hold_bars');
});

it('is in the manual as it stands here, in under 60 lines', () => {
  const here = readFileSync(path.join(import.meta.dirname, 'example-band-return.ts'), 'utf8');
  expect(here.split('\n').length).toBeLessThan(60);
  expect(readFileSync(path.resolve(import.meta.dirname, '../../../docs/strategies.md'), 'utf8')).toContain(here);
});
