import type { BookingDecision, BookingRequest } from '@/server/application/booking/booking';
import type { Topic } from '@/server/contracts/events';
import type { OrderState } from '@/server/domain/order/types';
import type { RuleHit } from '@/server/domain/policy/types';
import type { Units } from '@/server/kernel/money';
import type { OrderKind, OrderType, PositionEffect, Side, TradingState } from '@/server/kernel/vocabulary';
import type { VenueInfo } from './broker';
import type { Fence } from './lease';

/** An order with what the worker needs beside its state. Times are wall clock, epoch ms. */
export interface ClaimedOrder {
  readonly state: OrderState;
  readonly kind: OrderKind;
  /** The exit that it carries out; null for other orders. */
  readonly exitId: string | null;
  readonly positionEffect: PositionEffect;
  readonly referencePrice: Units;
  readonly claimedAtMs: number | null;
  readonly submitAttempts: number;
  /** How long ago it last changed, by the database's clock, ms. */
  readonly changedMsAgo: number;
  readonly createdAtMs: number;
}

/** Why an order may not be sent. `wait` may pass; `never` closes it; `unfounded` closes it, alerts and is audited. */
export type SendVerdict =
  | { readonly kind: 'go' }
  | { readonly kind: 'wait'; readonly why: string }
  | { readonly kind: 'never' | 'unfounded'; readonly why: string };

/** The terms that an order shares with its decision or its approval. */
export interface OrderTerms {
  readonly symbol: string;
  readonly side: string;
  readonly qty: Units;
  readonly orderType: string;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  readonly timeInForce: string;
  readonly referencePrice: Units;
  readonly positionEffect: string;
  readonly protectiveStopPrice: Units | null;
}

/** A decision as stored. Its record and policy are whatever the database holds. */
export interface StoredDecision {
  readonly kind: string;
  readonly signalId: string;
  readonly decision: string;
  readonly stage: string;
  readonly policyVersion: number;
  /** Body of that version; null when it is not stored. */
  readonly policy: unknown;
  /** GateRecord of server/application/placing. */
  readonly record: unknown;
}

/** What a gated order rests on (D-4), as stored. */
export interface OrderBasis {
  readonly orderId: string;
  readonly signalId: string | null;
  readonly approvalId: string | null;
  readonly principalId: string | null;
  readonly strategy: string;
  /** Epoch ms. */
  readonly expiresAtMs: number | null;
  readonly order: OrderTerms;
  readonly decision: StoredDecision | null;
  readonly approval: {
    readonly status: string;
    readonly orderId: string | null;
    readonly signalId: string;
    /** As approved: reduced where less was approved. */
    readonly terms: Omit<OrderTerms, 'referencePrice' | 'positionEffect'>;
    /** The decision that opened it. */
    readonly requested: {
      readonly kind: string;
      readonly decision: string;
      readonly reasons: readonly RuleHit<string>[];
    };
  } | null;
}

/** What the re-check before a send reads, in a statement begun after the send lock was had. */
export interface SendFacts {
  readonly leaseHeld: boolean;
  readonly tradingState: TradingState;
  readonly orderStatus: OrderState['status'];
  readonly cancelRequested: boolean;
  readonly claimToken: string | null;
  readonly kind: OrderKind;
  readonly positionEffect: PositionEffect;
  readonly expired: boolean;
  readonly breakOpen: boolean;
  /** Another order of the symbol whose submission is uncertain. */
  readonly symbolUncertain: boolean;
  /** An exit of the symbol is open; for a flatten: its own. */
  readonly exitOpen: boolean;
  readonly marketOpen: boolean;
  /** Rollout stage as it is now. */
  readonly stage: string;
  /** Where the worker trades; null before it has reported it. */
  readonly environment: VenueInfo['environment'] | null;
  /** Age of what we know of the broker's clock, ms; null when nothing is known. */
  readonly clockAgeMs: number | null;
  /** Age of the last good reconciliation, ms; null when there was none. */
  readonly reconciledAgeMs: number | null;
  /** The active policy's limit for that age, ms. */
  readonly portfolioMaxAgeMs: number;
  readonly pricing: SendPricing;
  /** Null for an order that rests on no decision. */
  readonly basis: OrderBasis | null;
  /** Null for an order that is no protective stop. */
  readonly protection: ProtectionGround | null;
}

