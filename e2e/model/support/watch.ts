import type { TradeUpdate } from '@/server/application/ports/broker';
import { formatUnits, type Units } from '@/server/kernel/money';
import { filledQty, type HeldOrder, isOpen } from './broker-book';
import type { ModelBroker } from './model-broker';
import type { OrderSeen, Snapshot } from './snapshot';

const TOPICS: Readonly<Record<string, string>> = {
  ACCEPTED: 'order.accepted',
  PARTIALLY_FILLED: 'order.partially_filled',
  FILLED: 'order.filled',
  REJECTED: 'order.rejected',
  CANCELLED: 'order.cancelled',
  EXPIRED: 'order.expired',
};

const FINAL = new Set(['REJECTED', 'CANCELLED', 'EXPIRED']);

const SETTLED: Readonly<Record<HeldOrder['status'], readonly string[]>> = {
  new: ['ACCEPTED'],
  partially_filled: ['PARTIALLY_FILLED'],
  pending_cancel: ['ACCEPTED', 'PARTIALLY_FILLED'],
  filled: ['FILLED'],
  canceled: ['CANCELLED'],
  expired: ['EXPIRED'],
  // Rejected after something of it had traded, the rest has ended like a cancelled one.
  rejected: ['REJECTED', 'CANCELLED'],
};

const shown = (values: ReadonlyMap<string, Units>) =>
  JSON.stringify(
    [...values]
      .filter(([, qty]) => qty !== 0n)
      .map(([symbol, qty]) => [symbol, formatUnits(qty)])
      .sort(),
  );

/** What must hold after every command, and what must hold once everything has come to rest. */
export class Watch {
  private before: Snapshot | null = null;
  /** Broker's ids of orders with a bust or a correction that never reached us. */
  private readonly untold = new Set<string>();
  private readonly broker: ModelBroker;
  private readonly faults: readonly string[];

  constructor(broker: ModelBroker, faults: readonly string[]) {
    this.broker = broker;
    this.faults = faults;
  }

  /** Updates that nobody will ever hear: fills and ends are found by asking, amendments are not listed anywhere. */
  unheard(updates: readonly TradeUpdate[]): void {
    for (const { event, order } of updates)
      if (event === 'FILL_BUSTED' || event === 'FILL_CORRECTED') this.untold.add(order.externalOrderId);
  }

  /** @throws Error with everything that does not hold */
  always(now: Snapshot): void {
    const wrong = [
      ...this.broker.offences,
      ...this.faults,
      ...this.intents(now),
      ...this.books(now),
      ...now.orders.flatMap((order) => this.life(order, now)),
      ...this.breaks(now),
      ...this.halt(now),
    ];
    this.before = now;
    complain(wrong);
  }

  /** @throws Error with everything that does not hold */
  settled(now: Snapshot): void {
    const wrong = now.orders.flatMap((order) => this.agrees(order));
    if (this.untold.size === 0) {
      const ours = shown(new Map(Object.entries(now.positions)));
      const theirs = shown(this.broker.book.positions());
      if (ours !== theirs) wrong.push(`positions: ours ${ours}, the broker's ${theirs}`);
      if (now.opened && now.cash !== this.broker.book.cash())
        wrong.push(`cash: ours ${now.cash}, the broker's ${this.broker.book.cash()}`);
    }
    for (const { cause, symbol, open, order_id: id } of now.breaks) {
      const complete = this.untold.size === 0 && (id === null || !this.broker.sentPastCheck.has(id));
      if (open && cause !== 'OVERFILL' && complete) wrong.push(`a break is left: ${cause} on ${symbol}`);
    }
    complain(wrong);
  }

  /** Each intent is at most one order there, and nothing is there that was never meant. */
  private intents(now: Snapshot): string[] {
    const wrong: string[] = [];
    const seen = new Set<string>();
    const known = new Set(now.orders.map(({ id }) => id));
    for (const { terms } of this.broker.book.orders) {
      if (seen.has(terms.clientOrderId)) wrong.push(`${terms.clientOrderId} became two orders at the broker`);
      if (!known.has(terms.clientOrderId)) wrong.push(`${terms.clientOrderId} is at the broker and nobody meant it`);
      seen.add(terms.clientOrderId);
    }
    const signals = now.orders.flatMap(({ signal_id }) => (signal_id === null ? [] : [signal_id]));
    if (new Set(signals).size !== signals.length) wrong.push('a signal became two orders');
    for (const { id, status, order_id } of now.approvals)
      if ((status === 'APPROVED' || status === 'REDUCED') !== (order_id !== null && known.has(order_id)))
        wrong.push(`approval ${id} is ${status} and its order is not`);
    return wrong;
  }

  /** Fills sum to positions, the ledger says the same, and it balances. */
  private books(now: Snapshot): string[] {
    const wrong: string[] = [];
    const byFills = new Map<string, Units>();
    for (const { symbol, side, qty, busted } of now.fills)
      if (!busted) byFills.set(symbol, (byFills.get(symbol) ?? 0n) + (side === 'BUY' ? qty : -qty));
    const positions = shown(new Map(Object.entries(now.positions)));
    const ledger = shown(new Map(Object.entries(now.ledger_qty)));
    if (shown(byFills) !== positions) wrong.push(`fills sum to ${shown(byFills)}, positions are ${positions}`);
    if (ledger !== positions) wrong.push(`the ledger holds ${ledger}, positions are ${positions}`);
    if (now.unbalanced > 0 || now.ledger !== 0n) wrong.push(`the ledger does not balance: ${now.unbalanced} entries`);
    return wrong;
  }

