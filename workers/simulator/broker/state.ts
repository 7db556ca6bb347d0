import { createHash } from 'node:crypto';
import {
  divideHalfAway,
  formatMoney,
  formatUnits,
  type Money,
  notional,
  parseMoney,
  parseUnits,
  type Units,
} from '@/server/kernel/money';
import { IdScheme } from '../ids';
import { JournalError } from '../journal/line';
import type {
  AmendRecord,
  CloseRecord,
  DayRecord,
  FillRecord,
  HeadRecord,
  JournalRecord,
  ReplaceRecord,
} from '../journal/records';
import { ActivityLog } from './activities';
import { EquityCurve } from './equity-curve';
import { type Amendment, cashOf, type Holding, NonTradeShares, nonTradeOf } from './non-trade';
import {
  isClosed,
  isWatchedStop,
  leavesOf,
  legFromRecord,
  marketInPlaceOf,
  orderFromRecord,
  replacementOf,
  type SimOrder,
} from './order';
import { OrderBook } from './order-book';
import { packOrder } from './pack-order';

/**
 * The account: what the journal says, and nothing else. It changes only through {@link apply}, live and at start alike,
 * so a restart ends in the very state that was left.
 */
export class BrokerState {
  readonly head: HeadRecord;
  readonly ids: IdScheme;
  readonly book: OrderBook;
  readonly activities: ActivityLog;
  readonly curve = new EquityCurve();
  readonly holdings = new Map<string, Holding>();
  /** By the number of the activity that was cancelled or corrected. */
  readonly amendments = new Map<number, Amendment>();
  private readonly shares = new NonTradeShares(this.holdings);
  cash: Money;
  fees: Money = 0n;
  /** Buying power held by open buys. */
  reserved: Money = 0n;
  /** Shares held by open sells. */
  readonly heldShares = new Map<string, Units>();
  /** Symbols whose trading is halted. */
  readonly halted = new Set<string>();
  suspendTrade = false;
  forcedSession: boolean | null = null;
  lastDay: DayRecord | null = null;
  /** Latest market time at which anything happened, epoch ms. */
  latestAtMs: number;
  /** Up to when the market's own clock may have run; null where it is the wall clock. */
  clockAtMs: number | null = null;

  constructor(head: HeadRecord) {
    this.head = head;
    this.ids = new IdScheme(head.account_id);
    this.book = new OrderBook(this.ids);
    this.activities = new ActivityLog(this.ids);
    this.cash = parseMoney(head.cash);
    this.latestAtMs = head.at;
  }

  /** @throws JournalError when the record contradicts the state: an order that is not open, a second head */
  apply(record: JournalRecord): void {
    if (record.type !== 'clock') this.latestAtMs = Math.max(this.latestAtMs, record.at);
    switch (record.type) {
      case 'head':
        throw new JournalError('the journal has a second head');
      case 'order': {
        this.add(orderFromRecord(record));
        for (const [index, leg] of (record.legs ?? []).entries()) this.add(legFromRecord(record, leg, index));
        return;
      }
      case 'activate': {
        const order = this.touch(record);
        order.status = order.filledQty > 0n ? 'partially_filled' : 'new';
        return;
      }
      case 'trigger': {
        const stop = this.touch(record);
        stop.triggered = true;
        if (stop.status === 'held') stop.status = 'new';
        if (record.market === undefined) return;
        const market = marketInPlaceOf(stop, record.market, record.at);
        stop.replacedBySeq = market.seq;
        this.end(stop, 'replaced', record.at);
        this.add(market);
        return;
      }
      case 'fill':
        this.applyFill(record);
        return;
      case 'close':
        this.applyClose(record);
        return;
      case 'cancel_pending': {
        const order = this.touch(record);
        order.status = 'pending_cancel';
        order.cancelDueAtMs = record.due_at;
        return;
      }
      case 'replace':
        this.applyReplace(record);
        return;
      case 'replaced':
        this.carryOut(this.touch(record), record.queued, record.at);
        return;
      case 'config':
        this.suspendTrade = record.suspend_trade;
        return;
      case 'clock':
        this.clockAtMs = record.at;
        return;
      case 'session':
        this.forcedSession = record.forced;
        return;
      case 'trading_status':
        if (record.halted) this.halted.add(record.symbol);
        else this.halted.delete(record.symbol);
        return;
      case 'day':
        this.lastDay = record;
        return;
      case 'mark':
        this.curve.add(record.at, Number(record.equity));
        return;
      case 'non_trade': {
        const activity = nonTradeOf(record);
        this.shares.apply(activity);
        this.cash += cashOf(activity, undefined);
        this.activities.append(activity);
        return;
      }
      case 'amend':
        this.applyAmend(record);
        return;
    }
  }

