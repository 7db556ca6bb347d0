import type { Fence } from '@/server/application/ports/lease';
import type { ExitIntent, ExitOrder, ExitPlacement, QueuedOrder, WorkingOrder } from '@/server/domain/exit/next-step';
import type { Actor } from '@/server/kernel/actor';
import type { Units } from '@/server/kernel/money';
import type { ExitOutcome, ExitSource, RolloutStage } from '@/server/kernel/vocabulary';

/** A request to close a position. */
export interface ExitRequest {
  /** Id of the exit where none of the symbol is open. */
  readonly id: string;
  readonly symbol: string;
  readonly source: ExitSource;
  /** Shares; null for everything that the broker holds. */
  readonly qty: Units | null;
  readonly reason: string;
  /** The exit ends when this stage does; null for no stage. */
  readonly stage: RolloutStage | null;
  /** The exit ends after this much wall time; null for no end. */
  readonly endsInMs: number | null;
}

/** Requests for exits. Each is one transaction and is audited. */
export interface ExitRequests {
  /** Stores an exit, or adds to the one of the symbol that is open. @returns the id of the exit that is open now */
  request(actor: Actor, request: ExitRequest): Promise<string>;
  /** Ends an exit. @returns its orders that are still open; null where no such exit is open */
  withdraw(actor: Actor, exitId: string, reason: string): Promise<readonly string[] | null>;
  /** Symbols that are held: by our books, as the broker last reported, or with an unresolved break. */
  heldSymbols(): Promise<readonly string[]>;
}

/** An order of the symbol, with its name at the broker; null before the broker has given it one. */
export interface SymbolOrder extends WorkingOrder {
  readonly externalOrderId: string | null;
}

/** An exit that has not ended, with what our side knows of its symbol. */
export interface OpenExit {
  readonly id: string;
  readonly symbol: string;
  readonly principalId: string;
  /** Strategy whose shares are closed; empty where there is none, or more than one. */
  readonly strategy: string;
  readonly requestedBy: string;
  readonly reason: string;
  readonly intent: ExitIntent;
  readonly started: boolean;
  readonly own: (ExitOrder & { readonly externalOrderId: string | null }) | null;
  /** Closing orders of clients and strategies that it has not sent yet, oldest first. */
  readonly queued: readonly QueuedOrder[];
  /** Other orders of the symbol that may still fill. */
  readonly others: readonly SymbolOrder[];
  /** Signed shares of our books. */
  readonly booked: Units;
  /** Since our position last changed, ms; null for never. */
  readonly lastFillAgoMs: number | null;
  /** Null where there is none, or it is older than the policy allows. Dollars per share. */
  readonly quote: { readonly bid: Units; readonly ask: Units } | null;
  /** As of the last look: what the broker held, and how many other orders worked. */
  readonly heldQty: Units | null;
  readonly working: number;
  readonly progressAgoMs: number;
  readonly waitsFor: string | null;
}

export interface OpenExits {
  /** Epoch ms, by the database's clock. */
  readonly nowMs: number;
  readonly exits: readonly OpenExit[];
  /** Null while nobody has confirmed an account. */
  readonly brokerAccountId: string | null;
  /** Whether the market is open; null where the broker's clock was not read recently. */
  readonly marketOpen: boolean | null;
  /** Share of the price. */
  readonly collarPct: Units;
}

/** What a look at an exit changes. */
export interface ExitProgress {
  readonly waitsFor: string;
  /** Something got nearer to its end. */
  readonly progressed: boolean;
  readonly heldQty: Units | null;
  readonly working: number;
}

/** The worker's side of exits. Writes carry the lease and throw SupersededError when it is lost. */
export interface ExitStore {
  /** All of one moment. */
  open(): Promise<OpenExits>;
  /** Records that the exit has begun, and the price at that moment; null without a live quote. */
  start(fence: Fence, exitId: string, startPrice: Units | null): Promise<void>;
  note(fence: Fence, exitId: string, progress: ExitProgress): Promise<void>;
  /**
   * Places an order of the exit, kind FLATTEN, audited, or releases the queued order that it names. A queued order that it replaces
   * is cancelled in the same transaction. One that is not sent within some seconds never is: what it rests on is old by then.
   * @returns false where the exit has ended or has an order that is open
   */
  place(fence: Fence, exit: OpenExit, orderId: string, placement: ExitPlacement): Promise<boolean>;
  end(fence: Fence, exitId: string, outcome: ExitOutcome): Promise<void>;
  /** Orders that may still fill and belong to no exit, without those whose cancel is requested. */
  otherOrders(): Promise<readonly string[]>;
}
