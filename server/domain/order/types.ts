import type { Money, Units } from '@/server/kernel/money';
import type { OrderFlag, OrderStatus, OrderType, PendingRequest, Side, TimeInForce } from '@/server/kernel/vocabulary';

/** A correction of a fill, kept so that a duplicate is known and the outcome does not depend on the order of arrival. */
export interface Correction {
  readonly executionId: string;
  /** The fill, or an earlier correction of it. */
  readonly refExecutionId: string;
  readonly qty: Units;
  readonly price: Units;
  /** The broker's time of the correction, epoch milliseconds; 0 when it gave none. */
  readonly atMs: number;
  /** 1 for a correction of the fill itself, 2 for a correction of that correction, and so on. */
  readonly depth: number;
}

/** An execution reported by the broker. A busted one stays in the list with `busted` set. */
export interface Fill {
  readonly executionId: string;
  /** In force now: as reported, or as last corrected. */
  readonly qty: Units;
  readonly price: Units;
  /** As first reported: what a second report under the same id is compared with. */
  readonly reportedQty: Units;
  readonly reportedPrice: Units;
  /** Epoch milliseconds, the broker's time. */
  readonly atMs: number;
  readonly busted: boolean;
  /** Every correction seen; the one of the greatest depth, then time, then id is in force. */
  readonly corrections: readonly Correction[];
}

/** A bust or correction that came before the fill it refers to; applied when that fill comes. */
export interface WaitingAmendment {
  readonly refExecutionId: string;
  readonly kind: 'bust' | 'correct';
  /** Id of the correction itself; absent for a bust. */
  readonly executionId?: string;
  readonly qty?: Units;
  readonly price?: Units;
  readonly atMs?: number;
}

export interface OrderState {
  readonly id: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Units;
  readonly orderType: OrderType;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  readonly timeInForce: TimeInForce;
  readonly status: OrderStatus;
  readonly pending: PendingRequest;
  /** A cancel was asked for. It may still wait for the broker to know the order before it is sent. */
  readonly cancelRequested: boolean;
  /** True once a worker has claimed the order for sending: from then it may be at the broker. */
  readonly claimed: boolean;
  readonly externalOrderId: string | null;
  /** Sum of the quantities of fills not busted. */
  readonly cumQty: Units;
  /** Sum of quantity times price over fills not busted. */
  readonly cumNotional: Money;
  readonly fills: readonly Fill[];
  readonly waiting: readonly WaitingAmendment[];
  /** Ids of corrections already applied, so that a duplicate changes nothing. */
  readonly appliedCorrections: readonly string[];
  readonly flags: readonly OrderFlag[];
}

/** Everything that can happen to an order. `fill`, `bust` and `correct` are legal in every state. */
export type OrderInput =
  /** A worker claimed it and is about to send. */
  | { readonly kind: 'claimed' }
  /** The answer to a send is unknown: timeout, 5xx or unreadable. */
  | { readonly kind: 'submit_uncertain' }
  /** A look-up showed the broker certainly lacks the order: it may be sent again. */
  | { readonly kind: 'submit_absent' }
  | { readonly kind: 'accepted'; readonly externalOrderId?: string }
  | { readonly kind: 'rejected'; readonly reason?: string }
  | {
      readonly kind: 'fill';
      readonly executionId: string;
      readonly qty: Units;
      readonly price: Units;
      readonly atMs: number;
    }
  | { readonly kind: 'bust'; readonly refExecutionId: string }
  | {
      readonly kind: 'correct';
      readonly executionId: string;
      readonly refExecutionId: string;
      readonly qty: Units;
      readonly price: Units;
      readonly atMs?: number;
    }
  | { readonly kind: 'cancel_requested' }
  | { readonly kind: 'cancel_rejected'; readonly reason?: string }
  /** `unsent`: we closed it ourselves before it was ever sent. */
  | { readonly kind: 'cancelled'; readonly unsent?: boolean; readonly reason?: string }
  | { readonly kind: 'expired' }
  | { readonly kind: 'done_for_day' }
  /** Another order was sent that takes the place of this one. */
  | { readonly kind: 'replace_requested' }
  /** The broker has the other order; this one is over. Its fills stay its own. */
  | { readonly kind: 'replaced' }
  | { readonly kind: 'replace_rejected'; readonly reason?: string };

/** What a transition asks the outside to do or record, beside storing the new state. */
export type OrderEffect =
  | {
      readonly kind: 'fill_booked';
      readonly executionId: string;
      readonly qty: Units;
      readonly price: Units;
      readonly atMs: number;
    }
  | { readonly kind: 'fill_busted'; readonly executionId: string; readonly qty: Units; readonly price: Units }
  | {
      readonly kind: 'fill_corrected';
      readonly executionId: string;
      readonly refExecutionId: string;
      readonly fromQty: Units;
      readonly fromPrice: Units;
      readonly qty: Units;
      readonly price: Units;
    }
  | { readonly kind: 'fill_duplicate'; readonly executionId: string }
  | { readonly kind: 'execution_conflict'; readonly executionId: string }
  | { readonly kind: 'amendment_waiting'; readonly refExecutionId: string }
  | { readonly kind: 'status_changed'; readonly from: OrderStatus; readonly to: OrderStatus }
  /** The broker must now be asked to cancel. */
  | { readonly kind: 'send_cancel' }
  | { readonly kind: 'open_break'; readonly cause: 'LATE_FILL' | 'OVERFILL' }
  /** Trading state becomes at least REDUCING. */
  | { readonly kind: 'reduce_trading' };

export type OrderTransition =
  | { readonly ok: true; readonly state: OrderState; readonly effects: readonly OrderEffect[] }
  | {
      readonly ok: false;
      readonly error: 'InvalidTransition';
      readonly from: OrderStatus;
      readonly input: OrderInput['kind'];
      readonly message: string;
    };