  /** SHA-256 over everything the journal determines: equal digests, equal accounts. */
  digest(): string {
    const hash = createHash('sha256');
    hash.update(JSON.stringify([formatMoney(this.cash), formatMoney(this.fees), formatMoney(this.reserved)]));
    hash.update(JSON.stringify([this.suspendTrade, this.forcedSession, this.lastDay?.date ?? null]));
    if (this.halted.size > 0) hash.update(JSON.stringify([...this.halted].sort()));
    for (const symbol of [...this.holdings.keys()].sort()) {
      const held = this.holdings.get(symbol) ?? { qty: 0n, cost: 0n };
      hash.update(
        JSON.stringify([
          symbol,
          formatUnits(held.qty),
          formatMoney(held.cost),
          formatUnits(this.heldShares.get(symbol) ?? 0n),
        ]),
      );
    }
    for (let seq = 1; seq <= this.book.size; seq += 1) {
      const order = this.book.bySeq(seq);
      if (order !== undefined)
        hash.update(packOrder(order)).update(`${order.cancelDueAtMs}${order.replacement?.dueAtMs ?? ''}`);
    }
    for (let number = 1; number <= this.activities.size; number += 1) {
      hash.update(JSON.stringify(this.activities.read(number)));
      const amended = this.amendments.get(number);
      if (amended !== undefined) hash.update(JSON.stringify(amended));
    }
    return hash.digest('hex');
  }

  /** Shares that no open sell holds. */
  availableShares(symbol: string): Units {
    const free = (this.holdings.get(symbol)?.qty ?? 0n) - (this.heldShares.get(symbol) ?? 0n);
    // A corporate action may take shares away that an order still holds.
    return free > 0n ? free : 0n;
  }

  /** The open order that a record speaks of, updated at its time. */
  private touch(record: { readonly seq: number; readonly at: number }): SimOrder {
    const order = this.book.open(record.seq);
    if (order === undefined) throw new JournalError(`order ${record.seq} is not open`);
    order.updatedAtMs = record.at;
    return order;
  }

  private add(order: SimOrder): void {
    this.book.add(order);
    this.hold(order, holdOf(order));
  }

  private applyReplace(record: ReplaceRecord): void {
    const order = this.touch(record);
    const instead = replacementOf(order, record);
    order.replacement = { dueAtMs: record.due_at, seq: instead.seq, carried: record.carried };
    this.book.add(instead);
    if (record.due_at === record.at) {
      this.carryOut(order, record.order.queued, record.at);
      return;
    }
    order.status = 'pending_replace';
    // Until it is known which of the two trades, the larger of both is held.
    const whole = holdOf({ ...instead, dormant: false, qty: instead.qty - order.filledQty });
    if (whole > order.held) this.hold(instead, whole - order.held);
  }

  /** The new order works in the place of the old one, or is rejected when nothing is left for it. */
  private carryOut(order: SimOrder, queued: boolean, atMs: number): void {
    const instead = this.replacementUnderWay(order);
    if (order.replacement === null || instead === undefined)
      throw new JournalError(`order ${order.seq} is not replaced`);
    if (instead.qty <= order.filledQty) {
      order.status = order.filledQty > 0n ? 'partially_filled' : 'new';
      this.rejectReplacement(order, atMs);
      return;
    }
    if (order.replacement.carried) {
      instead.filledQty = order.filledQty;
      instead.filledNotional = order.filledNotional;
    } else instead.qty -= order.filledQty;
    instead.dormant = order.dormant;
    instead.triggered = order.triggered;
    instead.updatedAtMs = atMs;
    const watched = order.status === 'held';
    instead.status = watched ? 'held' : queued ? 'accepted' : instead.filledQty > 0n ? 'partially_filled' : 'new';
    order.replacedBySeq = instead.seq;
    order.replacement = null;
    this.end(order, 'replaced', atMs);
    this.rehold(instead);
  }

  private replacementUnderWay(order: SimOrder): SimOrder | undefined {
    return order.replacement === null ? undefined : this.book.open(order.replacement.seq);
  }

  /** The order ended before its replacement could be carried out. */
  private rejectReplacement(order: SimOrder, atMs: number): void {
    const instead = this.replacementUnderWay(order);
    order.replacement = null;
    if (instead !== undefined) this.end(instead, 'rejected', atMs);
  }

  /** Makes an order hold what it may still use: buying power or shares; nothing once it is closed. */
  private rehold(order: SimOrder): void {
    this.hold(order, holdOf(order));
  }

  private hold(order: SimOrder, amount: bigint): void {
    const more = amount - order.held;
    order.held = amount;
    if (order.side === 'buy') this.reserved += more;
    else this.heldShares.set(order.symbol, (this.heldShares.get(order.symbol) ?? 0n) + more);
  }

