import type { z } from 'zod';
import type { FeatureSnapshot } from '@/server/domain/features/feature-snapshot';
import type { Side } from '@/server/kernel/vocabulary';
import type { StrategyBar } from './bar-type';

export type { StrategyBar };

/** A trade that a strategy proposes. Fractions have at most 4 decimals, so that they are exact as decimals. */
export interface SignalCandidate {
  /** UUID derived from strategy, version, parameters, symbol and time: the same bars give the same ids. */
  readonly signalId: string;
  readonly strategy: string;
  readonly strategyVersion: string;
  readonly symbol: string;
  readonly action: Side;
  /** 0 to 1. */
  readonly confidence: number;
  /** Share of equity asked for, above 0 and at most 1. */
  readonly sizePct: number;
  /** Share of the price between entry and protective stop; absent: no stop. */
  readonly stopDistancePct?: number;
  /** Epoch ms: the end of the bar, or the tick. */
  readonly atMs: number;
}

/** One run of a strategy with its own state. Feed a bar strategy the bars of one symbol, in order. */
export interface StrategyRun {
  /** @param features as of this bar; they are looked at only where no confidence is stated, and may be left out otherwise */
  onBar(bar: StrategyBar, features?: FeatureSnapshot | null): SignalCandidate | null;
  /** Only of strategies whose `input` is `ticks`. `nowMs` is market time; `symbol` is the one just quoted. */
  onTick?(nowMs: number, quote: { readonly symbol: string }): SignalCandidate | null;
}

export interface Strategy<Schema extends z.ZodType = z.ZodType> {
  readonly name: string;
  readonly version: string;
  readonly description: string;
  /** What drives it: closed bars, or every quote. */
  readonly input: 'bars' | 'ticks';
  /** Parameters with their defaults: `{}` is valid. */
  readonly params: Schema;
  /** Whether a run with these parameters looks at features. Default: it does. */
  usesFeatures?(params: z.output<Schema>): boolean;
  /** Bars of history after which a run no longer depends on where it began. Default: 500. */
  warmUpBars?(params: z.output<Schema>): number;
  create(params: z.output<Schema>): StrategyRun;
}
