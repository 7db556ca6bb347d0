import type { FeatureRecord } from '@/server/domain/features/feature-history';

/**
 * What is known of a symbol since its newest bar closed. The pipeline keeps one `FeatureHistory` (server/domain/features) a
 * symbol: `history.next(bar)` for every bar in order of time, from warm-up on, O(1) each; `history.record()` is what to write,
 * once after warm-up and then with every bar.
 */
export type StoredFeatures = FeatureRecord;

/** The newest features of each symbol. The pipeline writes them; the gate, REST and the console read them. */
export interface FeatureStore {
  /** Keeps what is newer than what is there, by the end of the bar; of one symbol twice, the newer. One statement. */
  write(features: readonly StoredFeatures[]): Promise<void>;
  /** Symbols without a bar are left out. @throws ZodError when what is stored is not of this form */
  latest(symbols: readonly string[]): Promise<ReadonlyMap<string, StoredFeatures>>;
}