/** What a protective stop rests on (O-9): the entry that states it, and the shares that are held. */
export interface ProtectionGround {
  /** Of the stop. Dollars per share. */
  readonly stopPrice: Units | null;
  /** Null where it names no entry of its symbol that buys. */
  readonly entryStopPrice: Units | null;
  /** Shares of our books. */
  readonly held: Units;
  /** Shares that all protective stops of the symbol would sell, this one among them. */
  readonly protectedQty: Units;
}

/** What the price of an order is judged by once more, when it is sent (P-12). Times are the market's, epoch ms. */
export interface SendPricing {
  readonly side: Side;
  readonly orderType: OrderType;
  readonly limitPrice: Units | null;
  /** Price of the decision. */
  readonly referencePrice: Units;
  /** The active policy's collar and limit for a quote's age; null without a policy. */
  readonly collarPct: Units | null;
  readonly quoteMaxAgeMs: number | null;
  /** The symbol's newest quote. */
  readonly quote: { readonly bid: Units; readonly ask: Units; readonly quotedAtMs: number } | null;
  /** Null while the broker's clock was never read. `speed`: market time per wall time. */
  readonly market: { readonly nowMs: number; readonly speed: number } | null;
}

/** A send lock that is held, shared. */
export interface SendPermit {
  readonly facts: SendFacts;
  /** Aborts when the lock is lost (the connection broke): a send under it must stop. */
  readonly signal: AbortSignal;
  /** When the lock was had, by `performance.now()`. */
  readonly heldSinceMs: number;
}

export type OrderRef = { readonly orderId: string } | { readonly externalOrderId: string };

/** Orders by the broker's ids and by ours; and all that are live (NEW, ACCEPTED, PARTIALLY_FILLED), where asked for. */
export interface NamedOrders {
  readonly externalOrderIds: readonly string[];
  readonly orderIds: readonly string[];
  readonly live: boolean;
}

export interface Booked {
  readonly found: boolean;
  readonly decision: BookingDecision | null;
}

/** The worker's side of the orders table. Writes carry the lease and throw SupersededError when it is lost. */
export interface ExecutionStore {
  /** Claims never-sent orders, oldest first; committed when it returns. */
  claim(fence: Fence, holder: string, limit: number): Promise<readonly ClaimedOrder[]>;
  /** Records another attempt of an order that certainly is not at the broker. @returns false when it is no longer NEW */
  reclaim(fence: Fence, holder: string, orderId: string): Promise<boolean>;
  /** Claimed orders that nobody has answered for. */
  unanswered(): Promise<readonly ClaimedOrder[]>;
  /** Orders to close unsent: a cancel came before any claim. */
  unsentCancels(): Promise<readonly string[]>;
  /**
   * Live orders whose cancel must be sent: never sent, or sent long enough ago without an end (`resendMs`, doubled with each
   * attempt). While trading is halted a cancel of everything comes first: these wait for it.
   */
  cancelsDue(resendMs: number): Promise<readonly { readonly orderId: string; readonly externalOrderId: string }[]>;
  /** Records in the timeline that a cancel is about to be sent. */
  cancelSent(fence: Fence, orderId: string): Promise<void>;
  /** Keeps why a live order still works although its cancel was sent; null: nothing is wrong any more. */
  cancelFailed(orderId: string, why: string | null): Promise<void>;
  /** Opens an alert about an order whose decision does not bear it, and audits the refusal; once for each order. */
  reportUnfounded(orderId: string, why: string): Promise<void>;
  /** Runs `work` under the send lock, shared. Throws when the lock is not had within its limit. */
  withSendLock<T>(fence: Fence, orderId: string, work: (permit: SendPermit) => Promise<T>): Promise<T>;
  /** Books news of one order in one transaction. `extraTopics` are published with it. */
  book(fence: Fence | null, ref: OrderRef, request: BookingRequest, extraTopics?: readonly Topic[]): Promise<Booked>;
  load(ref: OrderRef): Promise<ClaimedOrder | null>;
  /** In one statement, each once. */
  named(orders: NamedOrders): Promise<readonly ClaimedOrder[]>;
  /** Stores an order found at the broker that we lacked, kind EXTERNAL, with its break. */
  adopt(fence: Fence, order: OrderState, referencePrice: Units, submittedAtMs: number): Promise<void>;
}
