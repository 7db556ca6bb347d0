import type { Bar } from '@/server/domain/exchange/types';
import type { Fence } from './lease';

/** Which minutes: of a symbol, starting in [fromMs, toMs), epoch ms; open-ended where null. */
export interface RecentRange {
  readonly symbol: string;
  readonly fromMs: number | null;
  readonly toMs: number | null;
  /** At most so many of the oldest, or of the newest. */
  readonly limit: { readonly bars: number; readonly of: 'oldest' | 'newest' };
}

/** The minutes of a symbol on a New York date. */
export interface RecentDay {
  readonly symbol: string;
  readonly date: string;
  readonly bars: number;
  /** How many later dates of the symbol there are. */
  readonly later: number;
}

/** Minutes where they come in, until they are only in the history. */
export interface RecentBars {
  /** Oldest first. */
  read(range: RecentRange): Promise<readonly Bar[]>;
  /** Whether there is a bar or a quote of a symbol. */
  knows(symbol: string): Promise<boolean>;
  /** What is there, oldest first. */
  days(): Promise<readonly RecentDay[]>;
  day(symbol: string, date: string): Promise<readonly Bar[]>;
  /**
   * Takes away those of the bars that are there with these very figures.
   * @returns how many @throws SupersededError when the lease has a new holder
   */
  remove(bars: readonly Bar[], fence: Fence): Promise<number>;
  /** The market's time when its clock was read last, epoch ms; null before that. */
  marketTimeMs(): Promise<number | null>;
}
