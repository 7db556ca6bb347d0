import type { TradingState } from '@/server/kernel/vocabulary';

/** The account that bots trade in, as the worker read it last. Dollars as decimal text. */
export interface BotAccount {
  /** The broker's own id of it; null before the first look. */
  readonly brokerAccountId: string | null;
  readonly cash: string;
  readonly equity: string;
  readonly buyingPower: string;
  /** Equity at the previous session's close. */
  readonly lastEquity: string;
  /** Trading day of `lastEquity`, YYYY-MM-DD. */
  readonly tradingDay: string | null;
  /** Epoch ms; null before the first look: then nothing of the above is known. */
  readonly readAtMs: number | null;
  readonly tradingState: TradingState;
  readonly tradingReason: string;
}

/** A holding. Shares and dollars as decimal text. */
export interface BotPosition {
  readonly symbol: string;
  readonly qty: string;
  /** Not taken by working sell orders; protective stops take nothing away from a closing order. */
  readonly availableQty: string;
  readonly cost: string;
  /** What it is worth now; null while no price is known. */
  readonly price: string | null;
  /** The last close before the present trading day; null where none is stored. */
  readonly lastDayPrice: string | null;
  readonly exchange: string | null;
}

export interface BotAsset {
  readonly symbol: string;
  readonly tradable: boolean;
  readonly fractionable: boolean;
  readonly exchange: string | null;
  readonly name: string | null;
}

/** The broker's clock. Times are epoch ms of market time. */
export interface BotClock {
  readonly marketNowMs: number;
  readonly isOpen: boolean;
  readonly nextOpenMs: number | null;
  readonly nextCloseMs: number | null;
}

export interface BotAccountReads {
  account(): Promise<BotAccount | null>;
  positions(): Promise<readonly BotPosition[]>;
  assets(): Promise<readonly BotAsset[]>;
  /** The policy in force: its version and its thresholds. */
  policy(): Promise<{ readonly version: number; readonly body: unknown }>;
  /** Null while no worker has seen the broker's clock. */
  clock(): Promise<BotClock | null>;
  /** Equity over time, oldest first, at most about 360 points of it. */
  equity(fromMs: number, toMs: number): Promise<readonly { readonly atMs: number; readonly equity: string }[]>;
}
