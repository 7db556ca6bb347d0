import type { Legs, NewOrder } from '@/server/domain/order/new-order';
import type { OrderState } from '@/server/domain/order/types';
import { isClosed, leavesQty } from '@/server/domain/order/view';
import { ONE, type Units } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';
import type { MarketClock } from '@/server/replay/market-clock';
import type { Placement, WorkingOrder } from '@/server/replay/working-order';

/** The rest of an entry that was filled in part is cancelled so long after its first fill (S-2). */
const PARTIAL_MS = 5_000;

/** What protection does with orders. */
export interface ProtectiveOrders {
  readonly orders: ReadonlyMap<string, WorkingOrder>;
  readonly working: ReadonlyMap<string, WorkingOrder>;
  /** Shares held; negative when short. */
  held(symbol: string): Units;
  /** Stores a leg, which the broker does not work before its parent is filled. */
  placeLeg(terms: NewOrder, placement: Placement): void;
  activateLeg(orderId: string): void;
  place(terms: NewOrder, placement: Placement): void;
  cancel(orderId: string): void;
  /** Closes a leg that ends with its parent, or with the other leg. */
  end(orderId: string): void;
  /** The other leg was filled by so much. */
  reduce(orderId: string, qty: Units): void;
}

/** An entry that carries legs, with the orders that protect what it brought. */
interface Entry {
  readonly id: string;
  readonly symbol: string;
  /** Of the orders that close it. */
  readonly exitSide: Side;
  readonly strategy: string;
  readonly legs: Legs;
  /** Fractions have no legs: their stop is a DAY order of our own (S-3). */
  readonly whole: boolean;
  /** The entry, and what replaced it; the last one is in force. */
  readonly parents: string[];
  readonly stops: string[];
  readonly profits: string[];
  /** Shares of it that other orders have closed. */
  exitedQty: Units;
  cancelAtMs: number | null;
}

/** Keeps a stop working for what entries with a stop have brought (S-1 to S-4). */
export class Protection {
  private readonly entries: Entry[] = [];
  private suspended = false;
  private settling = false;
  private unsettled: string | null = null;

  constructor(
    private readonly orderManager: ProtectiveOrders,
    private readonly clock: MarketClock,
  ) {}

