import type { RawNews } from '@/server/domain/reasoning/news-summary';

/** News as it came, for memos. Untrusted text. */
export interface NewsStore {
  /** Keeps what is new, by id; of a headline the first 4,000 characters. @returns how many were */
  write(items: readonly RawNews[]): Promise<number>;
  /** The newest items, 100 at most, of the symbol published in [`fromMs`, `untilMs`), market time. */
  read(symbol: string, fromMs: number, untilMs: number): Promise<readonly RawNews[]>;
  /** What time the market has it, epoch ms; null before its clock was read. */
  marketNowMs(): Promise<number | null>;
  /** When the newest item whose id begins so was published, epoch ms; null where there is none. */
  newestMs(idPrefix: string): Promise<number | null>;
}
