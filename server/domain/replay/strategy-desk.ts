import type { Bar } from '@/server/domain/exchange/types';
import type { SignalCandidate, StrategyRun } from '@/server/domain/strategy/types';

/** A strategy of the header, made and ready. */
export interface StrategySetup {
  readonly symbol: string;
  readonly input: 'bars' | 'ticks';
  readonly run: StrategyRun;
}

const SCALE = 1e12;

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
    const { symbol, endMs } = bar;
    const open = Number(bar.open) / SCALE;
    const high = Number(bar.high) / SCALE;
    const low = Number(bar.low) / SCALE;
    const close = Number(bar.close) / SCALE;
    const volume = Number(bar.volume) / SCALE;
    for (const run of runs) {
      const candidate = run.onBar({ symbol, endMs, open, high, low, close, volume });
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
