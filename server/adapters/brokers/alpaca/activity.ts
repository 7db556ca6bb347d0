import type { BrokerActivity, NonTradeActivity } from '@/server/application/ports/broker';
import { newYorkOffsetMs } from '@/server/domain/calendar';
import type { ActivityCategory } from '@/server/domain/position/activity';
import { type Money, parseMoney, parseRoundedUnits, type Units } from '@/server/kernel/money';
import { executionIdOf, optional, roundedUnits, shareSymbol, sideOf, timeMs, unreadable } from './parse';
import type { AlpacaActivity } from './schema';

/** Every documented type whose meaning for the books is plain. Options are left out: none is traded here. */
const CATEGORIES: Readonly<Record<string, ActivityCategory>> = {
  FEE: 'FEE',
  CFEE: 'FEE',
  DIVFEE: 'FEE',
  PTC: 'FEE',
  PTR: 'FEE',
  DIV: 'DIVIDEND',
  CGD: 'DIVIDEND',
  DIVCGL: 'DIVIDEND',
  DIVCGS: 'DIVIDEND',
  DIVFT: 'DIVIDEND',
  DIVNRA: 'DIVIDEND',
  DIVROC: 'DIVIDEND',
  DIVTW: 'DIVIDEND',
  DIVTXEX: 'DIVIDEND',
  INT: 'INTEREST',
  INTNRA: 'INTEREST',
  INTTW: 'INTEREST',
  WH: 'INTEREST',
  TRANS: 'TRANSFER',
  CSD: 'TRANSFER',
  CSW: 'TRANSFER',
  JNL: 'TRANSFER',
  JNLC: 'TRANSFER',
  JNLS: 'TRANSFER',
  ACATC: 'TRANSFER',
  ACATS: 'TRANSFER',
  FOPT: 'TRANSFER',
  SPLIT: 'SPLIT',
  SPIN: 'SPLIT',
  NC: 'SPLIT',
  MA: 'SPLIT',
  REORG: 'SPLIT',
};

/** Types whose quantity is the one that an amount was paid on. */
const QTY_IS_A_NOTE = new Set(['FEE', 'DIVFEE', 'PTC', 'PTR', 'CSD', 'CSW', 'TRANS', 'JNLC', 'ACATC']);

const categoryOf = (type: string): ActivityCategory => CATEGORIES[type] ?? 'ADJUSTMENT';

function sharesMoved(activity: AlpacaActivity, amount: Money): Units {
  const { activity_type: type, activity_sub_type: subType } = activity;
  const qty = optional(activity.qty, parseRoundedUnits);
  const category = categoryOf(type);
  if (qty === null || category === 'INTEREST' || QTY_IS_A_NOTE.has(type)) return 0n;
  // A dividend's quantity is what it was paid on, unless it was paid in shares. A crypto fee is taken in coins.
  if (category === 'DIVIDEND') return subType === 'SDIV' && amount === 0n ? qty : 0n;
  if (category === 'FEE') return amount === 0n ? qty : 0n;
  return qty;
}

/** An activity's time: its own, else the stamp at the head of its id (New York time, Alpaca-API#170), else the start of its date. */
function activityTime(activity: AlpacaActivity): number {
  const own = activity.transaction_time ?? activity.created_at;
  if (own !== null && own !== undefined) return timeMs(own);
  const stamp = /^(\d{4})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{3})::/.exec(activity.id);
  if (stamp !== null) {
    const [, year, month, day, hour, minute, second, milli] = stamp;
    const clockMs = timeMs(`${year}-${month}-${day}T${hour}:${minute}:${second}.${milli}Z`);
    // Twice: the first offset is that of a moment some hours away, and daylight saving may begin in between.
    return clockMs - newYorkOffsetMs(clockMs - newYorkOffsetMs(clockMs));
  }
  return timeMs(`${activity.date ?? ''}T00:00:00Z`);
}

const STATUSES: Readonly<Record<string, NonTradeActivity['status']>> = {
  canceled: 'CANCELLED',
  cancelled: 'CANCELLED',
  correct: 'CORRECTED',
};

function parseNonTrade(activity: AlpacaActivity, atMs: number): NonTradeActivity {
  const amount = optional(activity.net_amount, parseMoney) ?? 0n;
  const shares = sharesMoved(activity, amount);
  if (shares !== 0n && activity.activity_type === 'CFEE') throw unreadable('a fee in coins is not traded here');
  if (shares !== 0n && activity.symbol) shareSymbol(activity.symbol, activity.asset_class);
  return {
    kind: 'NON_TRADE',
    activityId: activity.id,
    type: activity.activity_type,
    category: categoryOf(activity.activity_type),
    symbol: activity.symbol || null,
    amount,
    shares,
    price: optional(activity.price, roundedUnits),
    status: STATUSES[activity.status ?? ''] ?? 'EXECUTED',
    previousId: activity.previous_id || null,
    groupId: activity.group_id || null,
    atMs,
  };
}

/** @throws BrokerError for an activity that cannot be read, or that moves what is not traded here */
export function parseActivity(activity: AlpacaActivity): BrokerActivity {
  const atMs = activityTime(activity);
  const { id, activity_type: type, symbol, side, qty, price, order_id: orderId } = activity;
  if (type !== 'FILL') return parseNonTrade(activity, atMs);
  if (!symbol || !side || !orderId || qty === null || qty === undefined || price === null || price === undefined) {
    throw unreadable(`activity ${id} is a fill without its order, symbol, side, quantity or price`);
  }
  return {
    kind: 'FILL',
    activityId: id,
    executionId: executionIdOf(id),
    externalOrderId: orderId,
    symbol: shareSymbol(symbol, activity.asset_class),
    side: sideOf(side),
    qty: parseRoundedUnits(qty),
    price: parseRoundedUnits(price),
    cumQty: optional(activity.cum_qty, parseRoundedUnits),
    atMs,
  };
}
