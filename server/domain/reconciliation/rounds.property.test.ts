import fc from 'fast-check';
import { expect, it, vi } from 'vitest';
import { transition } from '@/server/domain/order/lifecycle';
import { adoptOrder, newOrder } from '@/server/domain/order/new-order';
import type { OrderInput, OrderState } from '@/server/domain/order/types';
import { divideHalfAway, ONE, type Units } from '@/server/kernel/money';
import type { BreakCause } from '@/server/kernel/vocabulary';
import { fuzz } from '@/test-support/fuzz';
import {
  answered,
  type BrokerFill,
  type BrokerOrderView,
  type Judgement,
  type OrderAction,
  type OurOrder,
  planOrders,
  reconcileOrder,
  type StatementFill,
} from './index';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 120_000 });

const JUDGEMENT: Judgement = { settleMs: 5_000, infer: true, closedAtMs: null };
const AT_MS = 1_767_625_200_000;
const shares = (count: number): Units => BigInt(count) * ONE;

/** One order as it came to be: what the broker holds of it, and how much of that we had heard. */
interface Case {
  readonly known: 'placed' | 'unnamed' | 'foreign' | 'never arrived';
  readonly sizes: readonly number[];
  readonly ending: 'CANCELLED' | 'EXPIRED' | 'ACCEPTED' | 'DONE_FOR_DAY';
  readonly heard: number;
  readonly listed: number;
  readonly closedHere: boolean;
  readonly broken: readonly BreakCause[];
}

const cases: fc.Arbitrary<readonly Case[]> = fc.array(
  fc.record<Case>({
    known: fc.constantFrom('placed', 'placed', 'unnamed', 'foreign', 'never arrived'),
    sizes: fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 }),
    ending: fc.constantFrom('CANCELLED', 'EXPIRED', 'ACCEPTED', 'DONE_FOR_DAY'),
    heard: fc.nat(2),
    listed: fc.nat(2),
    closedHere: fc.boolean(),
    broken: fc.subarray<BreakCause>(['MISSING_AT_BROKER', 'LATE_FILL', 'EXTERNAL_ORDER']),
  }),
  { minLength: 1, maxLength: 5 },
);

const ENDED = new Set<BrokerOrderView['status']>(['FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED', 'REPLACED']);

/** Both sides, and what a round does to them. */
class World {
  readonly ours = new Map<string, OurOrder>();
  readonly broker = new Map<string, BrokerOrderView>();
  readonly statement: StatementFill[] = [];
  private adopted = 0;

  constructor(given: readonly Case[]) {
    for (const [index, each] of given.entries()) this.add(`o${index}`, each);
  }

  private add(id: string, each: Case): void {
    const externalOrderId = `x-${id}`;
    const fills = each.sizes.map((count, n) => ({
      executionId: `${id}-e${n}`,
      externalOrderId,
      qty: shares(count),
      price: shares(100 + n),
      atMs: AT_MS + n * 5_000,
      cumQty: null,
    }));
    const filled = fills.reduce((sum, { qty }) => sum + qty, 0n);
    const cost = fills.reduce((sum, { qty, price }) => sum + qty * price, 0n);
    if (each.known !== 'never arrived') {
      this.broker.set(externalOrderId, {
        externalOrderId,
        clientOrderId: each.known === 'foreign' ? 'by hand' : id,
        symbol: 'AAPL',
        side: 'BUY',
        qty: shares(10),
        orderType: 'MARKET',
        limitPrice: null,
        stopPrice: null,
        timeInForce: 'DAY',
        status: filled === shares(10) ? 'FILLED' : each.ending,
        filledQty: filled,
        filledAvgPrice: filled === 0n ? null : divideHalfAway(cost, filled),
        submittedAtMs: AT_MS,
        updatedAtMs: AT_MS,
      });
      this.statement.push(...fills.slice(0, each.listed));
    }
    if (each.known === 'foreign') return;
    const start = newOrder({ id, symbol: 'AAPL', side: 'BUY', qty: shares(10), orderType: 'MARKET' });
    const named: OrderInput = { kind: 'accepted', externalOrderId };
    const heard =
      each.known === 'placed' ? fills.slice(0, each.heard).map((fill): OrderInput => ({ kind: 'fill', ...fill })) : [];
    const inputs: OrderInput[] = [{ kind: 'claimed' }, ...(each.known === 'unnamed' ? [] : [named]), ...heard];
    const heardOf = inputs.reduce(step, start);
    const closes = each.closedHere && each.known === 'placed' && heardOf.status !== 'FILLED';
    const state = closes ? step(heardOf, { kind: 'cancelled' }) : heardOf;
    this.ours.set(id, { state, kind: 'GATED', changedMsAgo: 60_000, breaks: each.broken });
  }

