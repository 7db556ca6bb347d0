import { FeatureHistory, type FeatureRecord } from '@/server/domain/features/feature-history';
import type { StrategyBar } from './bar-type';
import { type EffectiveSetting, effectiveSetting, type SettingRow } from './settings';
import { createRun } from './stop-distance';
import type { SignalCandidate, Strategy, StrategyRun } from './types';

/** A strategy that is on, with its parameters checked. */
export interface Enabled {
  readonly strategy: Strategy;
  readonly params: unknown;
  /** The same for the same strategy, version and parameters. */
  readonly key: string;
}

export interface Chosen {
  readonly enabled: readonly Enabled[];
  /** Strategies that are on with parameters that they do not take any more: they do not run. */
  readonly faulty: readonly string[];
}

const DEFAULT_BARS = 500;
const BARS_A_SESSION = 390;
const DAY_MS = 86_400_000;

function parsed(strategy: Strategy, { params }: EffectiveSetting): Enabled | null {
  const result = strategy.params.safeParse(params);
  if (!result.success) return null;
  return { strategy, params: result.data, key: `${strategy.name} ${strategy.version} ${JSON.stringify(result.data)}` };
}

/** What of the strategies runs on a symbol. */
export function chooseStrategies(
  strategies: readonly Strategy[],
  rows: readonly SettingRow[],
  initial: readonly string[],
  symbol: string,
): Chosen {
  const enabled: Enabled[] = [];
  const faulty: string[] = [];
  for (const strategy of strategies) {
    const setting = effectiveSetting(rows, initial, strategy, symbol);
    if (!setting.enabled) continue;
    const ready = parsed(strategy, setting);
    if (ready === null) faulty.push(strategy.name);
    else enabled.push(ready);
  }
  return { enabled, faulty };
}

/**
 * Where the bars begin that a run over a bar is made from: midnight UTC so many days before the bar's own day that the slowest
 * strategy is warm, weekends and holidays included. It depends on nothing but the bar and the settings, so that every process
 * that ever takes the symbol over computes from the same bars.
 */
export function windowStartMs(barStartMs: number, enabled: readonly Enabled[]): number {
  const bars = enabled.map(({ strategy, params }) => strategy.warmUpBars?.(params) ?? DEFAULT_BARS);
  const sessions = Math.max(DEFAULT_BARS, ...bars) / BARS_A_SESSION;
  const days = Math.ceil((sessions * 7) / 5) + 4;
  return (Math.floor(barStartMs / DAY_MS) - days) * DAY_MS;
}

/** Features and strategies of one symbol, a bar at a time. */
export class SymbolRun {
  readonly #features: FeatureHistory;
  readonly #runs: readonly StrategyRun[];

  constructor(symbol: string, enabled: readonly Enabled[]) {
    this.#features = new FeatureHistory(symbol);
    this.#runs = enabled.map(({ strategy, params }) => createRun(strategy, params));
  }

  /** Takes in the next bar, in order of time. @returns what is proposed at it */
  next(bar: StrategyBar): readonly SignalCandidate[] {
    const features = this.#features.next(bar);
    const candidates: SignalCandidate[] = [];
    for (const run of this.#runs) {
      const candidate = run.onBar(bar, features);
      if (candidate !== null) candidates.push(candidate);
    }
    return candidates;
  }

  /** Features as of the newest bar; null before the first. */
  record(): FeatureRecord | null {
    return this.#features.record();
  }
}
