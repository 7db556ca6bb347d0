import type { FeatureSnapshot } from '@/server/domain/features/feature-snapshot';
import type { Strategy, StrategyRun } from './types';

/** A stop lies at least this share of the price away (P-11). */
const LEAST_DISTANCE = 0.005;
const MOST_DISTANCE = 0.9999;

/**
 * Distance of the stop as a share of the price, rounded up to 4 decimals: so many times the average true range of 14 bars. The least
 * distance where that is not known yet.
 */
export function stopDistance(multiple: number, features: FeatureSnapshot | null): number {
  const range = features?.atr14 ?? null;
  const share = range === null || features === null || features.close <= 0 ? 0 : (multiple * range) / features.close;
  const distance = Math.min(Math.max(share, LEAST_DISTANCE), MOST_DISTANCE);
  return Math.ceil(distance * 1e4 - 1e-9) / 1e4;
}

/** A run of a strategy. Where its parameters name `stop_atr`, its purchases state how far away their stop lies. */
export function createRun(strategy: Strategy, params: unknown): StrategyRun {
  const run = strategy.create(params);
  const multiple = (params as { readonly stop_atr?: number | undefined }).stop_atr;
  if (multiple === undefined) return run;
  return {
    onBar(bar, features = null) {
      const candidate = run.onBar(bar, features);
      if (candidate === null || candidate.action === 'SELL') return candidate;
      return { ...candidate, stopDistancePct: stopDistance(multiple, features) };
    },
  };
}