  /** A whole round: the plan, what it asks for singly, and what follows. @returns what was done */
  round(judgement = JUDGEMENT, shuffle: <T>(list: readonly T[]) => readonly T[] = (list) => list): OrderAction[] {
    const open = [...this.broker.values()].filter(({ status }) => !ENDED.has(status));
    const plans = planOrders(
      {
        ours: [...this.ours.values()],
        open: answered(shuffle(open)),
        statement: answered(shuffle(this.statement)),
        symbolBreaks: new Map(),
      },
      judgement,
    );
    const done: OrderAction[] = [];
    for (const { ours, actions, side } of shuffle(plans)) {
      done.push(...this.perform(ours, actions, side.fills));
      for (const action of actions) {
        if (action.kind !== 'look_up') continue;
        const order = this.broker.get(action.externalOrderId) ?? null;
        const now = this.find(action.externalOrderId, order);
        const second = { order: answered(order), fills: side.fills, lookedUp: true };
        done.push(...this.perform(now, reconcileOrder(now, second, judgement), side.fills));
      }
    }
    return done;
  }

  private find(externalOrderId: string, order: BrokerOrderView | null): OurOrder | null {
    const all = [...this.ours.values()];
    const named = all.find(({ state }) => state.externalOrderId === externalOrderId);
    return named ?? (order === null ? null : (this.ours.get(order.clientOrderId) ?? null));
  }

  private perform(ours: OurOrder | null, actions: readonly OrderAction[], fills: readonly BrokerFill[]): OrderAction[] {
    for (const action of actions) {
      if (action.kind === 'adopt') {
        const id = `a${++this.adopted}`;
        const state = adoptOrder({ id, ...action.terms }, action.order.externalOrderId);
        const adopted = { state, kind: 'EXTERNAL', changedMsAgo: 60_000, breaks: ['EXTERNAL_ORDER'] } as const;
        this.ours.set(id, adopted);
        const side = { order: answered(action.order), fills, lookedUp: true };
        this.perform(adopted, reconcileOrder(adopted, side, { settleMs: 0, infer: false, closedAtMs: null }), fills);
      } else if (action.kind === 'cancel_at_broker') {
        const order = this.broker.get(action.externalOrderId);
        if (order !== undefined) this.broker.set(action.externalOrderId, { ...order, status: 'CANCELLED' });
      } else if (ours !== null) this.change(ours.state.id, action);
    }
    return actions.filter(({ kind }) => kind !== 'look_up' && kind !== 'leave');
  }

  private change(id: string, action: OrderAction): void {
    const ours = this.ours.get(id);
    if (ours === undefined) return;
    const { state, breaks } = ours;
    if (action.kind === 'attach')
      this.ours.set(id, { ...ours, state: { ...state, externalOrderId: action.externalOrderId } });
    if (action.kind === 'transition') this.ours.set(id, { ...ours, state: step(state, action.input) });
    if (action.kind === 'order_break') this.ours.set(id, { ...ours, breaks: [...breaks, action.cause] });
    if (action.kind === 'order_agreed')
      this.ours.set(id, { ...ours, breaks: breaks.filter((cause) => cause !== action.cause) });
  }

