import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { bookUpdate } from '@/server/application/booking/book-update';
import type { BrokerOrder, TradeUpdate } from '@/server/application/ports/broker';
import {
  brokerOrder,
  claimedOrder,
  FakeBroker,
  FakeExecutionStore,
  fakeContext,
  orderState,
} from '@/server/application/testing/fakes';
import { divideHalfAway, ONE, type Units } from '@/server/kernel/money';
import { fuzz } from '@/test-support/fuzz';
import { reconcileOrders } from './reconcile-orders';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 120_000 });

const ID = '11111111-1111-4111-8111-111111111111';
const EXTERNAL = `b-${ID}`;
const shares = (count: number): Units => BigInt(count) * ONE;

interface Execution {
  readonly count: number;
  readonly price: number;
}

type Step =
  /** The broker fills the next part; the statement lists it when `listed`, else at the end. */
  | { readonly kind: 'trade'; readonly listed: boolean }
  /** A line of the stream comes, perhaps not for the first time, perhaps out of order. */
  | { readonly kind: 'line'; readonly index: number; readonly named: boolean }
  | { readonly kind: 'round'; readonly settled: boolean };

const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('trade' as const), listed: fc.boolean() }),
  fc.record({ kind: fc.constant('line' as const), index: fc.nat(3), named: fc.boolean() }),
  fc.record({ kind: fc.constant('round' as const), settled: fc.boolean() }),
);

const executions = fc.array(
  fc.record({ count: fc.integer({ min: 1, max: 4 }), price: fc.integer({ min: 90, max: 110 }) }),
  {
    minLength: 1,
    maxLength: 4,
  },
);

/** A broker that fills one order part by part, its statement, and the lines of its stream. */
class Venue {
  readonly broker = new FakeBroker();
  readonly store = new FakeExecutionStore();
  private readonly context = fakeContext(this.broker, this.store);
  private readonly unlisted: FakeBroker['activities'] = [];
  private readonly lines: TradeUpdate[] = [];
  private done = 0;

  constructor(
    private readonly parts: readonly Execution[],
    private readonly size: Units,
    private readonly ends: 'CANCELLED' | 'ACCEPTED',
  ) {
    const state = orderState(ID, { claimed: true, status: 'ACCEPTED', pending: 'NONE', externalOrderId: EXTERNAL });
    this.store.add(claimedOrder({ ...state, qty: size }));
    this.broker.orders.set(ID, this.order('ACCEPTED'));
  }

  async take(each: Step): Promise<void> {
    if (each.kind === 'trade') this.trade(each.listed);
    else if (each.kind === 'round') await this.round(each.settled);
    else await this.line(each.index, each.named);
  }

  /** Everything that was kept back comes, and two rounds follow. */
  async settle(): Promise<void> {
    while (this.done < this.parts.length) this.trade(true);
    this.broker.activities = [...this.unlisted.splice(0), ...this.broker.activities];
    const full = this.filled().qty === this.size;
    this.broker.orders.set(ID, this.order(full ? 'FILLED' : this.ends));
    await this.round(true);
    await this.round(true);
  }

  async round(settled: boolean): Promise<void> {
    const books = {
      openBreaks: async () => [],
      openBreak: async () => true,
      resolveBreak: async () => undefined,
      bookNonTrades: async () => [],
      cancelLate: async () => undefined,
    };
    await reconcileOrders(this.context, books, {
      settleMs: settled ? 5_000 : 0,
      cursorMs: 0,
      overlapMs: 0,
      openedAtMs: 0,
      closedAtMs: null,
    });
  }

  filled(): { qty: Units; cost: bigint } {
    const parts = this.parts.slice(0, this.done);
    const qty = parts.reduce((sum, { count }) => sum + shares(count), 0n);
    return { qty, cost: parts.reduce((sum, { count, price }) => sum + shares(count) * shares(price), 0n) };
  }

  private order(status: BrokerOrder['status']): BrokerOrder {
    const { qty, cost } = this.filled();
    const average = qty === 0n ? null : divideHalfAway(cost, qty);
    return brokerOrder(ID, { qty: this.size, status, filledQty: qty, filledAvgPrice: average });
  }

  private trade(listed: boolean): void {
    const part = this.parts[this.done];
    if (part === undefined) return;
    this.done += 1;
    const { qty } = this.filled();
    const full = qty === this.size;
    const order = this.order(full ? 'FILLED' : 'PARTIALLY_FILLED');
    this.broker.orders.set(ID, order);
    const fill = {
      executionId: `e${this.done}`,
      qty: shares(part.count),
      price: shares(part.price),
      atMs: this.done * 10_000,
    };
    const activity = {
      kind: 'FILL' as const,
      activityId: `t::${fill.executionId}`,
      externalOrderId: EXTERNAL,
      symbol: 'AAPL',
      side: 'BUY' as const,
      cumQty: qty,
      ...fill,
    };
    if (listed) this.broker.activities = [...this.broker.activities, activity];
    else this.unlisted.push(activity);
    this.lines.push({ event: 'FILL', order, fill, refExecutionId: null, atMs: fill.atMs });
  }

  private async line(index: number, named: boolean): Promise<void> {
    const update = this.lines[index];
    if (update?.fill === undefined || update.fill === null) return;
    const fill = named ? update.fill : { ...update.fill, executionId: null };
    await bookUpdate(this.context, { ...update, fill });
  }
}

it('whatever comes first, twice or late of stream and statement, each fill is booked once', async () => {
  const ending = fc.constantFrom('CANCELLED' as const, 'ACCEPTED' as const);
  await fc.assert(
    fc.asyncProperty(
      executions,
      fc.boolean(),
      ending,
      fc.array(step, { maxLength: 14 }),
      async (parts, whole, ends, steps) => {
        const total = parts.reduce((sum, { count }) => sum + shares(count), 0n);
        const venue = new Venue(parts, whole ? total : total + shares(5), ends);
        for (const each of steps) await venue.take(each);
        await venue.settle();
        const state = venue.store.state(ID);
        const { qty, cost } = venue.filled();
        expect(state.cumQty).toBe(qty);
        expect(state.cumNotional).toBe(cost);
        expect(state.flags).toEqual([]);
        expect(state.status).toBe(whole ? 'FILLED' : ends === 'CANCELLED' ? 'CANCELLED' : 'PARTIALLY_FILLED');
        const before = venue.store.types(ID).length;
        await venue.round(true);
        expect(venue.store.types(ID)).toHaveLength(before);
      },
    ),
    fuzz(1_500),
  );
});
