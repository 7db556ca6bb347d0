import type { CompiledPolicy } from '@/server/domain/policy/compile-policy';
import type { CauseChange, CauseRecord } from '@/server/domain/policy/loss-limits';
import type { EntryKind } from '@/server/domain/position/ledger';
import type { Money, Units } from '@/server/kernel/money';
import type { BreakCause, OrderKind, RolloutStage, VenueEnvironment } from '@/server/kernel/vocabulary';
import type { BrokerAccount, BrokerPosition, NonTradeActivity } from './broker';
import type { Fence } from './lease';

/** Stands for the account in breaks of cash: no listed symbol looks like it. */
export const CASH_SYMBOL = '$CASH';

/** Stands for whatever has no symbol in breaks of unreadable items. */
export const BROKER_SYMBOL = '$BROKER';

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
  /** Both sides' figures, as the last round that changed them wrote them. */
  readonly ours: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
}

/** What a round makes of the ledger of breaks. */
export interface BreakChanges {
  /** New ones, and open ones with other figures. */
  readonly open: readonly BreakNews[];
  /** Closed by agreement. */
  readonly resolve: readonly { readonly id: string; readonly reason: string }[];
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
  /** Market time of the opening balances, epoch ms; null before the opening. */
  readonly openedAtMs: number | null;
  /** Day of the running daily figures, New York; null before the first round. */
  readonly tradingDay: string | null;
}

/** Balances of an account seen for the first time. */
export interface SeenBalances {
  readonly account: BrokerAccount;
  readonly positions: readonly BrokerPosition[];
  /** Null where only the market clock can tell. */
  readonly environment: VenueEnvironment | null;
}

export interface InitialBalances extends SeenBalances {
  readonly signedBy: string;
  /** Market time, epoch ms. */
  readonly atMs: number;
  /** What moved before, and is in the balances. */
  readonly known: readonly NonTradeActivity[];
}

/** An activity that was new, as the books took it. */
export interface BookedActivity {
  readonly activityId: string;
  readonly type: string;
  readonly symbol: string | null;
  readonly kind: EntryKind;
  /** What a person should know of it; null when it went as its type says. */
  readonly note: string | null;
}

export interface PortfolioRow {
  readonly account: BrokerAccount;
  /** Before the broker's own reservation for working buys: ours counts them itself. */
  readonly buyingPower: Money;
  readonly positions: readonly BrokerPosition[];
  /** The broker's cash when it stated its buying power. */
  readonly buyingPowerCash: Money;
  /** New York date of market time. */
  readonly tradingDay: string;
  /** When the session before that day closed, market time, epoch ms. */
  readonly closeBeforeMs: number;
  readonly activityCursorMs: number;
  readonly roundStartedAtMs: number;
}

/** What the limits on the day's loss are judged by, as a good round has just stored it. */
export interface DayState {
  readonly stage: RolloutStage;
  readonly policy: CompiledPolicy;
  /** Equity at the previous session's close and the capital moved since. */
  readonly baseline: Money;
  /** The newest of each cause of the trading state. */
  readonly causes: readonly CauseRecord[];
  /** Opening orders must go: trading is not ACTIVE, or a second good round has confirmed a break. */
  readonly cancelsOpening: boolean;
}

export interface CancelledOpening {
  readonly orderId: string;
  readonly symbol: string;
}

export interface HaltRow {
  readonly id: string;
  readonly acknowledged: boolean;
  readonly verified: boolean;
  /** Ms since the acknowledgement by the database's clock; null before. */
  readonly sinceAcknowledgedMs: number | null;
  /** Connections that held the send lock past their time and were ended: their sends may outlast the acknowledgement. */
  readonly endedHolders: number;
  /** What the last pass found; empty before the first. */
  readonly progress: Readonly<Record<string, unknown>>;
}

/** A live order of ours, as a halt looks at it. */
export interface HaltOrder {
  readonly orderId: string;
  readonly externalOrderId: string | null;
  readonly kind: OrderKind;
  readonly symbol: string;
  /** Ms since the last cancel was sent; null when none was. */
  readonly cancelSentAgoMs: number | null;
  /** The broker's words to the last cancel, where it refused. */
  readonly cancelFault: string | null;
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
  /**
   * Balances that wait for a person's signature: proposed when they are new, proposed again when they changed meanwhile.
   * @returns who signed for exactly these balances; null while nobody has
   */
  proposeInitialBalances(seen: SeenBalances): Promise<{ readonly id: string; readonly signedBy: string | null }>;
  /** Books the opening balances, once. */
  bookInitialBalances(balances: InitialBalances): Promise<void>;
  /** Books what moved without a trade, each activity once; what the broker takes back or corrects is reversed. */
  bookNonTrades(fence: Fence, activities: readonly NonTradeActivity[]): Promise<readonly BookedActivity[]>;
  positions(): Promise<ReadonlyMap<string, HeldPosition>>;
  /** Cash by our own books. */
  ledgerCash(): Promise<Money>;
  /** Fills booked since the last clean tie-out. */
  fillsSinceTieOut(): Promise<number>;
  openBreaks(): Promise<readonly OpenBreak[]>;
  /** Opens a break, or brings the open one's figures up to date. @returns whether it is new */
  openBreak(fence: Fence, news: BreakNews): Promise<boolean>;
  /** Unreadable items that a person has accepted by resolving their break: `SYMBOL item why`. */
  acceptedUnreadable(): Promise<ReadonlySet<string>>;
  /** Open breaks of overfills whose order holds no more than its quantity again. */
  overfillsTakenBack(): Promise<readonly string[]>;
  /** Everything of a round at once: at most two statements. */
  saveBreaks(fence: Fence, changes: BreakChanges): Promise<void>;
  /** Closes a break by agreement of both sides. */
  resolveBreak(fence: Fence, id: string, reason: string): Promise<void>;
  /** Ends a good round: account, positions' broker side, snapshot when changed or a minute old, the day's row. */
  savePortfolio(fence: Fence, row: PortfolioRow): Promise<DayState>;
  /** Opens, ends and re-arms causes of the trading state: one transaction. */
  changeCauses(fence: Fence, changes: readonly CauseChange[]): Promise<void>;
  /**
   * Requests the cancel of our orders that open risk: all of them unless trading is ACTIVE, otherwise those of a symbol with a break
   * that a second good round has confirmed, or all of them when that break is in cash (P-16).
   * @returns those whose cancel was requested now
   */
  cancelOpening(fence: Fence): Promise<readonly CancelledOpening[]>;
  /** Requests the cancel of an order that reached the broker after the close; again only some time after a refusal. */
  cancelLate(fence: Fence, orderId: string): Promise<void>;
  /** Counts a failed round. @returns failed rounds in a row */
  failRound(): Promise<number>;
  /** The halt in force. */
  halt(): Promise<HaltRow | null>;
  haltOrders(): Promise<readonly HaltOrder[]>;
  /** Marks every live order but flattens as being cancelled, before one request cancels all. */
  cancelAllSent(fence: Fence): Promise<void>;
  /** Keeps the broker's words with the orders that still work although their cancel was sent. */
  cancelsRefused(refused: readonly { readonly externalOrderId: string; readonly message: string }[]): Promise<void>;
  haltCounts(haltId: string): Promise<HaltCounts>;
  saveHaltProgress(fence: Fence, haltId: string, progress: Readonly<Record<string, unknown>>): Promise<void>;
  verifyHalt(fence: Fence, haltId: string): Promise<void>;
}
