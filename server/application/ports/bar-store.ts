import type { Bar } from '@/server/domain/exchange/types';
import type { BarConflict } from '@/server/domain/market/merge-bars';
import type { Period } from '@/server/domain/market/period';

/** Which bars: of a symbol, ending in (afterMs, untilMs], epoch ms; open-ended where null. */
export interface BarRange {
  readonly symbol: string;
  readonly period: Period;
  readonly afterMs: number | null;
  readonly untilMs: number | null;
  /** At most so many of the oldest, or of the newest: no more is read from disk than that takes. Default: all. */
  readonly limit?: { readonly bars: number; readonly of: 'oldest' | 'newest' };
}

/** Everything that is stored of one symbol and period. */
export interface BarHolding {
  readonly symbol: string;
  readonly period: Period;
  readonly bars: number;
  /** First start and last end, epoch ms. */
  readonly fromMs: number;
  readonly toMs: number;
  readonly files: number;
  readonly bytes: number;
}

export interface BarsWritten {
  readonly added: number;
  readonly same: number;
  /** Partitions that changed. */
  readonly files: number;
  readonly bytes: number;
}

export interface AddOptions {
  /** Judge and count, write nothing. */
  readonly dryRun?: boolean;
}

/** Bars that are stored with other figures: nothing of the request was written. */
export class BarsDifferError extends Error {
  override readonly name = 'BarsDifferError';

  constructor(readonly conflicts: readonly BarConflict[]) {
    super(`${conflicts.length} bar(s) are stored with other figures`);
  }
}

/** Somebody else is writing to the history. */
export class HistoryBusyError extends Error {
  override readonly name = 'HistoryBusyError';
}

/** The right to write to the history, while it is held. */
export interface BarWriter {
  /**
   * Adds bars of one symbol and period, oldest first. What is there already and equal is left alone.
   * @throws BarsDifferError before anything is written
   */
  add(period: Period, bars: readonly Bar[], options?: AddOptions): Promise<BarsWritten>;
  /**
   * Takes bars of one symbol and period away and puts others in their place; both oldest first. Each partition changes as a
   * whole. @throws BarsDifferError before anything is written, when a new bar meets one that stays
   */
  replace(period: Period, removed: readonly Bar[], added: readonly Bar[]): Promise<void>;
}

/** Bars for ever. A reader sees a partition whole, before or after a change, and a change that died left none half done. */
export interface BarStore {
  /** Oldest first. */
  read(range: BarRange): Promise<readonly Bar[]>;
  /** Whether anything is stored of a symbol. */
  has(symbol: string): Promise<boolean>;
  holdings(): Promise<readonly BarHolding[]>;
  /** One {@link BarWriter.add} under a lock of its own. @throws BarsDifferError @throws HistoryBusyError */
  add: BarWriter['add'];
  /** Holds the right to write for as long as the work lasts. @throws HistoryBusyError */
  writing<T>(work: (writer: BarWriter) => Promise<T>): Promise<T>;
  /** A bar as it will be read back: figures are rounded to the decimals that are stored. */
  storable(bar: Bar): Bar;
  close(): Promise<void>;
}
