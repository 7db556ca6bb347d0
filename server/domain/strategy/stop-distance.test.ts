import { describe, expect, it } from 'vitest';
import { FeatureRun, type FeatureSnapshot } from '@/server/domain/features';
import { findStrategy } from './registry';
import { createRun, stopDistance } from './stop-distance';
import type { Strategy, StrategyBar } from './types';

function bar(n: number, close: number): StrategyBar {
  const endMs = Date.UTC(2026, 0, 5, 15, n + 1);
  return { symbol: 'SPY', endMs, open: close, high: close + 1, low: close - 1, close, volume: 100 };
}

function named(name: string): Strategy {
  const strategy = findStrategy(name);
  if (strategy === undefined) throw new Error(`no strategy ${name}`);
  return strategy;
}

/** Candidates of a market that falls, then rises, then falls. */
function candidates(params: object) {
  const strategy = named('sma-cross');
  const run = createRun(strategy, strategy.params.parse({ fast: 3, slow: 8, confidence: 0.8, ...params }));
  const features = new FeatureRun('SPY');
  return Array.from({ length: 90 }, (_, n) => bar(n, 100 + 10 * Math.cos(n / 10))).flatMap((each) => {
    const candidate = run.onBar(each, features.next(each));
    return candidate === null ? [] : [candidate];
  });
}

describe('the distance of a stop', () => {
  const at = (close: number, atr14: number | null) => ({ close, atr14 }) as FeatureSnapshot;

  it.each([
    ['a multiple of the range', 2, at(100, 1.5), 0.03],
    ['rounded up to 4 decimals', 1, at(300, 2.5), 0.0084],
    ['at least 0.5%', 2, at(100, 0.1), 0.005],
    ['0.5% while the range is not known', 2, at(100, null), 0.005],
    ['0.5% without features', 2, null, 0.005],
    ['below the whole price', 100, at(10, 9), 0.9999],
  ])('is %s', (_, multiple, features, distance) => {
    expect(stopDistance(multiple, features)).toBe(distance);
  });

  it('is stated by purchases alone, where the parameters name it', () => {
    const stopped = candidates({ stop_atr: 2 });
    expect(new Set(stopped.map(({ action }) => action))).toEqual(new Set(['BUY', 'SELL']));
    for (const { action, stopDistancePct } of stopped) expect(stopDistancePct !== undefined).toBe(action === 'BUY');
    const without = candidates({});
    expect(without.every((candidate) => !('stopDistancePct' in candidate))).toBe(true);
    // Other parameters: other signals.
    expect(stopped.map(({ atMs }) => atMs)).toEqual(without.map(({ atMs }) => atMs));
    expect(stopped[0]?.signalId).not.toBe(without[0]?.signalId);
  });
});
