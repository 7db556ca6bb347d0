import type { DisplayedQuote } from './displayed';

/** What the broker knows of its market. Times are epoch ms of market time. */
export interface MarketView {
  readonly symbols: ReadonlySet<string>;
  isOpen(atMs: number): boolean;
  /** The close of the session that is open at `atMs`, or else of the next one. */
  sessionClose(atMs: number): number;
  displayed(symbol: string): DisplayedQuote | undefined;
}
