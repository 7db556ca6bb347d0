import type { Quote } from '@/server/domain/exchange/types';

export interface StoredQuote extends Quote {
  /** Wall clock, epoch ms. */
  readonly receivedAtMs: number;
}

export interface QuoteStoreHealth {
  readonly engine: 'postgres' | 'redis';
  /** `away`: Redis does not answer, and reads come from Postgres. */
  readonly state: 'connected' | 'away';
  /** Why Redis is away; empty while it is connected. */
  readonly fault: string;
  /** Quotes that took an older one's place in Redis, and how many waited too long and gave way to a newer one. */
  readonly stored: number;
  readonly skipped: number;
}

/** The latest quote of each symbol, for readers of the market. The gate reads Postgres, in its one statement. */
export interface QuoteStore {
  /** A symbol's quote goes to Postgres at most once in so many ms; 0: as fast as Postgres takes them. */
  readonly conflateMs: number;
  /** Keeps it if it is newer than what is there. Never waits and never throws. */
  offer(quote: Quote, receivedAtMs: number): void;
  /** The newest quote of each symbol that has one. */
  latest(symbols: readonly string[]): Promise<ReadonlyMap<string, StoredQuote>>;
  health(): QuoteStoreHealth;
  close(): Promise<void>;
}
