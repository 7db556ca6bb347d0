import type { IdScheme } from '../ids';
import type { SimSide } from '../journal/records';
import { NumberIndex } from '../store/number-index';
import { PackedLog } from '../store/packed-log';
import { isClosed, isParent, type SimOrder } from './order';
import { packOrder, unpackOrder } from './pack-order';

const OPEN = -1;

function put(index: Map<string, Map<number, SimOrder>>, order: SimOrder): void {
  const ofSymbol = index.get(order.symbol);
  if (ofSymbol === undefined) index.set(order.symbol, new Map([[order.seq, order]]));
  else ofSymbol.set(order.seq, order);
}

/** Every order of the account: open ones as objects, closed ones packed outside the heap. Numbered from 1. */
export class OrderBook {
  private readonly ids: IdScheme;
  private readonly openOrders = new Map<number, SimOrder>();
  private readonly openBySymbol = new Map<string, Map<number, SimOrder>>();
  /** Open orders of one side, by symbol: those that a new order may trade against are not sought among all. */
  private readonly openBySide = {
    buy: new Map<string, Map<number, SimOrder>>(),
    sell: new Map<string, Map<number, SimOrder>>(),
  };
  /** Numbers of the orders of a group, by the number of the order that it was placed with. */
  private readonly groups = new Map<number, number[]>();
  private readonly byClientId = new NumberIndex();
  private readonly closedOrders = new PackedLog();
  private closedAt = new Int32Array(1024);
  private submittedAt = new Float64Array(1024);
  private count = 0;

  constructor(ids: IdScheme) {
    this.ids = ids;
  }

  /** Orders ever taken; also the number of the newest. */
  get size(): number {
    return this.count;
  }

  get openCount(): number {
    return this.openOrders.size;
  }

  add(order: SimOrder): void {
    if (order.seq !== this.count + 1) throw new Error(`order ${order.seq} is out of sequence`);
    this.grow();
    this.closedAt[this.count] = OPEN;
    this.submittedAt[this.count] = order.submittedAtMs;
    this.count += 1;
    this.byClientId.add(order.clientOrderId, order.seq);
    this.openOrders.set(order.seq, order);
    put(this.openBySymbol, order);
    put(this.openBySide[order.side], order);
    if (order.rootSeq === null) return;
    const members = this.groups.get(order.rootSeq);
    if (members === undefined) this.groups.set(order.rootSeq, [order.seq]);
    else members.push(order.seq);
  }

  /** The open orders of the same group, without the order itself; none for a simple order. */
  openRelatives(order: SimOrder): SimOrder[] {
    if (order.rootSeq === null) return [];
    return this.groupOf(order.rootSeq)
      .filter((seq) => seq !== order.seq)
      .flatMap((seq) => this.openOrders.get(seq) ?? []);
  }

  /** The legs of a group's parent; of a leg that was replaced, the order that took its place. */
  legsOf(parent: SimOrder): SimOrder[] {
    if (parent.rootSeq === null || !isParent(parent)) return [];
    return this.groupOf(parent.rootSeq)
      .flatMap((seq) => this.bySeq(seq) ?? [])
      .filter((order) => !isParent(order) && order.replacedBySeq === null);
  }

  private groupOf(rootSeq: number): readonly number[] {
    return this.groups.get(rootSeq) ?? [];
  }

  /** Packs an order that has just closed. */
  settle(order: SimOrder): void {
    if (!isClosed(order)) throw new Error(`order ${order.id} is still open`);
    this.closedAt[order.seq - 1] = this.closedOrders.append(packOrder(order));
    this.openOrders.delete(order.seq);
    this.openBySymbol.get(order.symbol)?.delete(order.seq);
    this.openBySide[order.side].get(order.symbol)?.delete(order.seq);
  }

  /** An open order, the live object. */
  open(seq: number): SimOrder | undefined {
    return this.openOrders.get(seq);
  }

  /** Any order by its number; closed ones are unpacked copies. */
  bySeq(seq: number): SimOrder | undefined {
    const open = this.openOrders.get(seq);
    if (open !== undefined) return open;
    const packed = this.closedAt[seq - 1];
    if (seq < 1 || seq > this.count || packed === undefined || packed === OPEN) return undefined;
    return unpackOrder(this.closedOrders.read(packed), seq, this.ids.idOf('order', seq));
  }

  byId(id: string): SimOrder | undefined {
    const seq = this.ids.seqOf('order', id);
    return seq === null ? undefined : this.bySeq(seq);
  }

  byClientOrderId(clientOrderId: string): SimOrder | undefined {
    let found: SimOrder | undefined;
    this.byClientId.find(clientOrderId, (seq) => {
      found = this.bySeq(seq);
      return found?.clientOrderId === clientOrderId;
    });
    return found?.clientOrderId === clientOrderId ? found : undefined;
  }

  hasClientOrderId(clientOrderId: string): boolean {
    return this.byClientOrderId(clientOrderId) !== undefined;
  }

  /** Open orders in the order they came, of one symbol or of all. A copy: safe to close them while going through it. */
  openList(symbol?: string): SimOrder[] {
    const orders = symbol === undefined ? this.openOrders : this.openBySymbol.get(symbol);
    return orders === undefined ? [] : [...orders.values()];
  }

  /** Open orders of one side of a symbol, not copied: do not close any of them while going through it. */
  working(symbol: string, side: SimSide): Iterable<SimOrder> {
    return this.openBySide[side].get(symbol)?.values() ?? [];
  }

  isOpen(seq: number): boolean {
    return this.openOrders.has(seq);
  }

  /** The number of the first order submitted at or after a time: `size + 1` when there is none. */
  firstSeqFrom(atMs: number): number {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.submittedAt[middle] ?? 0) < atMs) low = middle + 1;
      else high = middle;
    }
    return low + 1;
  }

  private grow(): void {
    if (this.count < this.closedAt.length) return;
    const closedAt = new Int32Array(this.closedAt.length * 2);
    closedAt.set(this.closedAt);
    this.closedAt = closedAt;
    const submittedAt = new Float64Array(this.submittedAt.length * 2);
    submittedAt.set(this.submittedAt);
    this.submittedAt = submittedAt;
  }
}
