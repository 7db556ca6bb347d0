import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { ONE, type Units } from '@/server/domain/money/decimal';
import { transition } from '@/server/domain/order/lifecycle';
import { newOrder } from '@/server/domain/order/new-order';
import type { OrderInput, OrderState } from '@/server/domain/order/types';
import { type BrokerFill, type BrokerOrderView, isStandIn, reconcileOrder, reconcilePosition } from './index';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

const NOW = 1_767_625_200_000;
const LONG_AGO = NOW - 60_000;
const shares = (count: number): Units => BigInt(count) * ONE;

function order(...inputs: OrderInput[]): OrderState {
  const start = newOrder({ id: 'o1', symbol: 'AAPL', side: 'BUY', qty: shares(10), orderType: 'MARKET' });
  return inputs.reduce<OrderState>((state, input) => {
    const step = transition(state, input);
    if (!step.ok) throw new Error(step.message);
    return step.state;
  }, start);
}

function theirs(part: Partial<BrokerOrderView> = {}): BrokerOrderView {
  return {
    externalOrderId: 'x1',
    symbol: 'AAPL',
    side: 'BUY',
    status: 'ACCEPTED',
    filledQty: 0n,
    filledAvgPrice: null,
    updatedAtMs: LONG_AGO,
    ...part,
  };
}

const fill = (executionId: string, count: number, price: number): BrokerFill => ({
  executionId,
  qty: shares(count),
  price: shares(price),
  atMs: LONG_AGO,
});

const sent: OrderInput = { kind: 'claimed' };
const accepted: OrderInput = { kind: 'accepted', externalOrderId: 'x1' };

function reconcile(state: OrderState, broker: BrokerOrderView | null, fills: BrokerFill[] = [], lookedUp = false) {
  return reconcileOrder({ state, changedAtMs: LONG_AGO }, { order: broker, fills, lookedUp }, NOW);
}

/** Does what the actions say, as the application would. */
function settle(state: OrderState, broker: BrokerOrderView, fills: BrokerFill[]): OrderState {
  let next = state;
  for (const action of reconcile(state, broker, fills)) {
    if (action.kind === 'attach') next = { ...next, externalOrderId: action.externalOrderId };
    if (action.kind !== 'transition') continue;
    const step = transition(next, action.input);
    if (!step.ok) throw new Error(step.message);
    next = step.state;
  }
  return next;
}

describe('an order that both have', () => {
  it('needs nothing where both say the same', () => {
    expect(reconcile(order(sent, accepted), theirs())).toEqual([]);
  });

  it('gets its broker id and its acknowledgement', () => {
    expect(reconcile(order(sent, { kind: 'submit_uncertain' }), theirs())).toEqual([
      { kind: 'attach', orderId: 'o1', externalOrderId: 'x1' },
      { kind: 'transition', orderId: 'o1', input: accepted },
    ]);
  });

  it('books real fills once, by their execution id', () => {
    const broker = theirs({ status: 'FILLED', filledQty: shares(10), filledAvgPrice: shares(100) });
    const fills = [fill('e1', 4, 100), fill('e2', 6, 100)];
    const state = settle(order(sent, accepted, { kind: 'fill', ...fill('e1', 4, 100) }), broker, fills);
    expect(state).toMatchObject({ status: 'FILLED', cumQty: shares(10) });
    expect(state.fills.map(({ executionId }) => executionId)).toEqual(['e1', 'e2']);
    expect(reconcile(state, broker, fills)).toEqual([]);
  });

  it('infers only the residue, under an id that two rounds agree on, and puts the real execution in its place', () => {
    const broker = theirs({ status: 'FILLED', filledQty: shares(10), filledAvgPrice: shares(101) });
    const before = order(sent, accepted);
    const state = settle(before, broker, [fill('e1', 5, 100)]);
    const standIn = state.fills.find(isStandIn);
    expect(standIn).toMatchObject({ executionId: 'inferred:o1:5-10', qty: shares(5), price: shares(102) });
    expect(settle(before, broker, [fill('e1', 5, 100)])).toEqual(state);
    const known = settle(state, broker, [fill('e1', 5, 100), fill('e2', 5, 102)]);
    expect(known.fills.some(isStandIn)).toBe(false);
    expect(known).toMatchObject({ cumQty: shares(10), cumNotional: state.cumNotional, flags: [] });
    expect(reconcile(known, broker, [fill('e1', 5, 100), fill('e2', 5, 102)])).toEqual([]);
  });

  it.each([
    ['CANCELLED', 'CANCELLED'],
    ['REPLACED', 'CANCELLED'],
    ['EXPIRED', 'EXPIRED'],
    ['REJECTED', 'REJECTED'],
    ['DONE_FOR_DAY', 'ACCEPTED'],
  ] as const)('follows the broker to %s', (status, expected) => {
    expect(settle(order(sent, accepted), theirs({ status }), []).status).toBe(expected);
  });

  it('takes a refusal of an order that was never acknowledged', () => {
    expect(settle(order(sent), theirs({ status: 'REJECTED' }), [])).toMatchObject({
      status: 'REJECTED',
      externalOrderId: 'x1',
    });
  });

  it('answers an outstanding cancel with what the broker did', () => {
    const asked = order(sent, accepted, { kind: 'cancel_requested' });
    const filled = theirs({ status: 'FILLED', filledQty: shares(10), filledAvgPrice: shares(100) });
    expect(settle(asked, filled, [fill('e1', 10, 100)])).toMatchObject({ status: 'FILLED', pending: 'NONE' });
  });

  it('keeps an order open while what was filled is not known', () => {
    const broker = theirs({ status: 'CANCELLED', filledQty: shares(3) });
    expect(settle(order(sent, accepted), broker, []).status).toBe('ACCEPTED');
  });

  it('infers no fill at a price that is none', () => {
    const broker = theirs({ status: 'PARTIALLY_FILLED', filledQty: shares(5), filledAvgPrice: ONE });
    const state = order(sent, accepted, { kind: 'fill', ...fill('e1', 4, 100) });
    expect(reconcile(state, broker, [fill('e1', 4, 100)])).toEqual([]);
  });

  it('is left alone while it changed in the last 5 s, or its status has no name', () => {
    const broker = { order: theirs({ status: 'CANCELLED' }), fills: [], lookedUp: false };
    const state = order(sent, accepted);
    const leftFor = (ageMs: number) => reconcileOrder({ state, changedAtMs: NOW - ageMs }, broker, NOW);
    expect(leftFor(4_999)).toEqual([{ kind: 'leave', why: 'CHANGED_RECENTLY' }]);
    expect(leftFor(5_000)).toHaveLength(1);
    expect(reconcile(state, theirs({ status: 'UNKNOWN' }))).toEqual([{ kind: 'leave', why: 'UNKNOWN_STATUS' }]);
  });
});