  /** When an entry's rest is cancelled next. */
  get nextMs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.entries.map(({ cancelAtMs }) => cancelAtMs ?? Infinity));
  }

  /** Whether an order works that protects a holding of the symbol. */
  protects(symbol: string): boolean {
    return this.entries.some(
      (entry) => entry.symbol === symbol && [...entry.stops, ...entry.profits].some((id) => this.isWorking(id)),
    );
  }

  /** An entry with legs was placed; nothing of it is filled yet. */
  open(state: OrderState, legs: Legs, placement: Placement): void {
    const { id, symbol, side, qty, timeInForce } = state;
    const exitSide: Side = side === 'BUY' ? 'SELL' : 'BUY';
    const whole = qty % ONE === 0n;
    const entry: Entry = {
      id,
      symbol,
      exitSide,
      strategy: placement.strategy,
      legs,
      whole,
      parents: [id],
      stops: [],
      profits: [],
      exitedQty: 0n,
      cancelAtMs: null,
    };
    this.entries.push(entry);
    if (!whole) return;
    const common = { symbol, side: exitSide, qty, timeInForce };
    const { expiryMs } = placement;
    if (legs.stopPrice !== null)
      this.orderManager.placeLeg(
        { ...common, ...this.nextStop(entry) },
        protectivePlacement(entry, 'STOP', expiryMs, true),
      );
    if (legs.profitPrice === null) return;
    const profitId = `${id}.profit`;
    entry.profits.push(profitId);
    const profit = { ...common, id: profitId, orderType: 'LIMIT', limitPrice: legs.profitPrice } as const;
    this.orderManager.placeLeg(profit, protectivePlacement(entry, 'PROFIT', expiryMs, true));
  }

  /** One order takes the place of another: as an entry, or as what protects it. */
  replaced(oldId: string, newId: string): void {
    for (const { parents, stops, profits } of this.entries)
      for (const ids of [parents, stops, profits]) if (ids.at(-1) === oldId) ids.push(newId);
  }

  /** An order has changed. */
  changed(state: OrderState, before: OrderState): void {
    if (this.entries.length === 0) return;
    for (const entry of this.entries) {
      if (entry.parents.at(-1) === state.id) this.followEntry(entry, state);
      else if (entry.stops.includes(state.id) || entry.profits.includes(state.id))
        this.followLeg(entry, state, state.cumQty - before.cumQty);
    }
    if (state.cumQty !== before.cumQty) this.attributeExits(state.symbol);
    this.settle(state.symbol);
  }

  /** Cancels the rest of entries that were filled in part some time ago. */
  fireDue(): void {
    for (const entry of this.entries) {
      if (entry.cancelAtMs === null || entry.cancelAtMs > this.clock.nowMs) continue;
      entry.cancelAtMs = null;
      const parentId = entry.parents.at(-1);
      if (parentId !== undefined && this.isLive(parentId)) this.orderManager.cancel(parentId);
    }
  }

  /** The stop that holds the shares which a closing order of so many would sell; null where enough are free. */
  holding({ symbol, side, qty }: { readonly symbol: string; readonly side: Side; readonly qty: Units }): string | null {
    const stops = this.entries
      .filter((entry) => entry.symbol === symbol && entry.exitSide === side)
      .flatMap((entry) => entry.stops.filter((id) => this.isWorking(id)));
    const heldQty = this.sumOfLeaves(stops);
    return qty > this.heldOf(symbol)[side] - heldQty ? (stops[0] ?? null) : null;
  }

  /** Cancels what protects the symbol, so that `work` can close it; what is still held afterwards is protected again. */
  giveWay(symbols: readonly string[], work: () => void): void {
    this.suspended = true;
    for (const entry of this.entries) {
      if (!symbols.includes(entry.symbol)) continue;
      for (const id of [...entry.stops, ...entry.profits]) if (this.isWorking(id)) this.orderManager.cancel(id);
    }
    try {
      work();
    } finally {
      this.suspended = false;
    }
    for (const symbol of symbols) this.settle(symbol);
  }

  /** Whether the order is a stop that protects shares which are held. */
  protectsHolding(orderId: string): boolean {
    const entry = this.entries.find(({ stops }) => stops.includes(orderId));
    return entry !== undefined && this.isWorking(orderId) && this.orderManager.held(entry.symbol) !== 0n;
  }

  /** Symbols with fewer protected shares than are owed a stop, sorted. */
  unprotected(): string[] {
    const symbols = new Set(this.entries.map(({ symbol }) => symbol));
    return [...symbols].filter((symbol) => this.lacks(symbol)).sort();
  }

  private lacks(symbol: string): boolean {
    for (const entry of this.entries) {
      if (entry.symbol !== symbol || entry.legs.stopPrice === null) continue;
      const owed = this.needs(entry);
      if (this.sumOfLeaves(entry.stops) < owed) return true;
    }
    return false;
  }

  /** What is held no longer was closed by other orders: it is taken from the oldest entries first. */
  private attributeExits(symbol: string): void {
    const held = this.heldOf(symbol);
    for (const side of ['BUY', 'SELL'] as const) {
      const entries = this.entries.filter((entry) => entry.symbol === symbol && entry.exitSide === side);
      let excess = entries.reduce((sum, entry) => sum + this.needs(entry), 0n) - held[side];
      for (const entry of entries) {
        if (excess <= 0n) break;
        const qty = smaller(excess, this.needs(entry));
        entry.exitedQty += qty;
        excess -= qty;
      }
    }
  }

  private followEntry(entry: Entry, { status, cumQty, qty }: OrderState): void {
    const legs = [...entry.stops, ...entry.profits].filter((id) => this.statusOf(id) === 'NEW');
    if (status === 'FILLED') {
      entry.cancelAtMs = null;
      for (const id of legs) this.orderManager.activateLeg(id);
    } else if (isClosed(status)) {
      entry.cancelAtMs = null;
      for (const id of legs) if (entry.whole) this.orderManager.end(id);
    } else if (cumQty > 0n && cumQty < qty) entry.cancelAtMs ??= this.clock.nowMs + PARTIAL_MS;
  }

  /** One leg's fill reduces the other. */
  private followLeg(entry: Entry, { id }: OrderState, filled: Units): void {
    if (filled <= 0n) return;
    for (const other of entry.stops.includes(id) ? entry.profits : entry.stops)
      if (this.isWorking(other)) this.orderManager.reduce(other, filled);
  }

  /** Brings the stops of a symbol in line with what is held. What this does may change more: it goes on until nothing does. */
  private settle(symbol: string): void {
    if (this.suspended) return;
    if (this.settling) {
      this.unsettled = symbol;
      return;
    }
    this.settling = true;
    try {
      for (let next: string | null = symbol; next !== null; next = this.unsettled) {
        this.unsettled = null;
        this.protect(next);
      }
    } finally {
      this.settling = false;
    }
  }

  private protect(symbol: string): void {
    for (const entry of this.entries) {
      if (entry.symbol !== symbol || !this.hasEnded(entry)) continue;
      const { exitSide } = entry;
      const owed = this.needs(entry);
      const live = [...entry.stops, ...entry.profits].filter((id) => this.isLive(id));
      const tooMany = this.sumOfLeaves(entry.stops) > owed || this.sumOfLeaves(entry.profits) > owed;
      for (const id of live) if (tooMany && this.isWorking(id)) this.orderManager.cancel(id);
      // Shares that another order is about to close need no stop.
      const free = smaller(owed, this.heldOf(symbol)[exitSide] - this.closing(symbol, exitSide));
      const left = live.filter((id) => this.isLive(id));
      // The next stop is sent when the last one has ended.
      if (left.some((id) => !this.isWorking(id) || this.orderManager.orders.get(id)?.state.cancelRequested === true))
        continue;
      const missing = free - this.sumOfLeaves(entry.stops);
      if (missing <= 0n || entry.legs.stopPrice === null || this.opposed(entry)) continue;
      const timeInForce = entry.whole ? 'GTC' : 'DAY';
      const expiryMs = entry.whole ? null : this.clock.sessionFrom(this.clock.nowMs).closeMs;
      const terms = { symbol, side: exitSide, qty: missing, timeInForce } as const;
      this.orderManager.place(
        { ...terms, ...this.nextStop(entry) },
        protectivePlacement(entry, 'STOP', expiryMs, false),
      );
    }
  }

  /** Shares that the entry brought and nothing has closed. */
  private needs({ parents, stops, profits, exitedQty }: Entry): Units {
    const sum = (ids: readonly string[]) =>
      ids.reduce((total, id) => total + (this.orderManager.orders.get(id)?.state.cumQty ?? 0n), 0n);
    return larger(0n, sum(parents) - sum(stops) - sum(profits) - exitedQty);
  }

  /** What is held, by the side that closes it. */
  private heldOf(symbol: string): Record<Side, Units> {
    const held = this.orderManager.held(symbol);
    return { SELL: larger(held, 0n), BUY: larger(-held, 0n) };
  }

  /** Shares that other closing orders will take. */
  private closing(symbol: string, side: Side): Units {
    let qty = 0n;
    for (const { state, placement } of this.orderManager.working.values())
      if (state.symbol === symbol && state.side === side && placement.protective === undefined) qty += leavesQty(state);
    return qty;
  }

  /** A broker takes no stop while an order of the other side works: the two could trade with each other. */
  private opposed({ symbol, exitSide }: Entry): boolean {
    for (const { state } of this.orderManager.working.values())
      if (state.symbol === symbol && state.side !== exitSide) return true;
    return false;
  }

  private nextStop(entry: Entry): Pick<NewOrder, 'id' | 'orderType' | 'stopPrice' | 'limitPrice'> {
    const number = entry.stops.length + 1;
    const id = number === 1 ? `${entry.id}.stop` : `${entry.id}.stop${number}`;
    entry.stops.push(id);
    const { stopPrice, stopLimitPrice: limitPrice } = entry.legs;
    return { id, orderType: limitPrice === null ? 'STOP' : 'STOP_LIMIT', stopPrice, limitPrice };
  }

  private hasEnded({ parents }: Entry): boolean {
    return !parents.some((id) => this.isLive(id));
  }

  private statusOf(id: string): OrderState['status'] | null {
    return this.orderManager.orders.get(id)?.state.status ?? null;
  }

  private isLive(id: string): boolean {
    return this.orderManager.working.has(id);
  }

  /** Whether the broker works it. */
  private isWorking(id: string): boolean {
    const status = this.statusOf(id);
    return status === 'ACCEPTED' || status === 'PARTIALLY_FILLED';
  }

  /** Shares that the broker works of these orders. */
  private sumOfLeaves(ids: readonly string[]): Units {
    return ids.reduce((sum, id) => sum + (this.isWorking(id) ? this.leaves(id) : 0n), 0n);
  }

  private leaves(id: string): Units {
    const order = this.orderManager.orders.get(id);
    return order === undefined ? 0n : leavesQty(order.state);
  }
}

function protectivePlacement(
  { strategy }: Entry,
  purpose: NonNullable<Placement['protective']>['purpose'],
  expiryMs: number | null,
  leg: boolean,
): Placement {
  return {
    signalId: null,
    strategy,
    expiryMs,
    referencePrice: null,
    positionEffect: 'REDUCE',
    protective: { purpose, leg },
  };
}

const smaller = (a: Units, b: Units): Units => (a < b ? a : b);
const larger = (a: Units, b: Units): Units => (a > b ? a : b);
