import type { Units } from '@/server/domain/money/decimal';
import type { OrderInput, OrderState, OrderStatus, Side } from '@/server/domain/order/types';

/** The broker's order in our terms. `UNKNOWN` is a status without a word for it: nothing is concluded from it. */
export interface BrokerOrderView {
  readonly externalOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly status: OrderStatus | 'PENDING' | 'DONE_FOR_DAY' | 'REPLACED' | 'UNKNOWN';
  readonly filledQty: Units;
  readonly filledAvgPrice: Units | null;
  readonly updatedAtMs: number;
}

/** An execution as the broker's statement lists it. */
export interface BrokerFill {
  readonly executionId: string;
  readonly qty: Units;
  readonly price: Units;
  readonly atMs: number;
}

export interface OurOrder {
  readonly state: OrderState;
  /** When it last changed here, epoch ms. */
  readonly changedAtMs: number;
}

/** What the broker answered about one order. */
export interface BrokerSide {
  /** `null`: not in the answer. */
  readonly order: BrokerOrderView | null;
  /** Its executions, as far as they are listed yet. */
  readonly fills: readonly BrokerFill[];
  /** True when the broker was asked for this very order: only then does a missing one mean that there is none. */
  readonly lookedUp: boolean;
}

type BreakCause = 'EXTERNAL_ORDER' | 'MISSING_AT_BROKER' | 'POSITION_MISMATCH';

export type ReconcileAction =
  /** The broker's id is not stored here yet. */
  | { readonly kind: 'attach'; readonly orderId: string; readonly externalOrderId: string }
  /** Feed the order's lifecycle. In the order given. */
  | { readonly kind: 'transition'; readonly orderId: string; readonly input: OrderInput }
  /** Ask the broker for this one order before anything is concluded. */
  | { readonly kind: 'look_up'; readonly orderId: string; readonly externalOrderId: string | null }
  /** Take an order of the broker's into the books, marked EXTERNAL. */
  | { readonly kind: 'adopt'; readonly order: BrokerOrderView }
  | {
      readonly kind: 'open_break';
      readonly cause: BreakCause;
      readonly symbol: string;
      readonly orderId: string | null;
      readonly ours: string;
      readonly theirs: string;
    }
  /** Agreed again: breaks of this cause on the symbol are resolved by agreement. */
  | { readonly kind: 'agreed'; readonly cause: 'POSITION_MISMATCH'; readonly symbol: string }
  /** Left for the next round. */
  | { readonly kind: 'leave'; readonly why: 'CHANGED_RECENTLY' | 'UNKNOWN_STATUS' };
