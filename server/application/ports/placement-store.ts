import type { Topic } from '@/server/contracts/events';
import type { DecidedPlacement, PlacementOutcome } from '@/server/contracts/placement';
import type { Closes } from '@/server/domain/features/portfolio-correlation';
import type { Figures, READ_FIGURES } from '@/server/domain/policy/account-figures';
import type { CompiledPolicy } from '@/server/domain/policy/compile-policy';
import type { GatedOrder } from '@/server/domain/policy/gate';
import type { GateSignal, WorkingPrices } from '@/server/domain/policy/gate-types';
import type { RuleHit } from '@/server/domain/policy/types';
import type { VerdictWithoutMemo } from '@/server/domain/policy/without-memo';
import type { Money, Units } from '@/server/kernel/money';
import type { OrderType, RolloutStage, Side, TradingState } from '@/server/kernel/vocabulary';

/** What was decided under an idempotency key. */
export interface StoredPlacement {
  readonly requestHash: string;
  readonly outcome: PlacementOutcome;
  /** Text of the stored reply, which is repeated byte for byte. */
  readonly reply: string;
}

export interface StoredSignal extends Omit<GateSignal, 'consumed'> {
  readonly id: string;
  readonly strategy: string;
  readonly consumedBy: string | null;
  /** Whose signal it is; null where nobody's in particular. */
  readonly principalId: string | null;
  /** The worker has yet to place it. */
  readonly queued: boolean;
  /** Orders of the same strategy in the last minute. */
  readonly recentOrders: number;
  /** Shares of the symbol that fills of the same strategy sum to since the position was opened, less its working sales. */
  readonly strategyQty: Units;
}

/** The broker's clock as last observed; market time runs at `speed` market seconds a wall second. */
export interface ObservedClock {
  readonly isOpen: boolean;
  readonly marketTimeMs: number;
  readonly observedAtMs: number;
  readonly nextCloseMs: number | null;
  readonly speed: number;
}

/** Best bid and offer with the sizes displayed. */
export interface GateQuote {
  readonly bid: Units;
  readonly ask: Units;
  readonly bidSize: Units;
  readonly askSize: Units;
  readonly atMs: number;
}

/** What the gate needs of a symbol's features. */
export interface GateFeatures {
  /** End of the newest bar, market time, epoch ms. */
  readonly atMs: number;
  readonly dollarsPerMinute: number | null;
  /** By the end of their bars, oldest first. */
  readonly closes: Closes;
}

/** Times, in the market's, in which nothing opens. */
export interface EventWindow {
  readonly id: string;
  /** null: every symbol. */
  readonly symbol: string | null;
  readonly fromMs: number;
  /** Not in it any more. */
  readonly untilMs: number;
}

/** What makes two opening orders equal (DUPLICATE_ORDER). */
export interface OpeningKey {
  readonly principalId: string | null;
  readonly strategy: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Units;
  readonly orderType: OrderType;
  readonly limitPrice: Units | null;
}

/** Working orders of a symbol. */
export interface WorkingOfSymbol {
  readonly buyNotional: Money;
  readonly sellQty: Units;
  /** Shares that protective stops would sell; they are not in `sellQty`. */
  readonly protectedQty: Units;
  readonly openingCount: number;
  readonly openingNotional: Money;
  readonly buys: WorkingPrices;
  readonly sells: WorkingPrices;
}

/** Everything the gate judges a batch from, as of one snapshot of the database. */
export interface GateSnapshot {
  /** The database's clock, epoch ms: the only wall clock the gate knows. */
  readonly nowMs: number;
  readonly tradingState: TradingState;
  readonly stage: RolloutStage;
  readonly policy: CompiledPolicy;
  /** What the commit compares; opaque. */
  readonly versions: { readonly account: string; readonly trading: string; readonly settings: string };
  readonly account: {
    readonly figures: Figures<typeof READ_FIGURES>;
    readonly buyingPower: Money | null;
    /** Filled value of opening orders since the last close; null while the policy does not limit it. */
    readonly openedFills: Money | null;
    readonly portfolioAtMs: number | null;
    readonly reconciledAtMs: number | null;
  };
  readonly clock: ObservedClock | null;
  readonly positions: ReadonlyMap<string, { readonly qty: Units; readonly value: Money }>;
  readonly working: ReadonlyMap<string, WorkingOfSymbol>;
  /** What orders by amount that nobody here placed may still cost. */
  readonly foreignBuyNotional: Money;
  /** Opening orders and open approvals within the policy's window for duplicates, of the symbols of the batch. */
  readonly recentOpenings: readonly OpeningKey[];
  readonly quotes: ReadonlyMap<string, GateQuote>;
  /** Of the symbols of the batch and of those held. */
  readonly features: ReadonlyMap<string, GateFeatures>;
  /** Events within an hour of the market's now that concern a symbol of the batch. */
  readonly events: readonly EventWindow[];
  /** Symbols with an unresolved break. */
  readonly breaks: ReadonlySet<string>;
  /** Symbols with an order whose submission is uncertain. */
  readonly uncertain: ReadonlySet<string>;
  /** Symbols of which the broker said that it takes fractions of a share. */
  readonly fractionable: ReadonlySet<string>;
  readonly signals: ReadonlyMap<string, StoredSignal>;
  /** By `principalId key`. */
  readonly answers: ReadonlyMap<string, StoredPlacement>;
}