describe('an order that one of the two lacks', () => {
  it('is looked up singly before any conclusion, then a break', () => {
    const state = order(sent, accepted);
    expect(reconcile(state, null)).toEqual([{ kind: 'look_up', orderId: 'o1', externalOrderId: 'x1' }]);
    expect(reconcile(state, null, [], true)).toMatchObject([
      { kind: 'open_break', cause: 'MISSING_AT_BROKER', orderId: 'o1' },
    ]);
  });

  it('may be sent again when the broker never had it', () => {
    const uncertain = order(sent, { kind: 'submit_uncertain' });
    expect(reconcile(uncertain, null, [], true)).toEqual([
      { kind: 'transition', orderId: 'o1', input: { kind: 'submit_absent' } },
    ]);
  });

  it('is no question when it was never sent, is closed, or has only just changed', () => {
    expect(reconcile(order(), null)).toEqual([]);
    expect(reconcile(order(sent, { kind: 'rejected' }), null, [], true)).toEqual([]);
    const recent = { state: order(sent, accepted), changedAtMs: NOW - 1 };
    expect(reconcileOrder(recent, { order: null, fills: [], lookedUp: true }, NOW)).toMatchObject([{ kind: 'leave' }]);
  });

  it('is adopted with a break when only the broker has it, once it has settled', () => {
    const broker = (updatedAtMs: number) => ({ order: theirs({ updatedAtMs }), fills: [], lookedUp: false });
    expect(reconcileOrder(null, broker(LONG_AGO), NOW)).toMatchObject([
      { kind: 'adopt' },
      { kind: 'open_break', cause: 'EXTERNAL_ORDER', symbol: 'AAPL' },
    ]);
    expect(reconcileOrder(null, broker(NOW - 10), NOW)).toMatchObject([{ kind: 'leave' }]);
    expect(reconcileOrder(null, { order: null, fills: [], lookedUp: true }, NOW)).toEqual([]);
  });
});

it('positions that differ are a break on the symbol; equal ones agree', () => {
  expect(reconcilePosition('AAPL', shares(5), shares(5))).toMatchObject({ kind: 'agreed' });
  expect(reconcilePosition('AAPL', shares(5), -shares(5))).toMatchObject({
    kind: 'open_break',
    ours: '5',
    theirs: '-5',
  });
});

it('whatever we missed, one round brings us to the broker, and the next finds nothing to do', () => {
  const sizes = fc.array(fc.integer({ min: 1, max: 5 }), { maxLength: 2 });
  const statuses = fc.constantFrom('CANCELLED', 'EXPIRED', 'ACCEPTED', 'DONE_FOR_DAY');
  fc.assert(
    fc.property(sizes, fc.nat(2), fc.nat(2), statuses, fc.boolean(), (counts, seen, listed, ending, knowsId) => {
      const fills = counts.map((count, index) => fill(`e${index}`, count, 100 + index));
      const filled = fills.reduce((sum, { qty }) => sum + qty, 0n);
      const cost = fills.reduce((sum, { qty, price }) => sum + qty * price, 0n);
      const broker = theirs({
        status: filled === shares(10) ? 'FILLED' : ending,
        filledQty: filled,
        filledAvgPrice: filled === 0n ? null : cost / filled,
      });
      const news = fills.slice(0, seen).map((each): OrderInput => ({ kind: 'fill', ...each }));
      const state = settle(order(sent, ...(knowsId ? [accepted] : []), ...news), broker, fills.slice(0, listed));
      expect(state.cumQty).toBe(filled);
      expect(state.externalOrderId).toBe('x1');
      expect(reconcile(state, broker, fills.slice(0, listed))).toEqual([]);
      const complete = settle(state, broker, fills);
      expect(complete.cumQty).toBe(filled);
      expect(complete.cumNotional).toBe(cost);
    }),
    { numRuns: 2000 },
  );
});
