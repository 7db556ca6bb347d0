import type { ActivityCategory } from '@/server/domain/position/activity';
import type { Money, Units } from '@/server/kernel/money';
import type { BrokerOrderStatus, OrderType, Side, TimeInForce, VenueEnvironment } from '@/server/kernel/vocabulary';

export interface BrokerOrder {
  readonly externalOrderId: string;
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
  /** Whether the broker has taken a cancel of it and not yet carried it out. */
  readonly cancelPending: boolean;
  readonly filledQty: Units;
  /** Rounded to units, halves away from zero; null before any fill. */
  readonly filledAvgPrice: Units | null;
  readonly submittedAtMs: number;
  readonly updatedAtMs: number;
  /** The order that this one replaced, whose filled quantity it may carry. */
  readonly replaces?: string | null;
}

export interface BrokerAccount {
  readonly accountId: string;
  readonly cash: Money;
  readonly equity: Money;
  readonly buyingPower: Money;
  /** Equity at the previous session's close. */
  readonly lastEquity: Money;
  readonly tradingBlocked: boolean;
  /** The broker's words for why it may not trade; empty when it may. */
  readonly blockedBy?: readonly string[];
}

export interface BrokerPosition {
  readonly symbol: string;
  /** Signed: long is positive. */
  readonly qty: Units;
  /** Shares of it that no order holds; absent where the broker does not say. */
  readonly availableQty?: Units;
  readonly marketPrice: Units | null;
  /** Cost of what is held, positive for long. */
  readonly cost: Money;
}

export interface BrokerAsset {
  readonly symbol: string;
  readonly tradable: boolean;
  /** Takes fractions of a share in market day orders. */
  readonly fractionable: boolean;
  /** As the broker names them; null where it does not say. */
  readonly exchange: string | null;
  readonly name: string | null;
}

export interface BrokerClock {
  /** The broker's own time. */
  readonly marketTimeMs: number;
  readonly isOpen: boolean;
  readonly nextOpenMs: number | null;
  readonly nextCloseMs: number | null;
}

export interface CalendarDay {
  /** New York date, YYYY-MM-DD. */
  readonly date: string;
  /** New York time of day, HH:MM. */
  readonly open: string;
  readonly close: string;
}

/** Cash or shares that moved without a trade: fees, dividends, transfers, splits. */
export interface NonTradeActivity {
  readonly kind: 'NON_TRADE';
  readonly activityId: string;
  /** The broker's label. It is shown, and part of the reference under which the activity is booked: it never changes. */
  readonly type: string;
  /** What it is in the books; ADJUSTMENT where the adapter does not know the type. */
  readonly category: ActivityCategory;
  readonly symbol: string | null;
  /** Cash that moved, in is positive; 0 for none. */
  readonly amount: Money;
  /** Shares that moved, in is positive; 0 for none. */
  readonly shares: Units;
  /** Price stated for the shares. */
  readonly price: Units | null;
  /** CANCELLED: taken back. CORRECTED: these figures replace earlier ones. */
  readonly status: 'EXECUTED' | 'CORRECTED' | 'CANCELLED';
  /** The activity that this one cancels or corrects, when it is not itself. */
  readonly previousId: string | null;
  /** Links the legs of one event: the old and the new shares of a split. */
  readonly groupId: string | null;
  readonly atMs: number;
}

/** What moved cash or shares, as the account's statement shows it. */
export type BrokerActivity =
  | {
      readonly kind: 'FILL';
      readonly activityId: string;
      /** The name that the stream gives the same execution. */
      readonly executionId: string;
      readonly externalOrderId: string;
      readonly symbol: string;
      readonly side: Side;
      readonly qty: Units;
      readonly price: Units;
      /** Filled so far, this one included; null where it is not stated. */
      readonly cumQty: Units | null;
      readonly atMs: number;
    }
  | NonTradeActivity;

/**
 * What an update says of an order. ACCEPTED: the broker has it, and nothing more. FILL: it traded, in part or in full.
 * OTHER: the update says something else, or something unknown; the order must be read.
 */
export type TradeEvent =
  | 'ACCEPTED'
  | 'REJECTED'
  | 'FILL'
  | 'FILL_CORRECTED'
  | 'FILL_BUSTED'
  | 'CANCELLED'
  | 'EXPIRED'
  | 'DONE_FOR_DAY'
  | 'CANCEL_REJECTED'
  | 'OTHER';

