import { emaCross, smaCross } from './average-cross';
import { donchianBreakout } from './donchian-breakout';
import { fake } from './fake';
import { rsiReversion } from './rsi-reversion';
import { createRun } from './stop-distance';
import type { Strategy, StrategyRun } from './types';

/** Every strategy there is. */
export const STRATEGIES: readonly Strategy[] = [fake, emaCross, smaCross, rsiReversion, donchianBreakout];

const byName = new Map(STRATEGIES.map((strategy) => [strategy.name, strategy]));

/** @returns `undefined` where there is no such strategy */
export function findStrategy(name: string): Strategy | undefined {
  return byName.get(name);
}

/** Starts a run with parameters that are checked first; `{}` takes the defaults. @throws ZodError for wrong parameters */
export function startStrategy(strategy: Strategy, params: unknown): StrategyRun {
  return createRun(strategy, strategy.params.parse(params));
}