  /** Closes an order for good. */
  private end(order: SimOrder, status: 'canceled' | 'expired' | 'replaced' | 'rejected', atMs: number): void {
    order.status = status;
    order.updatedAtMs = atMs;
    order.cancelDueAtMs = null;
    if (status === 'canceled') order.canceledAtMs = atMs;
    else if (status === 'expired') order.expiredAtMs = atMs;
    else if (status === 'replaced') order.replacedAtMs = atMs;
    this.rejectReplacement(order, atMs);
    this.rehold(order);
    this.book.settle(order);
  }

  private applyFill(record: FillRecord): void {
    const order = this.touch(record);
    const qty = parseUnits(record.qty);
    const price = parseUnits(record.price);
    order.filledQty += qty;
    order.filledNotional += notional(qty, price);
    // A cancel under way stays under way: what is left of the order will still be cancelled.
    if (order.filledQty === order.qty) {
      order.status = 'filled';
      order.filledAtMs = record.at;
      this.rejectReplacement(order, record.at);
    } else if (order.status !== 'pending_cancel' && order.status !== 'pending_replace')
      order.status = 'partially_filled';
    this.rehold(order);
    this.bookShares(order, qty, price);
    this.logFill(order, record);
    this.tellGroup(order, qty, record.at);
    if (isClosed(order)) this.book.settle(order);
  }

  /** What a fill means for the other orders of its group: the legs work once the entry is filled, and share their quantity. */
  private tellGroup(order: SimOrder, qty: Units, atMs: number): void {
    for (const other of this.book.openRelatives(order)) {
      if (order.role === 'entry') {
        if (isClosed(order)) this.activate(other, order.filledQty, atMs);
      } else if (isClosed(order)) this.end(other, 'canceled', atMs);
      else {
        other.qty -= qty;
        other.updatedAtMs = atMs;
        this.rehold(other);
      }
    }
  }

  private activate(leg: SimOrder, qty: Units, atMs: number): void {
    leg.dormant = false;
    leg.qty = qty;
    leg.updatedAtMs = atMs;
    if (leg.status === 'held' && !isWatchedStop(leg)) leg.status = 'new';
    this.rehold(leg);
  }

  private bookShares(order: SimOrder, qty: Units, price: Units): void {
    const amount = notional(qty, price);
    const held = this.holdings.get(order.symbol) ?? { qty: 0n, cost: 0n };
    if (order.side === 'buy') {
      this.cash -= amount;
      this.holdings.set(order.symbol, { qty: held.qty + qty, cost: held.cost + amount });
      return;
    }
    this.cash += amount;
    const left = held.qty - qty;
    if (left === 0n) this.holdings.delete(order.symbol);
    else this.holdings.set(order.symbol, { qty: left, cost: held.cost - divideHalfAway(held.cost * qty, held.qty) });
  }

  private logFill(order: SimOrder, record: FillRecord): void {
    this.activities.append({
      kind: 'FILL',
      orderSeq: order.seq,
      atMs: record.at,
      qty: record.qty,
      price: record.price,
      cumQty: formatUnits(order.filledQty),
      leavesQty: formatUnits(leavesOf(order)),
    });
    const fee = parseMoney(record.fee);
    if (fee === 0n) return;
    this.cash -= fee;
    this.fees += fee;
    this.activities.append({ kind: 'FEE', orderSeq: order.seq, atMs: record.at, netAmount: formatMoney(-fee) });
  }

  private applyAmend({ number, status, net_amount: netAmount }: AmendRecord): void {
    const activity = this.activities.read(number);
    if (activity.kind !== 'NON_TRADE') throw new JournalError(`activity ${number} is a trade's`);
    const before = this.amendments.get(number);
    if (before?.status === 'canceled') throw new JournalError(`activity ${number} is cancelled already`);
    const after = { status, netAmount };
    if (status === 'canceled') this.shares.takeBack(activity);
    this.cash += cashOf(activity, after) - cashOf(activity, before);
    this.amendments.set(number, after);
  }

  private applyClose(record: CloseRecord): void {
    const order = this.touch(record);
    if (record.status === 'done_for_day') {
      order.status = record.status;
      return;
    }
    const relatives = record.alone === true ? [] : this.book.openRelatives(order);
    this.end(order, record.status, record.at);
    for (const other of relatives) {
      if (record.legs === 'active') this.activate(other, order.filledQty, record.at);
      else this.end(other, record.status, record.at);
    }
  }
}

function holdOf(order: SimOrder): bigint {
  if (isClosed(order) || order.dormant || isWatchedStop(order)) return 0n;
  return order.side === 'buy' ? notional(leavesOf(order), order.reservePrice) : leavesOf(order);
}