/** One message of the trade update stream. */
export interface TradeUpdate {
  readonly event: TradeEvent;
  readonly order: BrokerOrder;
  /** With FILL and FILL_CORRECTED; `executionId` is null when the stream did not name it. */
  readonly fill: {
    readonly executionId: string | null;
    readonly qty: Units;
    readonly price: Units;
    readonly atMs: number;
  } | null;
  /** Execution that FILL_BUSTED or FILL_CORRECTED refers to. */
  readonly refExecutionId: string | null;
  readonly atMs: number;
}

export interface NewBrokerOrder {
  /** Our order id. */
  readonly clientOrderId: string;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Units;
  readonly orderType: OrderType;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  readonly timeInForce: TimeInForce;
}

/** What became of a send. Only `accepted`, `refused` and `duplicate` are knowledge. */
export type SubmitOutcome =
  | { readonly kind: 'accepted'; readonly order: BrokerOrder }
  | { readonly kind: 'refused'; readonly status: number; readonly code: string; readonly message: string }
  /** The broker has an order of this client order id already. */
  | { readonly kind: 'duplicate' }
  /** Nothing was taken in: send again after `retryAfterMs`. */
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number }
  /** Nothing was taken in, and nothing will be for now: the broker does not answer, or refuses our keys. */
  | { readonly kind: 'not_sent'; readonly retryAfterMs: number; readonly cause: string }
  /** Timeout, 5xx, broken connection or an unreadable answer: the broker may have it. */
  | { readonly kind: 'uncertain'; readonly cause: string };

export type CancelOutcome =
  | { readonly kind: 'taken' }
  /** The broker says the order can no longer be cancelled. */
  | { readonly kind: 'too_late'; readonly message: string }
  | { readonly kind: 'not_found' }
  | { readonly kind: 'rate_limited'; readonly retryAfterMs: number }
  | { readonly kind: 'uncertain'; readonly cause: string };

/** What the broker answers to a cancel of everything, order by order. Orders that it took are being cancelled. */
export interface CancelAllAnswer {
  /** Orders it spoke of. */
  readonly asked: number;
  readonly refused: readonly {
    readonly externalOrderId: string;
    readonly status: number;
    /** The broker's words. */
    readonly message: string;
  }[];
}

/** Which calls go first when the broker's rate limit makes some wait. */
export type CallPriority = 'cancel' | 'send' | 'lookup' | 'read';

/** A query that was not answered. It says nothing about what exists at the broker. */
export class BrokerError extends Error {
  override readonly name = 'BrokerError';
  /** `not_sent`: it was held back here, because the broker has not answered lately. */
  readonly kind: 'refused' | 'rate_limited' | 'uncertain' | 'not_sent';
  /** HTTP status; 0 when there was no answer, 200 for one that could not be read. */
  readonly status: number;
  /** The broker's own code, empty when it gave none. */
  readonly code: string;
  readonly retryAfterMs: number | null;

  constructor(
    kind: BrokerError['kind'],
    message: string,
    details: { status?: number; code?: string; retryAfterMs?: number | null } = {},
  ) {
    super(message);
    this.kind = kind;
    this.status = details.status ?? 0;
    this.code = details.code ?? '';
    this.retryAfterMs = details.retryAfterMs ?? null;
  }
}

/** An item of a list that cannot be read, or is of an asset class that is not traded here. It hides no other item. */
export interface UnreadableItem {
  readonly kind: 'ORDER' | 'POSITION' | 'ACTIVITY';
  /** The broker's id, of a position its symbol; null where the item has none. */
  readonly id: string | null;
  /** As the broker writes it; null where the item has none. */
  readonly symbol: string | null;
  /** What is wrong, for people. */
  readonly why: string;
}

/** The broker has the item that was asked for, but it cannot be read. */
export class UnreadableItemError extends BrokerError {
  readonly item: UnreadableItem;

  constructor(item: UnreadableItem) {
    super('uncertain', `${item.kind.toLowerCase()} ${item.id ?? ''} cannot be read: ${item.why}`, { status: 200 });
    this.item = item;
  }
}

/** Receives what a list left out. A caller that acts on a list's completeness must count these. */
export type OnUnreadable = (item: UnreadableItem) => void;