  /** Each order in a few words, whatever its id here. */
  summary(): string[] {
    return [...this.ours.values()]
      .map(({ state, breaks }) => {
        const { externalOrderId, status, cumQty, cumNotional, fills } = state;
        const names = fills.map(({ executionId, qty }) => `${executionId}:${qty}`).sort();
        return JSON.stringify([externalOrderId, status, `${cumQty}`, `${cumNotional}`, names, [...breaks].sort()]);
      })
      .sort();
  }
}

function step(state: OrderState, input: OrderInput): OrderState {
  const next = transition(state, input);
  if (!next.ok) throw new Error(next.message);
  return next.state;
}

it('a round whose actions are done finds nothing more to do, whatever each side held', () => {
  fc.assert(
    fc.property(cases, fc.boolean(), (given, infer) => {
      const world = new World(given);
      const judgement = { ...JUDGEMENT, infer };
      world.round(judgement);
      // What the first cancelled or adopted may still have an end to hear of, or a break to settle.
      world.round(judgement);
      world.round(judgement);
      expect(world.round(judgement)).toEqual([]);
    }),
    fuzz(3_000),
  );
});

it('what a round makes does not depend on the order in which the broker lists things', () => {
  const keys = fc.array(fc.nat(1_000), { minLength: 10, maxLength: 10 });
  fc.assert(
    fc.property(cases, keys, (given, order) => {
      const shuffle = <T>(list: readonly T[]): readonly T[] =>
        list
          .map((each, index) => ({ each, key: order[index % order.length] ?? 0 }))
          .sort((a, b) => a.key - b.key)
          .map(({ each }) => each);
      const [straight, shuffled] = [new World(given), new World(given)];
      straight.round();
      shuffled.round(JUDGEMENT, shuffle);
      expect(shuffled.summary()).toEqual(straight.summary());
    }),
    fuzz(2_000),
  );
});

it('after a round every order that the broker has is here once, with as much filled as the broker says', () => {
  fc.assert(
    fc.property(cases, (given) => {
      const world = new World(given);
      world.round();
      world.round();
      world.round();
      const ours = [...world.ours.values()].map(({ state }) => state);
      for (const { externalOrderId, filledQty, status } of world.broker.values()) {
        const same = ours.filter((state) => state.externalOrderId === externalOrderId);
        // An order that ended before anybody here knew of it, without a trade, is nobody's concern.
        const unseen = ENDED.has(status) && !world.statement.some((fill) => fill.externalOrderId === externalOrderId);
        if (same.length === 0 && unseen) continue;
        expect(same).toHaveLength(1);
        const [order] = same;
        if (order !== undefined && order.cumQty < filledQty) expect(order.status).toBe('CANCELLED');
        else expect(order?.cumQty).toBe(filledQty);
      }
    }),
    fuzz(2_000),
  );
});

it('an inferred fill has the same id in every process, and gives way to the real one', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1, maxLength: 2 }), fc.nat(2), (sizes, heard) => {
      const each: Case = {
        known: 'placed',
        sizes,
        ending: 'CANCELLED',
        heard,
        listed: 0,
        closedHere: false,
        broken: [],
      };
      const [one, two] = [new World([each]), new World([each])];
      one.round();
      two.round();
      expect(one.summary()).toEqual(two.summary());
      const all = new World([{ ...each, listed: 2 }]);
      one.statement.push(...all.statement);
      one.round();
      const [order] = [...one.ours.values()];
      expect(order?.state.cumQty).toBe(shares(sizes.reduce((sum, size) => sum + size, 0)));
      const standIns = order?.state.fills.filter(
        ({ executionId, corrections }) => executionId.startsWith('inferred:') && corrections.length === 0,
      );
      expect(standIns).toEqual([]);
    }),
    fuzz(1_000),
  );
});
