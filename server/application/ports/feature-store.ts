import type { FeatureSnapshot } from '@/server/domain/features/feature-snapshot';

/** What is known of a symbol since its newest bar closed. */
export interface StoredFeatures {
  readonly snapshot: FeatureSnapshot;
  /** Average dollars traded a minute over the last bars, at most 20; null where no bar is known. */
  readonly dollarsPerMinute: number | null;
  /** [end of the bar in epoch ms, close], oldest first: what correlation is computed from. */
  readonly closes: readonly (readonly [endMs: number, close: number])[];
}

/** The newest features of each symbol. The pipeline writes them; the gate, REST and the console read them. */
export interface FeatureStore {
  /** Keeps what is newer than what is there, by the end of the bar. */
  write(features: readonly StoredFeatures[]): Promise<void>;
  latest(symbols: readonly string[]): Promise<ReadonlyMap<string, StoredFeatures>>;
}
