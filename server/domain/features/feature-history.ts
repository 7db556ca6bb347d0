import type { StrategyBar } from '@/server/domain/strategy/bar-type';
import { FeatureRun, type FeatureSnapshot } from './feature-snapshot';

/** Closes kept of a symbol: four hours of minutes are what correlation looks back. */
export const KEPT_CLOSES = 240;

/** What is kept of a symbol when a bar closes: the shape of `StoredFeatures`. */
export interface FeatureRecord {
  readonly snapshot: FeatureSnapshot;
  readonly dollarsPerMinute: number | null;
  /** [end of the bar in epoch ms, close], oldest first, at most {@link KEPT_CLOSES}. */
  readonly closes: readonly (readonly [endMs: number, close: number])[];
}

/**
 * Features of one symbol with its last closes. `next` is O(1) a bar, so that warming up over history costs nothing more;
 * `record` lays the closes out, once for each bar that is to be stored.
 */
export class FeatureHistory {
  readonly #run: FeatureRun;
  readonly #ends = new Float64Array(KEPT_CLOSES);
  readonly #closes = new Float64Array(KEPT_CLOSES);
  #at = 0;
  #count = 0;
  #last: FeatureSnapshot | null = null;

  constructor(symbol: string) {
    this.#run = new FeatureRun(symbol);
  }

  /** Takes in the next bar, in order of time. */
  next(bar: StrategyBar): FeatureSnapshot {
    this.#ends[this.#at] = bar.endMs;
    this.#closes[this.#at] = bar.close;
    this.#at = (this.#at + 1) % KEPT_CLOSES;
    if (this.#count < KEPT_CLOSES) this.#count += 1;
    this.#last = this.#run.next(bar);
    return this.#last;
  }

  /** As of the newest bar; null before the first. */
  record(): FeatureRecord | null {
    const snapshot = this.#last;
    if (snapshot === null) return null;
    const first = this.#at - this.#count + KEPT_CLOSES;
    const closes = Array.from({ length: this.#count }, (_, n) => {
      const at = (first + n) % KEPT_CLOSES;
      return [this.#ends[at] ?? 0, this.#closes[at] ?? 0] as const;
    });
    return { snapshot, dollarsPerMinute: snapshot.dollarsPerMinute, closes };
  }
}