/** Where orders go. Queries throw {@link BrokerError}; an empty answer is only ever a real one. */
export interface Broker {
  account(): Promise<BrokerAccount>;
  clock(): Promise<BrokerClock>;
  calendar(startDate: string, endDate: string): Promise<readonly CalendarDay[]>;
  positions(onUnreadable?: OnUnreadable): Promise<readonly BrokerPosition[]>;
  openOrders(onUnreadable?: OnUnreadable): Promise<readonly BrokerOrder[]>;
  /** Of these orders, the ended ones that the newest pages of ended orders show; no more pages than it takes. */
  endedOrders(externalOrderIds: ReadonlySet<string>, maxPages: number): Promise<readonly BrokerOrder[]>;
  /** Null when the broker answers that it has none. @throws UnreadableItemError for an order that exists and cannot be read */
  orderById(externalOrderId: string): Promise<BrokerOrder | null>;
  /** Null when the broker answers that it has none. */
  orderByClientId(clientOrderId: string): Promise<BrokerOrder | null>;
  /** Activities from `afterMs` on, oldest first; every page. */
  activitiesAfter(afterMs: number, onUnreadable?: OnUnreadable): Promise<readonly BrokerActivity[]>;
  /** Sends once; never retried here. */
  submit(
    order: NewBrokerOrder,
    options: { readonly timeoutMs: number; readonly signal?: AbortSignal },
  ): Promise<SubmitOutcome>;
  cancel(externalOrderId: string): Promise<CancelOutcome>;
  /** Asks for the cancel of every open order, in one request. */
  cancelAll(): Promise<CancelAllAnswer>;
}

/** What the broker says of a symbol. */
export interface AssetSource {
  /** Null when the broker answers that it knows no such asset. @throws BrokerError */
  asset(symbol: string): Promise<BrokerAsset | null>;
}

export interface StreamHandle {
  /** Ends the connection for good; resolves when it is closed. */
  close(): Promise<void>;
}

export interface TradeStreamEvents {
  update(update: TradeUpdate): void;
  /** Connected, or connected again: what happened meanwhile must be asked for. */
  connected(): void;
  disconnected(reason: string): void;
  /** A message that could not be read: somebody must look, and REST must fill in. */
  unreadable(reason: string): void;
}

export interface TradeStream {
  start(events: TradeStreamEvents): StreamHandle;
}

export const BROKER_STATES = [
  'OK',
  'KEYS_REFUSED',
  'ACCOUNT_BLOCKED',
  'FORBIDDEN',
  'UNREACHABLE',
  'UNREADABLE',
  'RATE_LIMITED',
  'SILENT_STREAM',
] as const;
/** The worst of what is wrong with the broker; the order is that of the list. */
export type BrokerState = (typeof BROKER_STATES)[number];

/** How the broker answers this process. Holds nothing secret. */
export interface BrokerHealth {
  readonly state: BrokerState;
  /** Since when, epoch ms. */
  readonly sinceMs: number;
  /** What is wrong and what to do, for a person; empty when all is well. */
  readonly detail: string;
  readonly breaker: 'CLOSED' | 'OPEN' | 'HALF_OPEN';
  /** Requests that may leave at once; null without a limit. */
  readonly tokensLeft: number | null;
  /** Requests that left in the last 60 s. */
  readonly requestsUsed: number;
  /** Requests a minute; 0 is no limit. */
  readonly requestsPerMinute: number;
  /** Trade updates; `OFF` in a process that does not listen to them. */
  readonly stream: 'OFF' | 'CONNECTING' | 'CONNECTED' | 'DISCONNECTED';
  /** The broker's clock less ours, ms; null before it was read. */
  readonly clockSkewMs: number | null;
  /** When anything was last asked of the broker, epoch ms; null when never: this process only stands by. */
  readonly lastCallMs: number | null;
}

/** What kind of venue the worker is connected to. */
export interface VenueInfo {
  readonly environment: VenueEnvironment;
  /** Label of the source for people: "SYNTHETIC seed 7". */
  readonly source: string;
  /** Market seconds a wall second. */
  readonly speed: number;
  /** Whether the market never closes; else the exchange's hours hold. */
  readonly roundTheClock: boolean;
  /** Everything the venue quotes; null where that is too much to list. */
  readonly symbols: readonly string[] | null;
}
