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
import { divideHalfAway, ONE, parseMoney, parseUnits, type Units } from '@/server/kernel/money';
import type { BrokerOrderStatus, OrderType, TimeInForce } from '@/server/kernel/vocabulary';
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

const TYPES: Readonly<Record<string, OrderType>> = { market: 'MARKET', limit: 'LIMIT', stop: 'STOP' };
const TIMES: Readonly<Record<string, TimeInForce>> = {
  day: 'DAY',
  gtc: 'GTC',
  ioc: 'IOC',
  fok: 'FOK',
  opg: 'DAY',
  cls: 'DAY',
};

/** An average has as many decimals as its division gave: rounded to 12, halves away from zero. */
export function roundedUnits(value: Decimal): Units {
  const text = String(value).replace(/(\.\d{24})\d+/, '$1');
  return divideHalfAway(parseMoney(text), ONE);
}

export const optional = <T>(value: Decimal | null | undefined, read: (value: Decimal) => T): T | null =>
  value === null || value === undefined ? null : read(value);

/** Epoch milliseconds of an RFC 3339 time. @throws BrokerError when it is none */
export function timeMs(text: string): number {
  const ms = Date.parse(text);
  if (Number.isNaN(ms)) throw new BrokerError('uncertain', `"${text.slice(0, 40)}" is not a time`);
  return ms;
}

const optionalTime = (text: string | null | undefined): number | null =>
  text === null || text === undefined ? null : timeMs(text);

export function parseOrder(order: AlpacaOrder): BrokerOrder {
  const submittedAtMs = optionalTime(order.submitted_at) ?? optionalTime(order.created_at) ?? 0;
  return {
    externalOrderId: order.id,
    clientOrderId: order.client_order_id,
    symbol: order.symbol,
    side: order.side === 'buy' ? 'BUY' : 'SELL',
    qty: optional(order.qty, parseUnits),
    orderType: TYPES[order.type ?? order.order_type ?? ''] ?? null,
    limitPrice: optional(order.limit_price, parseUnits),
    stopPrice: optional(order.stop_price, parseUnits),
    timeInForce: TIMES[order.time_in_force] ?? 'DAY',
    status: STATUSES[order.status] ?? 'UNKNOWN',
    cancelPending: order.status === 'pending_cancel',
    filledQty: parseUnits(order.filled_qty),
    filledAvgPrice: parseUnits(order.filled_qty) === 0n ? null : optional(order.filled_avg_price, roundedUnits),
    submittedAtMs,
    updatedAtMs: optionalTime(order.updated_at) ?? submittedAtMs,
  };
}

const BLOCKS = ['account_blocked', 'trading_blocked', 'trade_suspended_by_user'] as const;

export function parseAccount(account: z.output<typeof accountSchema>): BrokerAccount {
  const blockedBy = BLOCKS.filter((name) => account[name]);
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
  const qty = parseUnits(position.qty);
  const cost = parseMoney(position.cost_basis);
  // Some answers sign the quantity, some only name the side.
  const short = position.side === 'short' || qty < 0n;
  return {
    symbol: position.symbol,
    qty: short && qty > 0n ? -qty : qty,
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
    throw new BrokerError('uncertain', `a ${update.event} without quantity or price`);
  }
  const executionId = update.execution_id ?? null;
  return {
    event,
    order,
    fill: traded
      ? {
          executionId: executionId === null || executionId === '' ? null : executionIdOf(executionId),
          qty: parseUnits(update.qty ?? 0),
          price: parseUnits(update.price ?? 0),
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
    bid: parseUnits(quote.bp),
    ask: parseUnits(quote.ap),
    bidSize: parseUnits(quote.bs),
    askSize: parseUnits(quote.as),
    atMs: timeMs(quote.t),
  };
}

export function parseTrade(symbol: string, trade: z.output<typeof tradeSchema>): Trade {
  return { symbol, price: parseUnits(trade.p), size: parseUnits(trade.s), atMs: timeMs(trade.t) };
}

/** Alpaca labels a bar by its start; it covers one minute. */
export function parseBar(symbol: string, bar: z.output<typeof barSchema>): Bar {
  const startMs = timeMs(bar.t);
  return {
    symbol,
    startMs,
    endMs: startMs + 60_000,
    open: parseUnits(bar.o),
    high: parseUnits(bar.h),
    low: parseUnits(bar.l),
    close: parseUnits(bar.c),
    volume: parseUnits(bar.v),
  };
}
