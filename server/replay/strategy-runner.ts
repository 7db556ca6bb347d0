import type { Bar } from '@/server/domain/exchange/types';
import { FeatureRun } from '@/server/domain/features';
import { toStrategyBar } from '@/server/domain/strategy';
import type { SignalCandidate, StrategyRun } from '@/server/domain/strategy/types';

/** A strategy of the header, made and ready. */
export interface StrategySetup {
  readonly symbol: string;
  readonly input: 'bars' | 'ticks';
  readonly run: StrategyRun;
  readonly usesFeatures: boolean;
}

/** Feeds bars and quotes to the header's strategies, in its order, and hands their signals on. */
export class StrategyRunner {
  private readonly bars = new Map<string, StrategyRun[]>();
  private readonly ticks = new Map<string, StrategyRun[]>();
  /** Of symbols that a strategy wants them of: they cost more than everything else at a bar. */
  private readonly features = new Map<string, FeatureRun>();

  constructor(
    setups: readonly StrategySetup[],
    private readonly onSignal: (candidate: SignalCandidate) => void,
  ) {
    for (const { symbol, input, run, usesFeatures } of setups) {
      const runs = input === 'bars' ? this.bars : this.ticks;
      runs.set(symbol, [...(runs.get(symbol) ?? []), run]);
      if (input === 'bars' && usesFeatures && !this.features.has(symbol))
        this.features.set(symbol, new FeatureRun(symbol));
    }
  }

  /** Indicators are floats: this is where exact prices end. */
  onBar(bar: Bar): void {
    const runs = this.bars.get(bar.symbol);
    if (runs === undefined) return;
    const floats = toStrategyBar(bar);
    const features = this.features.get(bar.symbol)?.next(floats) ?? null;
    for (const run of runs) {
      const candidate = run.onBar(floats, features);
      if (candidate !== null) this.onSignal(candidate);
    }
  }

  onTick(symbol: string, nowMs: number): void {
    const runs = this.ticks.get(symbol);
    if (runs === undefined) return;
    for (const run of runs) {
      const candidate = run.onTick?.(nowMs, { symbol }) ?? null;
      if (candidate !== null) this.onSignal(candidate);
    }
  }
}
