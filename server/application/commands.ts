import type { ReducedTerms } from '@/server/application/approvals/approved-terms';
import type { Placement, SignalPlacement } from '@/server/application/placing/placement';
import type { EventImport, NewMarketEvent } from '@/server/contracts/console/market-events';
import type { OrderRequest } from '@/server/contracts/order';
import type { PolicyRequest, PolicyResponse } from '@/server/contracts/policy';
import type { ModelPrice, ReasoningLimits, ReasoningSettings } from '@/server/contracts/reasoning';
import type { SetStrategy, StrategySetting, StrategyView } from '@/server/contracts/strategies';
import type { Actor } from '@/server/kernel/actor';
import type { Outcome } from '@/server/kernel/outcome';
import type { Side, TradingCause, TradingState } from '@/server/kernel/vocabulary';

/** Both sides of a break as a person saw them. */
export interface ShownFigures {
  readonly ours: Readonly<Record<string, unknown>>;
  readonly theirs: Readonly<Record<string, unknown>>;
}

export interface TradingStateView {
  readonly state: TradingState;
  readonly version: string;
  readonly changedAt: string;
  readonly changedBy: string;
  readonly reason: string;
  /** The halt in force, with its times as ISO 8601; null unless HALTED. */
  readonly halt: {
    readonly id: string;
    readonly requestedAt: string;
    readonly acknowledgedAt: string | null;
    readonly verifiedAt: string | null;
    readonly progress: Readonly<Record<string, unknown>>;
  } | null;
  /** Why trading is not ACTIVE, oldest first; the state is the strictest of them (P-14). Empty while ACTIVE. */
  readonly causes: readonly OpenCause[];
}

/** An open cause of the trading state. */
interface OpenCause {
  readonly cause: TradingCause;
  readonly state: Exclude<TradingState, 'ACTIVE'>;
  readonly reason: string;
  readonly openedBy: string;
  /** ISO 8601. */
  readonly openedAt: string;
  /** The next session's open ends it too; otherwise only a release does. */
  readonly untilNextSession: boolean;
}

/** What approving would be answered at a moment, where it would be placed. */
export interface ApprovalCheck {
  /** ISO 8601. */
  readonly checkedAt: string;
  /** Gross exposure with the order filled, as a fraction of equity; null where it is not known. */
  readonly exposureAfter: string | null;
}

