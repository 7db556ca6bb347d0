import type { Bar } from '@/server/domain/exchange/types';
import { toStrategyBar } from '@/server/domain/strategy';
import type { SignalCandidate, StrategyRun } from '@/server/domain/strategy/types';

/** A strategy of the header, made and ready. */
export interface StrategySetup {
  readonly symbol: string;
  readonly input: 'bars' | 'ticks';
  readonly run: StrategyRun;
}

/** Feeds bars and quotes to the header's strategies, in its order, and hands their signals on. */
export class StrategyDesk {
  private readonly bars = new Map<string, StrategyRun[]>();
  private readonly ticks = new Map<string, StrategyRun[]>();

  constructor(
    setups: readonly StrategySetup[],
    private readonly onSignal: (candidate: SignalCandidate) => void,
  ) {
    for (const { symbol, input, run } of setups) {
      const runs = input === 'bars' ? this.bars : this.ticks;
      runs.set(symbol, [...(runs.get(symbol) ?? []), run]);
    }
  }

  /** Indicators are floats: this is where exact prices end. */
  onBar(bar: Bar): void {
    const runs = this.bars.get(bar.symbol);
    if (runs === undefined) return;
    const floats = toStrategyBar(bar);
    for (const run of runs) {
      const candidate = run.onBar(floats);
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
