import type { RawNews } from '@/server/domain/reasoning/news-summary';

/** Headlines as a source gives them: untrusted text, nothing done to it. */
export interface NewsSource {
  /**
   * Items about any of the symbols published in [`fromMs`, `untilMs`), market time, oldest first, each once; every page.
   * An item that cannot be read is left out. @throws BrokerError
   */
  news(symbols: readonly string[], fromMs: number, untilMs: number): Promise<readonly RawNews[]>;
}