/** Everything an edge (REST, tRPC, CLI) may ask the application to do. Built by server/composition/web.ts. */
export interface Commands {
  /** Judges what the caller states, stores the evaluation and registers the candidate. Advisory. */
  evaluateCandidate(actor: Actor, request: PolicyRequest): Promise<Outcome<{ response: PolicyResponse }>>;
  /** Places an order once for each key of a principal. Validation and the key's form are the edge's. */
  placeOrder(actor: Actor, key: string, request: OrderRequest): Promise<Placement>;
  /** Places a market order for a stored signal, sized by the gate, once. */
  placeSignal(
    actor: Actor,
    signal: { readonly signalId: string; readonly symbol: string; readonly action: Side },
  ): Promise<SignalPlacement>;
  cancelOrder(actor: Actor, orderId: string, reason: string): Promise<Outcome<{ status: string }>>;
  /**
   * Places the order as shown, or `less` of it. `shownHash` is that of the approval as shown. From M2 on, OWN_REQUEST when the actor
   * requested the order, or, working alone, STEP_UP_NEEDED unless the edge has just confirmed who the actor is.
   */
  approve(
    actor: Actor,
    approvalId: string,
    shownHash: string,
    less?: ReducedTerms,
    steppedUp?: boolean,
  ): Promise<Outcome<{ orderId: string }>>;
  /** What approving would be answered at this moment. Changes nothing. */
  checkApproval(actor: Actor, approvalId: string): Promise<Outcome<ApprovalCheck>>;
  reject(actor: Actor, approvalId: string, reason: string): Promise<Outcome<{ status: 'REJECTED' }>>;
  /** Rejects each for the same reason. One that was decided already does not keep the others open. */
  rejectMany(
    actor: Actor,
    approvalIds: readonly string[],
    reason: string,
  ): Promise<readonly { readonly approvalId: string; readonly outcome: Outcome<{ status: 'REJECTED' }> }[]>;
  /** Commits HALTED first, then waits for the send lock; returns once acknowledged or after `waitMs` (default 5,000). */
  halt(actor: Actor, reason: string, waitMs?: number): Promise<Outcome<{ view: TradingStateView }>>;
  reduce(actor: Actor, reason: string): Promise<Outcome<{ view: TradingStateView }>>;
  /** Needs a reason, a fresh re-authentication (checked at the edge) and a clean reconciliation. */
  release(actor: Actor, reason: string): Promise<Outcome<{ view: TradingStateView }>>;
  /** States that the actor has seen an alert. It stays open until its cause is gone. ALREADY_DECIDED when someone did before. */
  acknowledgeAlert(actor: Actor, alertId: string): Promise<Outcome<{ status: 'ACKNOWLEDGED' }>>;
  /**
   * Ends a bot's token, cancels its open orders and rejects its waiting requests. ALREADY_DECIDED when it was stopped and nothing of it
   * is open.
   */
  stopBot(actor: Actor, botId: string, reason: string): Promise<Outcome<{ cancelled: number }>>;
  tradingState(): Promise<TradingStateView>;
  /**
   * Stores an audited exit of everything that the broker holds of the symbol, long or short; it bypasses the gate. The worker cancels
   * what works on the symbol, then closes the position. CONFLICT where nothing is held.
   */
  closePosition(actor: Actor, symbol: string, reason: string): Promise<Outcome<{ exitId: string }>>;
  /** Ends an exit and cancels its open order; cancelling that order does the same. CONFLICT where it has ended. */
  withdrawExit(actor: Actor, exitId: string, reason: string): Promise<Outcome<{ status: 'WITHDRAWN' }>>;
  /** An exit of each symbol that is held. */
  flattenAll(actor: Actor, reason: string): Promise<Outcome<{ exitIds: readonly string[] }>>;
  /**
   * Asks the worker to rehearse the kill switch: it places this many orders far below the market through the gate, halts,
   * and measures. Refused on a live account, unless trading is active, and while one is running. Trading stays halted after it.
   */
  requestDrill(
    actor: Actor,
    drill: { readonly orders: number; readonly symbol?: string },
  ): Promise<Outcome<{ drillId: string }>>;
  /**
   * A person closes a reconciliation break with a reason. A position or cash that still differs needs `accept`: an audited
   * adjustment then takes over the broker's figures as last read. CONFLICT when it still differs, when the figures moved or
   * are not those `shown`, UNAVAILABLE without a recent reading.
   */
  resolveBreak(
    actor: Actor,
    breakId: string,
    reason: string,
    options?: { readonly accept?: boolean; readonly shown?: ShownFigures },
  ): Promise<Outcome<{ status: 'RESOLVED' }>>;
  /**
   * A person ends an order that is live here and that the broker does not know: CANCELLED with reason UNKNOWN_AT_BROKER, its
   * break resolved. CONFLICT unless its break MISSING_AT_BROKER is open, UNAVAILABLE until a later good round confirmed it.
   */
  closeUnknownOrder(actor: Actor, orderId: string, reason: string): Promise<Outcome<{ status: 'CANCELLED' }>>;
  /** A person signs for the balances that an account is opened with, exactly as shown. The worker books them. */
  signInitialBalances(actor: Actor, openingId: string, shownHash: string): Promise<Outcome<{ status: 'SIGNED' }>>;
  /** Every registered strategy with what it does on `*` and on each symbol that may trade. */
  strategies(): Promise<readonly StrategyView[]>;
  /**
   * Sets what a strategy does on a symbol, or on all others (`*`). Audited with before and after; running pipelines follow
   * within seconds. NOT_FOUND: no such strategy. INVALID with `fields`: parameters that it does not take, or a symbol of its
   * own for a strategy of ticks. CONFLICT: `version` (0: there is no row yet) is not the present one; null does not ask.
   */
  setStrategy(
    actor: Actor,
    target: { readonly strategy: string; readonly symbol: string },
    change: SetStrategy,
    version: number | null,
  ): Promise<Outcome<{ setting: StrategySetting }>>;
  /** Asks the worker for a tie-out now; one that waits already is given back. */
  requestTieOut(actor: Actor): Promise<Outcome<{ tieOutId: string }>>;
  /** Adds a time in which nothing opens. CONFLICT when the same one is in effect already. */
  addMarketEvent(actor: Actor, event: NewMarketEvent): Promise<Outcome<{ id: string }>>;
  removeMarketEvent(actor: Actor, id: string, reason: string): Promise<Outcome<{ status: 'REMOVED' }>>;
  /** Puts a removed event back into effect. */
  restoreMarketEvent(actor: Actor, id: string): Promise<Outcome<{ status: 'RESTORED' }>>;
  /** Adds a CSV file of events, all or none: a fault keeps the whole file out. `dryRun` judges and counts only. */
  importMarketEvents(actor: Actor, csv: string, options?: { readonly dryRun?: boolean }): Promise<EventImport>;
  /** What reasoning may use up, the prices it reckons with, and what the present UTC day has used. */
  reasoningSettings(): Promise<ReasoningSettings>;
  /** Holds from the next memo on. Audited with before and after, as the prices are. */
  setReasoningLimits(actor: Actor, limits: ReasoningLimits): Promise<Outcome<{ settings: ReasoningSettings }>>;
  setModelPrice(actor: Actor, price: ModelPrice): Promise<Outcome<{ settings: ReasoningSettings }>>;
  /** NOT_FOUND when there was none. */
  removeModelPrice(actor: Actor, model: string): Promise<Outcome<{ settings: ReasoningSettings }>>;
}
