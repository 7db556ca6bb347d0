import type { NewOrder } from '@/server/domain/order/new-order';
import type { OrderInput, OrderState } from '@/server/domain/order/types';
import type { Units } from '@/server/kernel/money';
import type {
  BreakCause,
  BrokerOrderStatus,
  OrderKind,
  OrderType,
  Side,
  TimeInForce,
} from '@/server/kernel/vocabulary';
import type { Answered } from './answered';

/** The broker's order in our terms. `UNKNOWN` is a status without a word for it: nothing is concluded from it. */
export interface BrokerOrderView {
  readonly externalOrderId: string;
  /** Ours for an order that we sent; else whatever somebody gave it. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  /** Null for an order placed by amount. */
  readonly qty: Units | null;
  /** Null for a type that we do not place (stop-limit, trailing). */
  readonly orderType: OrderType | null;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  readonly timeInForce: TimeInForce;
  readonly status: BrokerOrderStatus;
  readonly filledQty: Units;
  readonly filledAvgPrice: Units | null;
  readonly submittedAtMs: number;
  readonly updatedAtMs: number;
  /** The order that this one replaced, whose filled quantity it may carry. */
  readonly replaces?: string | null;
}

/** An execution as the broker's statement lists it. */
export interface BrokerFill {
  readonly executionId: string;
  readonly qty: Units;
  readonly price: Units;
  readonly atMs: number;
  /** Filled so far, this one included; null where it is not stated. */
  readonly cumQty: Units | null;
}

/** An execution of the account's statement, with its order. */
export interface StatementFill extends BrokerFill {
  readonly externalOrderId: string;
}

export interface OurOrder {
  readonly state: OrderState;
  readonly kind: OrderKind;
  /** How long ago it last changed here, ms. */
  readonly changedMsAgo: number;
  /** Causes of its open breaks. */
  readonly breaks: readonly BreakCause[];
}

/** What the broker answered about one order. */
export interface BrokerSide {
  /** `null`: not in the answer. */
  readonly order: Answered<BrokerOrderView | null>;
  /** Its executions, as far as they are listed yet. */
  readonly fills: readonly BrokerFill[];
  /** True when the broker was asked for this very order: only then does a missing one mean that there is none. */
  readonly lookedUp: boolean;
}

export interface Judgement {
  /** An order that changed within this time is left for the next round, but for executions: those are facts. */
  readonly settleMs: number;
  /** Conclude a residue that no execution explains from the order's own total. Only once the executions had time to come. */
  readonly infer: boolean;
  /** When the last session closed, market time, epoch ms; null while the market is open or where the clock was not read. */
  readonly closedAtMs: number | null;
}

/** The terms under which an order of the broker's enters our books; its id is given outside. */
export type AdoptedTerms = Omit<NewOrder, 'id'>;

export type OrderAction =
  /** The broker's id is not stored here yet. */
  | { readonly kind: 'attach'; readonly orderId: string; readonly externalOrderId: string }
  /** Feed the order's lifecycle, in the order given. `cumQty`: filled with this execution included, where it is stated. */
  | { readonly kind: 'transition'; readonly orderId: string; readonly input: OrderInput; readonly cumQty: Units | null }
  /** Ask the broker for this one order before anything is concluded. `orderId` is null for one we do not know. */
  | { readonly kind: 'look_up'; readonly orderId: string | null; readonly externalOrderId: string }
  /** Take an order of the broker's into the books, marked EXTERNAL, with its break. */
  | { readonly kind: 'adopt'; readonly order: BrokerOrderView; readonly terms: AdoptedTerms }
  | {
      readonly kind: 'order_break';
      readonly cause: BreakCause;
      readonly symbol: string;
      readonly orderId: string | null;
      readonly ours: Readonly<Record<string, string>>;
      readonly theirs: Readonly<Record<string, string>>;
    }
  /** Both sides agree on this order again: its break of this cause is resolved by agreement. */
  | { readonly kind: 'order_agreed'; readonly cause: BreakCause; readonly orderId: string }
  /** It works at the broker and is closed here: it may trade, so it is cancelled there. */
  | { readonly kind: 'cancel_at_broker'; readonly orderId: string; readonly externalOrderId: string }
  /** It reached the broker after its session had closed, and would trade at the next open: its cancel is requested. */
  | { readonly kind: 'cancel_late'; readonly orderId: string }
  /** Left for the next round. */
  | { readonly kind: 'leave'; readonly why: 'CHANGED_RECENTLY' | 'UNKNOWN_STATUS' };

export type PositionAction =
  | {
      readonly kind: 'open_break';
      readonly cause: 'POSITION_MISMATCH';
      readonly symbol: string;
      readonly orderId: string | null;
      readonly ours: string;
      readonly theirs: string;
    }
  /** Agreed again: breaks of this cause on the symbol are resolved by agreement. */
  | { readonly kind: 'agreed'; readonly cause: 'POSITION_MISMATCH'; readonly symbol: string };
