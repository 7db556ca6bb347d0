import type { z } from 'zod';
import type {
  BrokerAccount,
  BrokerClock,
  BrokerOrder,
  BrokerPosition,
  TradeEvent,
  TradeUpdate,
} from '@/server/application/ports/broker';
import { BrokerError } from '@/server/application/ports/broker';
import type { Trade } from '@/server/application/ports/market-data';
import type { Bar, Quote } from '@/server/domain/exchange/types';
import { divideHalfAway, type Money, ONE, parseMoney, parseRoundedUnits, type Units } from '@/server/kernel/money';
import type { BrokerOrderStatus, OrderType, Side, TimeInForce } from '@/server/kernel/vocabulary';
import type {
  AlpacaOrder,
  accountSchema,
  barSchema,
  clockSchema,
  positionSchema,
  quoteSchema,
  tradeSchema,
  tradeUpdateSchema,
} from './schema';
import { symbolOf } from './symbol';

type Decimal = string | number;

/** `accepted_for_bidding`, `stopped`, `calculated` and the like: alive at the broker, nothing for us to do. */
const STATUSES: Readonly<Record<string, BrokerOrderStatus>> = {
  pending_new: 'PENDING',
  accepted: 'ACCEPTED',
  new: 'ACCEPTED',
  held: 'ACCEPTED',
  accepted_for_bidding: 'ACCEPTED',
  stopped: 'ACCEPTED',
  calculated: 'ACCEPTED',
  suspended: 'ACCEPTED',
  pending_cancel: 'ACCEPTED',
  pending_replace: 'ACCEPTED',
  partially_filled: 'PARTIALLY_FILLED',
  filled: 'FILLED',
  done_for_day: 'DONE_FOR_DAY',
  canceled: 'CANCELLED',
  expired: 'EXPIRED',
  rejected: 'REJECTED',
  replaced: 'REPLACED',
};

/** Null: a type that we do not place. */
const TYPES: Readonly<Record<string, OrderType | null>> = {
  market: 'MARKET',
  limit: 'LIMIT',
  stop: 'STOP',
  stop_limit: 'STOP_LIMIT',
  trailing_stop: null,
};
const TIMES: Readonly<Record<string, TimeInForce>> = {
  day: 'DAY',
  gtc: 'GTC',
  ioc: 'IOC',
  fok: 'FOK',
  opg: 'DAY',
  cls: 'DAY',
};

/** A quotient has as many decimals as its division gave: what lies beyond the 24th is cut off. */
const quotient = (value: Decimal): Money => parseMoney(String(value).replace(/(\.\d{24})\d+/, '$1'));

/** An average, rounded to 12 decimals, halves away from zero. */
export const roundedUnits = (value: Decimal): Units => divideHalfAway(quotient(value), ONE);

/** An answer that has arrived and cannot be used. */
export const unreadable = (why: string): BrokerError => new BrokerError('uncertain', why, { status: 200 });

/** @throws BrokerError for anything but a listed share: quantities of other assets must not be booked as shares */
export function shareSymbol(symbol: string | null | undefined, assetClass: string | null | undefined): string {
  if (assetClass && assetClass !== 'us_equity') throw unreadable(`asset class ${assetClass} is not traded here`);
  if (!symbol) throw unreadable('it has no symbol');
  // An answer that names the class may use a symbol that we would not.
  const known = symbolOf(symbol) ?? (assetClass === 'us_equity' && !/\p{C}/u.test(symbol) ? symbol : null);
  if (known === null) throw unreadable(`"${symbol}" is not the symbol of a share`);
  return known;
}

const SIDES: Readonly<Record<string, Side>> = { buy: 'BUY', sell: 'SELL', sell_short: 'SELL' };

/** @throws BrokerError for an unknown or missing side */
export function sideOf(word: string | null | undefined): Side {
  const side = SIDES[word ?? ''];
  if (side === undefined) throw unreadable(word ? `the side "${word}" is not known` : 'it has no side');
  return side;
}

