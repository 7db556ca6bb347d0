import { JournalError } from './line';

export type SimSide = 'buy' | 'sell';
export type SimOrderType = 'market' | 'limit' | 'stop' | 'stop_limit';
export type SimTimeInForce = 'day' | 'gtc' | 'ioc' | 'fok';

/** First line of every journal: whose account this is and what market it trades on. */
export interface HeadRecord {
  readonly type: 'head';
  readonly version: 1;
  readonly account_id: string;
  readonly account_number: string;
  readonly source: 'SYNTHETIC' | 'RECORDED';
  /** Names the recording, so that another one is not played into this account. */
  readonly source_id: string;
  readonly cash: string;
  readonly at: number;
}

/** Prices and quantities are decimal texts; times are epoch milliseconds of market time. */
export interface OrderRecord {
  readonly type: 'order';
  readonly id: string;
  readonly seq: number;
  readonly client_order_id: string;
  readonly symbol: string;
  readonly side: SimSide;
  readonly order_type: SimOrderType;
  readonly time_in_force: SimTimeInForce;
  readonly qty: string;
  readonly limit_price: string | null;
  readonly stop_price: string | null;
  /** Price at which a buy holds buying power. */
  readonly reserve_price: string;
  readonly at: number;
  readonly expires_at: number | null;
  /** The market was closed: the order waits for the next open. */
  readonly queued: boolean;
  /** Absent: simple. */
  readonly order_class?: Exclude<SimOrderClass, 'simple'>;
  /** The orders that exit, numbered on from this one: one line, so that no crash can separate them from it. */
  readonly legs?: readonly LegRecord[];
}

export type SimOrderClass = 'simple' | 'bracket' | 'oco' | 'oto';

/** Quantity and time in force are the parent's. */
export interface LegRecord {
  readonly id: string;
  readonly client_order_id: string;
  readonly role: 'profit' | 'stop';
  readonly order_type: SimOrderType;
  readonly limit_price: string | null;
  readonly stop_price: string | null;
}

/** A queued order reaches the exchange. */
interface ActivateRecord {
  readonly type: 'activate';
  readonly id: string;
  readonly seq: number;
  readonly at: number;
}

/** A stop was touched. */
interface TriggerRecord {
  readonly type: 'trigger';
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  /** The market order that takes the place of a stop leg; absent: the leg itself trades. */
  readonly market?: { readonly id: string; readonly seq: number; readonly client_order_id: string };
}

export interface FillRecord {
  readonly type: 'fill';
  readonly id: string;
  readonly seq: number;
  readonly execution_id: string;
  readonly symbol: string;
  readonly side: SimSide;
  readonly qty: string;
  readonly price: string;
  readonly fee: string;
  readonly at: number;
}

export type CloseStatus = 'canceled' | 'expired' | 'done_for_day';

/** The order stops working: for good, or for the day. */
export interface CloseRecord {
  readonly type: 'close';
  readonly id: string;
  readonly seq: number;
  readonly status: CloseStatus;
  readonly at: number;
  /** The legs of a partly filled entry become active for what was filled; absent: they end with it. */
  readonly legs?: 'active';
  /** Only this order ends: the rest of its group works on, as after a fault. */
  readonly alone?: true;
}

/** A cancel was taken in and will be carried out at `due_at`. */
interface CancelPendingRecord {
  readonly type: 'cancel_pending';
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly due_at: number;
}

/** An order is to be replaced, at `due_at`; at once where that is the record's own time. */
export interface ReplaceRecord {
  readonly type: 'replace';
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly due_at: number;
  /** The new order counts what the old one has filled as its own; otherwise it starts with what is left. */
  readonly carried: boolean;
  readonly order: {
    readonly id: string;
    readonly seq: number;
    readonly client_order_id: string;
    readonly time_in_force: SimTimeInForce;
    /** In all, what the old order has filled included. */
    readonly qty: string;
    readonly limit_price: string | null;
    readonly stop_price: string | null;
    readonly reserve_price: string;
    readonly expires_at: number | null;
    readonly queued: boolean;
  };
}

/** A replacement that was under way is carried out. */
interface ReplacedRecord {
  readonly type: 'replaced';
  readonly id: string;
  readonly seq: number;
  readonly at: number;
  readonly queued: boolean;
}

interface ConfigRecord {
  readonly type: 'config';
  readonly suspend_trade: boolean;
  readonly at: number;
}

/** The market's own clock may have run up to `at`; a restart goes on from there. */
interface ClockRecord {
  readonly type: 'clock';
  readonly at: number;
}

/** A symbol's trading was halted, or resumed. */
interface TradingStatusRecord {
  readonly type: 'trading_status';
  readonly symbol: string;
  readonly halted: boolean;
  readonly at: number;
}

/** A test forced the market open or closed; null gives the market its own clock back. */
interface SessionRecord {
  readonly type: 'session';
  readonly forced: boolean | null;
  readonly at: number;
}

/** Equity and last prices when a session closed. */
export interface DayRecord {
  readonly type: 'day';
  readonly date: string;
  readonly equity: string;
  readonly prices: Readonly<Record<string, string>>;
  readonly at: number;
}

/** A point of the equity curve. */
interface MarkRecord {
  readonly type: 'mark';
  readonly equity: string;
  readonly at: number;
}

/** Cash or shares that move without a trade: a dividend, a transfer, a leg of a split. */
export interface NonTradeRecord {
  readonly type: 'non_trade';
  readonly activity_type: string;
  readonly activity_sub_type: string | null;
  readonly symbol: string | null;
  /** Signed shares; for a dividend those that it is paid on. */
  readonly qty: string | null;
  readonly price: string | null;
  readonly net_amount: string;
  readonly group_id: string | null;
  readonly at: number;
}

/** An activity is taken back, or its amount corrected. */
export interface AmendRecord {
  readonly type: 'amend';
  /** Number of the activity, from 1. */
  readonly number: number;
  readonly status: 'canceled' | 'correct';
  readonly net_amount: string;
  readonly at: number;
}

export type JournalRecord =
  | HeadRecord
  | OrderRecord
  | ActivateRecord
  | TriggerRecord
  | FillRecord
  | CloseRecord
  | CancelPendingRecord
  | ReplaceRecord
  | ReplacedRecord
  | ConfigRecord
  | ClockRecord
  | SessionRecord
  | TradingStatusRecord
  | DayRecord
  | MarkRecord
  | NonTradeRecord
  | AmendRecord;

const TYPES: Readonly<Record<JournalRecord['type'], true>> = {
  head: true,
  order: true,
  activate: true,
  trigger: true,
  fill: true,
  close: true,
  cancel_pending: true,
  replace: true,
  replaced: true,
  config: true,
  clock: true,
  session: true,
  trading_status: true,
  day: true,
  mark: true,
  non_trade: true,
  amend: true,
};

function isRecord(value: unknown): value is JournalRecord {
  return (
    typeof value === 'object' &&
    value !== null &&
    'type' in value &&
    typeof value.type === 'string' &&
    Object.hasOwn(TYPES, value.type)
  );
}

/** The record of a checked line. Its fields are what this program wrote: the checksum vouches for them. @throws JournalError */
export function parseRecord(value: unknown, number: number): JournalRecord {
  if (!isRecord(value)) throw new JournalError(`journal line ${number} is of an unknown type`);
  return value;
}
