import { findStrategy, type SignalCandidate, startStrategy } from '@/server/domain/strategy';

/** One interval of a tick strategy's default pace, which it lets pass before it takes a symbol it did not expect. */
const WARM_UP_MS = 5_000;

/**
 * What a tick strategy with its default parameters proposes for one symbol at a market time, from a fresh run that sees
 * that symbol alone. Null when it proposes nothing, or there is no such strategy.
 */
export function proposeNow(strategyName: string, symbol: string, marketMs: number): SignalCandidate | null {
  const strategy = findStrategy(strategyName);
  if (strategy === undefined) return null;
  const first = startStrategy(strategy, {}).onTick?.(marketMs, { symbol }) ?? null;
  if (first !== null) return first;
  const run = startStrategy(strategy, {});
  run.onTick?.(marketMs - WARM_UP_MS, { symbol });
  return run.onTick?.(marketMs, { symbol }) ?? null;
}
