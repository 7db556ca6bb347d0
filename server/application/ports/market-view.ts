/** What is needed to judge a quote's age. */
export interface MarketView {
  /** The market's time now, epoch ms; null while its clock has not been read for longer than the gate trusts it. */
  readonly marketNowMs: number | null;
  /** Market seconds a wall second. */
  readonly speed: number;
  readonly isOpen: boolean;
  /** Where market data comes from, in words; null before the first connection. */
  readonly source: string | null;
  /** The active policy's bound on the age of data, seconds. */
  readonly maxDataAgeSeconds: number;
}

export type ReadMarketView = () => Promise<MarketView>;