  private life(order: OrderSeen, now: Snapshot): string[] {
    const { id, status, cum_qty: cumQty } = order;
    const wrong: string[] = [];
    const held = this.broker.book.byClientId(id);
    const fills = now.fills.filter(({ order_id }) => order_id === id);
    const sum = fills.reduce((total, { qty, busted }) => (busted ? total : total + qty), 0n);
    if (sum !== cumQty) wrong.push(`${id}: fills sum to ${formatUnits(sum)}, filled is ${formatUnits(cumQty)}`);
    for (const { execution_id } of fills)
      if (!execution_id.startsWith('inferred:') && !held?.executions.some(({ first }) => first.id === execution_id))
        wrong.push(`${id}: execution ${execution_id} never happened`);
    const last = this.before?.orders.find((each) => each.id === id);
    const amended = held?.executions.some(({ busted, id: name, first }) => busted || name !== first.id) === true;
    if (last !== undefined && FINAL.has(last.status) && status !== last.status)
      wrong.push(`${id} was ${last.status} and is ${status}`);
    if (last?.status === 'FILLED' && status !== 'FILLED' && !amended) wrong.push(`${id} was FILLED and is ${status}`);
    return [...wrong, ...this.events(order, last, now), ...this.flags(order, last, held, amended, now)];
  }

  private events(order: OrderSeen, last: OrderSeen | undefined, now: Snapshot): string[] {
    const { id, status, kind } = order;
    const wrong: string[] = [];
    const count = (snapshot: Snapshot | null, topic: string) => snapshot?.outbox[`${topic} ${id}`] ?? 0;
    if (kind !== 'EXTERNAL' && count(now, 'order.created') !== 1) wrong.push(`${id} has no event of its creation`);
    const topic = TOPICS[status];
    if (topic !== undefined && status !== last?.status && count(now, topic) <= count(this.before, topic))
      wrong.push(`${id} became ${status} and no event says so`);
    return wrong;
  }

  private flags(
    order: OrderSeen,
    last: OrderSeen | undefined,
    held: HeldOrder | null,
    amended: boolean,
    now: Snapshot,
  ): string[] {
    const wrong: string[] = [];
    const flagged = (flag: string) => order.flags.includes(flag);
    const broken = (cause: string) => now.breaks.some((each) => each.order_id === order.id && each.cause === cause);
    for (const cause of ['LATE_FILL', 'OVERFILL'])
      if (flagged(cause) && !broken(cause)) wrong.push(`${order.id} is flagged ${cause} and no break was opened`);
    if (flagged('LATE_FILL') && held?.tradedLate !== true && !amended) wrong.push(`${order.id}: nothing traded late`);
    if (flagged('OVERFILL') && held?.overfilled !== true && !amended) wrong.push(`${order.id} was not overfilled`);
    if (flagged('OVERFILL') && last !== undefined && !last.flags.includes('OVERFILL') && now.state === 'ACTIVE')
      wrong.push(`${order.id} was overfilled and trading goes on`);
    return wrong;
  }

  /** Breaks of causes that this broker gives no reason for. */
  private breaks(now: Snapshot): string[] {
    return now.breaks
      .filter(({ cause }) => cause === 'MISSING_AT_BROKER' || cause === 'EXTERNAL_ORDER')
      .filter(({ order_id: id }) => id === null || !this.broker.sentPastCheck.has(id))
      .map(({ cause, symbol }) => `a break without a reason: ${cause} on ${symbol}`);
  }

  /** Once a halt is verified, nothing works but what closes positions or protects them. */
  private halt(now: Snapshot): string[] {
    if (now.state !== 'HALTED' || !now.verified) return [];
    const surviving = new Set(
      now.orders.filter(({ kind }) => kind === 'FLATTEN' || kind === 'PROTECTIVE').map(({ id }) => id),
    );
    const working = this.broker.book
      .open()
      .filter(
        ({ terms, executions }) =>
          !surviving.has(terms.clientOrderId) &&
          !executions.some(({ busted, qty, first }) => busted || qty < first.qty),
      );
    const wrong = working.map(({ terms }) => `${terms.clientOrderId} works although the halt is verified`);
    if (!this.broker.nothingComing) wrong.push('a send is under way although the halt is verified');
    return wrong;
  }

  private agrees(order: OrderSeen): string[] {
    const { id, status, cum_qty: cumQty, flags, claimed, cancel_requested: asked } = order;
    const held = this.broker.book.byClientId(id);
    if (flags.includes('SUBMIT_UNCERTAIN')) return [`${id} is still in doubt`];
    if (held === null) {
      const unknown = status === 'REJECTED' || status === 'CANCELLED' || (status === 'NEW' && !claimed);
      return unknown && cumQty === 0n ? [] : [`${id} is ${status} and the broker has no such order`];
    }
    if (this.untold.has(held.externalOrderId)) return [];
    const wrong: string[] = [];
    if (cumQty !== filledQty(held))
      wrong.push(`${id}: ${formatUnits(cumQty)} filled, at the broker ${formatUnits(filledQty(held))}`);
    // Closed here when a sender that had been stopped sent it after all: it is cancelled there, or has traded by then.
    if (this.broker.sentPastCheck.has(id)) return wrong;
    const expected = SETTLED[held.status];
    const full = filledQty(held) >= held.terms.qty && status === 'FILLED';
    if (!expected.includes(status) && !full) wrong.push(`${id} is ${status}, at the broker ${held.status}`);
    if (asked && !isOpen(held)) wrong.push(`${id}: a cancel is outstanding of an order that ended`);
    return wrong;
  }
}

function complain(wrong: readonly string[]): void {
  if (wrong.length > 0) throw new Error(`broken promises:\n- ${wrong.join('\n- ')}`);
}