export interface EvaluationRow {
  readonly id: string;
  readonly signalId: string;
  readonly kind: 'GATE' | 'APPROVAL';
  readonly decision: string;
  readonly approvedSizePct: string;
  readonly policyVersion: number;
  readonly stage: string;
  /** Canonical JSON of the exact input. */
  readonly input: string;
  readonly inputHash: string;
  readonly reasons: readonly RuleHit[];
  /** What policy says without the memo; null where there was none. */
  readonly withoutMemo: VerdictWithoutMemo | null;
  readonly expiresAt: string;
}

/** A new exit; where one of the symbol is open, the order is added to that. */
export interface ExitRow {
  readonly id: string;
  readonly requestedBy: string;
  readonly correlationId: string;
  readonly reason: string;
}

export interface OrderRow {
  readonly id: string;
  readonly signalId: string;
  readonly evaluationId: string;
  readonly approvalId: string | null;
  readonly principalId: string;
  readonly strategy: string;
  /** Proves that the order passed the gate. */
  readonly order: GatedOrder;
  readonly timeInForce: string;
  readonly expiresAt: string;
  /** The exit that carries out a closing market order; null for an order that is sent as it is. */
  readonly exit: ExitRow | null;
  /** First entry of its timeline. */
  readonly created: Readonly<Record<string, unknown>>;
}

export interface ApprovalRow {
  readonly id: string;
  readonly signalId: string;
  readonly evaluationId: string;
  readonly principalId: string;
  readonly symbol: string;
  readonly side: string;
  readonly qty: string;
  readonly orderType: string;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
  readonly protectiveStopPrice: string | null;
  readonly timeInForce: string;
  readonly referencePrice: string;
  readonly notional: string;
  readonly exposureAfter: string;
  readonly shownHash: string;
  readonly expiresAt: string;
}

export interface OutboxRow {
  readonly id: string;
  readonly topic: Topic;
  readonly subject: string;
  readonly data: Readonly<Record<string, unknown>>;
}

/** One decided placement: at most one of `order` and `approval`. */
export interface PlacementRows {
  readonly key: { readonly principalId: string; readonly key: string; readonly requestHash: string };
  readonly decided: DecidedPlacement;
  readonly evaluation: EvaluationRow;
  readonly order: OrderRow | null;
  readonly approval: ApprovalRow | null;
  readonly outbox: readonly OutboxRow[];
}

export type CommitResult =
  | { readonly status: 'STALE' }
  /** What is stored under the key of each placement; `replayed` when another process had stored it first. */
  | { readonly status: 'DONE'; readonly stored: readonly (StoredPlacement & { readonly replayed: boolean })[] };

export interface GateQuery {
  readonly symbol: string;
  readonly signalId: string;
  readonly principalId: string;
  readonly key: string;
}

/** Thrown when a lock was not had within the wait: somebody else is at the same key, or a halt is under way. */
export class LockWaitError extends Error {
  override readonly name = 'LockWaitError';
}

/** One reader and committer: over the pool, or over one connection that holds the account's lock. */
export interface PlacementSession {
  read(queries: readonly GateQuery[]): Promise<GateSnapshot>;
  /** @throws LockWaitError */
  commit(snapshot: GateSnapshot, at: Date, rows: readonly PlacementRows[]): Promise<CommitResult>;
}

export interface PlacementStore extends PlacementSession {
  /** Runs `work` while holding the send lock (shared) and the account's lock: nothing goes stale under it. */
  exclusively<T>(work: (session: PlacementSession) => Promise<T>): Promise<T>;
}