export const optional = <T>(value: Decimal | null | undefined, read: (value: Decimal) => T): T | null =>
  value === null || value === undefined ? null : read(value);

/** Epoch milliseconds of an RFC 3339 time. @throws BrokerError when it is none */
export function timeMs(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw unreadable(`"${text.slice(0, 40)}" is not a time`);
  return ms;
}

const optionalTime = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : timeMs(text);

function typeOf(order: AlpacaOrder): OrderType | null {
  const word = order.type ?? order.order_type ?? '';
  const type = TYPES[word];
  if (type === undefined) throw unreadable(`the order type "${word}" is not known`);
  return type;
}

function timeInForceOf({ time_in_force: word }: AlpacaOrder): TimeInForce {
  const timeInForce = TIMES[word];
  if (timeInForce === undefined) throw unreadable(`the time in force "${word}" is not known`);
  return timeInForce;
}

/** @throws BrokerError for an order that our terms cannot express */
export function parseOrder(order: AlpacaOrder): BrokerOrder {
  if (order.order_class === 'mleg') throw unreadable('a multi-leg order is not traded here');
  const submittedAtMs = optionalTime(order.submitted_at) ?? optionalTime(order.created_at) ?? 0;
  const filledQty = parseRoundedUnits(order.filled_qty);
  return {
    externalOrderId: order.id,
    clientOrderId: order.client_order_id ?? '',
    symbol: shareSymbol(order.symbol, order.asset_class),
    side: sideOf(order.side),
    qty: optional(order.qty, parseRoundedUnits),
    orderType: typeOf(order),
    limitPrice: optional(order.limit_price, parseRoundedUnits),
    stopPrice: optional(order.stop_price, parseRoundedUnits),
    timeInForce: timeInForceOf(order),
    status: STATUSES[order.status] ?? 'UNKNOWN',
    cancelPending: order.status === 'pending_cancel',
    filledQty,
    filledAvgPrice: filledQty === 0n ? null : optional(order.filled_avg_price, roundedUnits),
    submittedAtMs,
    updatedAtMs: optionalTime(order.updated_at) ?? submittedAtMs,
    replaces: order.replaces || null,
  };
}

const BLOCKS = ['account_blocked', 'trading_blocked', 'trade_suspended_by_user'] as const;

/** Why the account may not trade, in the broker's words. Our figures are dollars, and only an active account trades (A12). */
function blocksOf(account: z.output<typeof accountSchema>): readonly string[] {
  const { status, currency } = account;
  return [
    ...BLOCKS.filter((name) => account[name]),
    ...(status === 'ACTIVE' ? [] : [`status ${status}`]),
    ...(currency === 'USD' ? [] : [`currency ${currency}`]),
  ];
}

export function parseAccount(account: z.output<typeof accountSchema>): BrokerAccount {
  const blockedBy = blocksOf(account);
  return {
    accountId: account.id,
    cash: parseMoney(account.cash),
    equity: parseMoney(account.equity),
    buyingPower: parseMoney(account.buying_power),
    lastEquity: parseMoney(account.last_equity),
    tradingBlocked: blockedBy.length > 0,
    blockedBy,
  };
}

export function parseClock(clock: z.output<typeof clockSchema>): BrokerClock {
  return {
    marketTimeMs: timeMs(clock.timestamp),
    isOpen: clock.is_open,
    nextOpenMs: optionalTime(clock.next_open),
    nextCloseMs: optionalTime(clock.next_close),
  };
}

