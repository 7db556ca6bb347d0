import type { Money, Units } from '@/server/domain/money/decimal';
import type { BrokerAccount, BrokerActivity, BrokerPosition } from './broker';
import type { Fence } from './lease';

export type BreakCause =
  | 'LATE_FILL'
  | 'OVERFILL'
  | 'EXTERNAL_ORDER'
  | 'MISSING_AT_BROKER'
  | 'POSITION_MISMATCH'
  | 'CASH_MISMATCH';

/** Stands for the account in breaks of cash: no listed symbol looks like it. */
export const CASH_SYMBOL = '$CASH';

export interface BreakNews {
  readonly symbol: string;
  readonly orderId: string | null;
  readonly cause: BreakCause;
  readonly ours: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
}

export interface OpenBreak {
  readonly id: string;
  readonly symbol: string;
  readonly orderId: string | null;
  readonly cause: BreakCause;
}

export interface HeldPosition {
  readonly qty: Units;
  /** Wall clock, epoch ms. */
  readonly updatedAtMs: number;
}

export interface AccountRow {
  readonly brokerAccountId: string | null;
  readonly openedBy: string | null;
  /** Market time up to which activities are booked, epoch ms; null before the opening. */
  readonly activityCursorMs: number | null;
}

export interface PortfolioRow {
  readonly account: BrokerAccount;
  /** Before the broker's own reservation for working buys: ours counts them itself. */
  readonly buyingPower: Money;
  readonly positions: readonly BrokerPosition[];
  /** New York date of market time. */
  readonly tradingDay: string;
  readonly activityCursorMs: number;
  readonly roundStartedAtMs: number;
}

export interface HaltRow {
  readonly id: string;
  readonly acknowledged: boolean;
  readonly verified: boolean;
  /** Ms since the acknowledgement by the database's clock; null before. */
  readonly sinceAcknowledgedMs: number | null;
}

export interface HaltCounts {
  /** Orders of ours that are live and no flatten, sent or not. */
  readonly working: number;
  /** Of them, those the broker may have without our knowing. */
  readonly uncertain: number;
  /** Orders closed since the halt was asked for. */
  readonly cancelled: number;
  readonly filled: number;
}

/** What reconciliation reads and writes beside orders. */
export interface ReconciliationStore {
  account(): Promise<AccountRow>;
  /** Books the opening balances, once. */
  open(account: BrokerAccount, positions: readonly BrokerPosition[], signedBy: string, cursorMs: number): Promise<void>;
  /** Of these execution ids, those booked (directly or as a correction). */
  bookedExecutions(executionIds: readonly string[]): Promise<ReadonlySet<string>>;
  /** Books fees and other cash, each activity once. @returns how many were new */
  bookCash(fence: Fence, activities: readonly Extract<BrokerActivity, { kind: 'CASH' }>[]): Promise<number>;
  positions(): Promise<ReadonlyMap<string, HeldPosition>>;
  /** Cash by our own books. */
  ledgerCash(): Promise<Money>;
  openBreaks(): Promise<readonly OpenBreak[]>;
  /** @returns whether it is new */
  openBreak(news: BreakNews): Promise<boolean>;
  /** Closes a break by agreement of both sides. */
  resolveBreak(id: string, reason: string): Promise<void>;
  /** Ends a good round: account, positions' broker side, snapshot when changed or a minute old, the day's row. */
  savePortfolio(fence: Fence, row: PortfolioRow): Promise<void>;
  /** Counts a failed round. @returns failed rounds in a row */
  failRound(): Promise<number>;
  halt(): Promise<HaltRow | null>;
  haltCounts(haltId: string): Promise<HaltCounts>;
  saveHaltProgress(haltId: string, progress: Readonly<Record<string, unknown>>): Promise<void>;
  verifyHalt(haltId: string): Promise<void>;
}