export function parsePosition(position: z.output<typeof positionSchema>): BrokerPosition {
  const qty = parseRoundedUnits(position.qty);
  const cost = quotient(position.cost_basis);
  if (position.side !== 'long' && position.side !== 'short')
    throw unreadable(`the side "${position.side}" is not known`);
  // Some answers sign the quantity, some only name the side.
  const short = position.side === 'short' || qty < 0n;
  const available = optional(position.qty_available, roundedUnits);
  return {
    symbol: shareSymbol(position.symbol, position.asset_class),
    qty: short && qty > 0n ? -qty : qty,
    ...(available === null ? {} : { availableQty: available }),
    marketPrice: optional(position.current_price, roundedUnits),
    cost: cost < 0n ? -cost : cost,
  };
}

/** `20220203000000000::045b3b8d-…` names the execution after `::`. */
export function executionIdOf(id: string): string {
  const at = id.indexOf('::');
  return at === -1 ? id : id.slice(at + 2);
}

/** Events that are not listed (`pending_cancel`, `replaced`, `restated` …) leave the order to be read. */
const EVENTS: Readonly<Record<string, TradeEvent>> = {
  accepted: 'ACCEPTED',
  new: 'ACCEPTED',
  pending_new: 'ACCEPTED',
  held: 'ACCEPTED',
  accepted_for_bidding: 'ACCEPTED',
  stopped: 'ACCEPTED',
  calculated: 'ACCEPTED',
  suspended: 'ACCEPTED',
  rejected: 'REJECTED',
  fill: 'FILL',
  partial_fill: 'FILL',
  trade_correct: 'FILL_CORRECTED',
  trade_bust: 'FILL_BUSTED',
  canceled: 'CANCELLED',
  expired: 'EXPIRED',
  done_for_day: 'DONE_FOR_DAY',
  order_cancel_rejected: 'CANCEL_REJECTED',
};

export function parseTradeUpdate(update: z.output<typeof tradeUpdateSchema>): TradeUpdate {
  const order = parseOrder(update.order);
  const atMs = optionalTime(update.timestamp) ?? optionalTime(update.at) ?? order.updatedAtMs;
  const event = EVENTS[update.event] ?? 'OTHER';
  const traded = event === 'FILL' || event === 'FILL_CORRECTED';
  if (
    traded &&
    (update.qty === null || update.qty === undefined || update.price === null || update.price === undefined)
  ) {
    throw unreadable(`a ${update.event} without quantity or price`);
  }
  const executionId = update.execution_id ?? null;
  return {
    event,
    order,
    fill: traded
      ? {
          executionId: executionId === null || executionId === '' ? null : executionIdOf(executionId),
          qty: parseRoundedUnits(update.qty ?? 0),
          price: parseRoundedUnits(update.price ?? 0),
          atMs,
        }
      : null,
    refExecutionId:
      optionalId(update.previous_execution_id) ?? (event === 'FILL_BUSTED' ? optionalId(executionId) : null),
    atMs,
  };
}

const optionalId = (id: string | null | undefined): string | null =>
  id === null || id === undefined || id === '' ? null : executionIdOf(id);

export function parseQuote(symbol: string, quote: z.output<typeof quoteSchema>): Quote {
  return {
    symbol,
    bid: parseRoundedUnits(quote.bp),
    ask: parseRoundedUnits(quote.ap),
    bidSize: parseRoundedUnits(quote.bs),
    askSize: parseRoundedUnits(quote.as),
    atMs: timeMs(quote.t),
  };
}

export function parseTrade(symbol: string, trade: z.output<typeof tradeSchema>): Trade {
  return { symbol, price: parseRoundedUnits(trade.p), size: parseRoundedUnits(trade.s), atMs: timeMs(trade.t) };
}

/** Alpaca labels a bar by its start; it covers one minute. */
export function parseBar(symbol: string, bar: z.output<typeof barSchema>): Bar {
  const startMs = timeMs(bar.t);
  return {
    symbol,
    startMs,
    endMs: startMs + 60_000,
    open: parseRoundedUnits(bar.o),
    high: parseRoundedUnits(bar.h),
    low: parseRoundedUnits(bar.l),
    close: parseRoundedUnits(bar.c),
    volume: parseRoundedUnits(bar.v),
  };
}
