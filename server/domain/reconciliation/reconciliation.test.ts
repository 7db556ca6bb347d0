import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { transition } from '@/server/domain/order/lifecycle';
import { newOrder } from '@/server/domain/order/new-order';
import type { OrderInput, OrderState } from '@/server/domain/order/types';
import { ONE, type Units } from '@/server/kernel/money';
import type { BreakCause, OrderKind } from '@/server/kernel/vocabulary';
import { fuzz } from '@/test-support/fuzz';
import {
  answered,
  type BrokerFill,
  type BrokerOrderView,
  isStandIn,
  reconcileOrder,
  reconcilePositions,
} from './index';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

const LONG_AGO = 1_767_625_140_000;
const JUDGEMENT = { settleMs: 5_000, infer: true, closedAtMs: null };
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
    clientOrderId: 'o1',
    symbol: 'AAPL',
    side: 'BUY',
    qty: shares(10),
    orderType: 'MARKET',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'DAY',
    status: 'ACCEPTED',
    filledQty: 0n,
    filledAvgPrice: null,
    submittedAtMs: LONG_AGO,
    updatedAtMs: LONG_AGO,
    ...part,
  };
}

const fill = (executionId: string, count: number, price: number): BrokerFill => ({
  executionId,
  qty: shares(count),
  price: shares(price),
  atMs: LONG_AGO,
  cumQty: null,
});

const sent: OrderInput = { kind: 'claimed' };
const accepted: OrderInput = { kind: 'accepted', externalOrderId: 'x1' };

interface Asked {
  readonly lookedUp?: boolean;
  readonly changedMsAgo?: number;
  readonly breaks?: readonly BreakCause[];
  readonly infer?: boolean;
  readonly closedAtMs?: number | null;
  readonly kind?: OrderKind;
}

function reconcile(
  state: OrderState,
  broker: BrokerOrderView | null,
  fills: readonly BrokerFill[] = [],
  { lookedUp = false, changedMsAgo = 60_000, breaks = [], infer = true, closedAtMs = null, kind = 'GATED' }: Asked = {},
) {
  const side = { order: answered(broker), fills, lookedUp };
  return reconcileOrder({ state, kind, changedMsAgo, breaks }, side, { ...JUDGEMENT, infer, closedAtMs });
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
      { kind: 'transition', orderId: 'o1', input: accepted, cumQty: null },
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

  it('ends an order that the broker rejected although something of it had traded', () => {
    const broker = theirs({ status: 'REJECTED', filledQty: shares(1), filledAvgPrice: shares(100) });
    expect(settle(order(sent, accepted), broker, [fill('e1', 1, 100)])).toMatchObject({
      status: 'CANCELLED',
      cumQty: shares(1),
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

  it('is left alone while it changed in the last 5 s', () => {
    const state = order(sent, accepted);
    const leftFor = (changedMsAgo: number) => reconcile(state, theirs({ status: 'CANCELLED' }), [], { changedMsAgo });
    expect(leftFor(4_999)).toEqual([{ kind: 'leave', why: 'CHANGED_RECENTLY' }]);
    expect(leftFor(5_000)).toHaveLength(1);
  });

  it('R-2: is left alone while its status has no name, with a break that ends once it has one', () => {
    const state = order(sent, accepted);
    const unknown = theirs({ status: 'UNKNOWN' });
    const leave = { kind: 'leave', why: 'UNKNOWN_STATUS' };
    expect(reconcile(state, unknown)).toMatchObject([{ kind: 'order_break', cause: 'UNREADABLE_ITEM' }, leave]);
    expect(reconcile(state, unknown, [], { breaks: ['UNREADABLE_ITEM'] })).toEqual([leave]);
    expect(reconcile(state, unknown, [], { changedMsAgo: 4_999 })).toEqual([leave]);
    const agreed = { kind: 'order_agreed', cause: 'UNREADABLE_ITEM', orderId: 'o1' };
    expect(reconcile(state, theirs(), [], { breaks: ['UNREADABLE_ITEM'] })).toEqual([agreed]);
  });

  it('has its executions booked at once, however lately it changed: they are facts', () => {
    const state = order(sent, accepted);
    const broker = theirs({ status: 'CANCELLED', filledQty: shares(4), filledAvgPrice: shares(100) });
    const kinds = reconcile(state, broker, [fill('e1', 4, 100)], { changedMsAgo: 10 }).map(({ kind }) => kind);
    expect(kinds).toEqual(['transition', 'leave']);
    expect(reconcile(state, broker, [], { changedMsAgo: 10 })).toMatchObject([{ kind: 'leave' }]);
  });

  it('waits for its executions, status and all, where nothing may be inferred yet', () => {
    const state = order(sent, accepted);
    const broker = theirs({ status: 'FILLED', filledQty: shares(10), filledAvgPrice: shares(100) });
    expect(reconcile(state, broker, [], { infer: false })).toEqual([]);
    expect(reconcile(state, broker, [fill('e1', 10, 100)], { infer: false })).toHaveLength(1);
  });

  describe('that the broker is done with for the day (O-3)', () => {
    const done = theirs({ status: 'DONE_FOR_DAY' });
    const CLOSED_AT_MS = LONG_AGO + 1_000;
    const inputs = (state: OrderState, sessionOver: boolean) =>
      reconcile(state, done, [], { closedAtMs: sessionOver ? CLOSED_AT_MS : null }).map((action) =>
        'input' in action ? action.input.kind : action.kind,
      );

    it('is as it was while the session lasts, and expires with it', () => {
      const state = order(sent, accepted);
      expect(inputs(state, false)).toEqual([]);
      expect(inputs(state, true)).toEqual(['expired']);
    });

    it('lives on where it is good till cancelled', () => {
      expect(inputs({ ...order(sent, accepted), timeInForce: 'GTC' }, true)).toEqual([]);
    });

    it('waits for executions that are not known yet', () => {
      const partly = theirs({ status: 'DONE_FOR_DAY', filledQty: shares(4), filledAvgPrice: shares(100) });
      expect(reconcile(order(sent, accepted), partly, [], { infer: false, closedAtMs: CLOSED_AT_MS })).toEqual([]);
    });

    it('is no break where the broker goes on to list it', () => {
      expect(reconcile(order(sent, accepted, { kind: 'expired' }), done, [], { lookedUp: true })).toEqual([]);
    });
  });

  describe('that the broker took after the close', () => {
    const late = theirs({ submittedAtMs: LONG_AGO + 80 });
    const judged = (asked: Asked = {}, broker = late, state = order(sent, accepted)) =>
      reconcile(state, broker, [], { closedAtMs: LONG_AGO, ...asked }).map(({ kind }) => kind);

    it('is cancelled once it has settled, exits too: it would trade at the next open', () => {
      expect(judged()).toEqual(['cancel_late']);
      expect(judged({ kind: 'FLATTEN' })).toEqual(['cancel_late']);
      expect(judged({ changedMsAgo: 10 })).toEqual([]);
    });

    it('is left alone where it outlasts the day, was placed by others, or is being cancelled', () => {
      expect(judged({ kind: 'EXTERNAL' })).toEqual([]);
      expect(judged({}, late, { ...order(sent, accepted), timeInForce: 'GTC' })).toEqual([]);
      expect(judged({}, late, order(sent, accepted, { kind: 'cancel_requested' }))).toEqual([]);
    });

    it('differs from one of the session that ended, which expires, and from one of a running session', () => {
      expect(judged({}, theirs({ submittedAtMs: LONG_AGO - 1 }))).toEqual([]);
      expect(judged({ closedAtMs: null })).toEqual([]);
    });
  });

  it('knows an execution that the stream called otherwise', () => {
    const streamed: OrderInput = { kind: 'fill', ...fill('stream-1', 4, 100) };
    const listed = { ...fill('statement-1', 4, 100), cumQty: shares(4), atMs: LONG_AGO + 400 };
    const broker = theirs({ status: 'PARTIALLY_FILLED', filledQty: shares(4), filledAvgPrice: shares(100) });
    expect(reconcile(order(sent, accepted, streamed), broker, [listed])).toEqual([]);
  });
});

describe('figures that differ (R-1, A16)', () => {
  it.each([
    ['quantity', { qty: shares(9) }, { qty: '10' }, { qty: '9' }],
    ['limit', { limitPrice: shares(99) }, { limit_price: '' }, { limit_price: '99' }],
    ['side', { side: 'SELL' }, { side: 'BUY' }, { side: 'SELL' }],
  ] as const)('%s: a break with both sides, once', (_name, change, ours, said) => {
    const state = order(sent, accepted);
    const found = reconcile(state, theirs(change));
    expect(found).toMatchObject([{ kind: 'order_break', cause: 'ORDER_MISMATCH', orderId: 'o1', ours, theirs: said }]);
    expect(reconcile(state, theirs(change), [], { breaks: ['ORDER_MISMATCH'] })).toEqual([]);
    expect(reconcile(state, theirs(change), [], { changedMsAgo: 10 })).toEqual([]);
  });

  it('end by agreement', () => {
    const agreed = { kind: 'order_agreed', cause: 'ORDER_MISMATCH', orderId: 'o1' };
    expect(reconcile(order(sent, accepted), theirs(), [], { breaks: ['ORDER_MISMATCH'] })).toEqual([agreed]);
  });

  it('filled less at the broker than here is a break; filled more is news', () => {
    const state = order(sent, accepted, { kind: 'fill', ...fill('e1', 4, 100) });
    const less = theirs({ status: 'PARTIALLY_FILLED', filledQty: shares(3), filledAvgPrice: shares(100) });
    expect(reconcile(state, less)).toMatchObject([{ cause: 'ORDER_MISMATCH', ours: { cum_qty: '4' } }]);
    const more = theirs({ status: 'PARTIALLY_FILLED', filledQty: shares(5), filledAvgPrice: shares(100) });
    expect(reconcile(state, more).map(({ kind }) => kind)).toEqual(['transition']);
  });
});

describe('executions that the two channels name differently (O-4)', () => {
  const uuid = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
  const at = (name: string, count: number, cum: number) => ({ ...fill(name, count, 100), cumQty: shares(cum) });
  const streamed = [at(uuid(1), 4, 4), at(uuid(2), 6, 10)];
  const listed = [at(uuid(8), 4, 4), at(uuid(9), 6, 10)];
  const inputs = streamed.map((each): OrderInput => ({ kind: 'fill', ...each }));

  it('are booked once, whether the order still works, has ended, or is not in the answer', () => {
    const part = order(sent, accepted, ...inputs.slice(0, 1));
    const working = theirs({ status: 'PARTIALLY_FILLED', filledQty: shares(4), filledAvgPrice: shares(100) });
    expect(reconcile(part, working, listed.slice(0, 1))).toEqual([]);
    const whole = order(sent, accepted, ...inputs);
    const filled = theirs({ status: 'FILLED', filledQty: shares(10), filledAvgPrice: shares(100) });
    expect(reconcile(whole, filled, listed)).toEqual([]);
    expect(reconcile(whole, null, listed)).toEqual([]);
    expect(
      reconcile(order(sent, accepted, ...inputs.slice(0, 1), { kind: 'cancelled' }), null, listed.slice(0, 1)),
    ).toEqual([]);
  });

  it('that are alike are two as long as the channels use the same names', () => {
    const twins = [at(uuid(1), 2, 2), at(uuid(2), 2, 4)];
    const state = order(sent, accepted, { kind: 'fill', ...fill(uuid(2), 2, 100) });
    const broker = theirs({ status: 'PARTIALLY_FILLED', filledQty: shares(4), filledAvgPrice: shares(100) });
    expect(reconcile(state, broker, twins)).toMatchObject([{ kind: 'transition', input: { executionId: uuid(1) } }]);
  });

  it('are never booked past the filled quantity of the broker without a break', () => {
    const state = order(sent, accepted, ...inputs.slice(0, 1));
    const working = theirs({ status: 'PARTIALLY_FILLED', filledQty: shares(4), filledAvgPrice: shares(100) });
    expect(reconcile(state, working, [at(uuid(8), 1, 1)]).map(({ kind }) => kind)).toEqual([
      'transition',
      'order_break',
    ]);
  });
});

describe('an order that is closed here and works at the broker', () => {
  const cancelled = order(sent, accepted, { kind: 'cancelled' });

  it('is asked for singly, then cancelled there with a break, which is opened once', () => {
    expect(reconcile(cancelled, theirs())).toEqual([{ kind: 'look_up', orderId: 'o1', externalOrderId: 'x1' }]);
    const again = (breaks: readonly BreakCause[]) =>
      reconcile(cancelled, theirs(), [], { lookedUp: true, breaks }).map(({ kind }) => kind);
    expect(again([])).toEqual(['order_break', 'cancel_at_broker']);
    expect(again(['EXTERNAL_ORDER'])).toEqual(['cancel_at_broker']);
  });

  it('is left while its cancel may still be on its way, and is no matter once it has ended there', () => {
    expect(reconcile(cancelled, theirs(), [], { changedMsAgo: 10 })).toMatchObject([{ kind: 'leave' }]);
    expect(reconcile(cancelled, theirs({ status: 'CANCELLED' }), [], { lookedUp: true })).toEqual([]);
  });

  it('learns its name there when it had none', () => {
    const unnamed = order(sent, { kind: 'cancelled' });
    const kinds = reconcile(unnamed, theirs(), [], { lookedUp: true }).map(({ kind }) => kind);
    expect(kinds).toEqual(['attach', 'order_break', 'cancel_at_broker']);
  });
});

describe('an order that one of the two lacks', () => {
  it('is looked up singly before any conclusion, then a break, opened once', () => {
    const state = order(sent, accepted);
    expect(reconcile(state, null)).toEqual([{ kind: 'look_up', orderId: 'o1', externalOrderId: 'x1' }]);
    expect(reconcile(state, null, [], { lookedUp: true })).toMatchObject([
      { kind: 'order_break', cause: 'MISSING_AT_BROKER', orderId: 'o1' },
    ]);
    expect(reconcile(state, null, [], { lookedUp: true, breaks: ['MISSING_AT_BROKER'] })).toEqual([]);
  });

  it('needs no look-up when its executions say that all is filled', () => {
    const kinds = (size: number) =>
      reconcile(order(sent, accepted), null, [fill('e1', size, 100)]).map(({ kind }) => kind);
    expect(kinds(10)).toEqual(['transition']);
    expect(kinds(4)).toEqual(['transition', 'look_up']);
  });

  it("is its sender's to look up as long as the broker has not named it", () => {
    const uncertain = order(sent, { kind: 'submit_uncertain' });
    expect(reconcile(uncertain, null, [], { lookedUp: true })).toEqual([]);
  });

  it('is no question when it was never sent, is closed, or has only just changed', () => {
    expect(reconcile(order(), null)).toEqual([]);
    expect(reconcile(order(sent, { kind: 'rejected' }), null, [], { lookedUp: true })).toEqual([]);
    expect(reconcile(order(sent, accepted), null, [], { changedMsAgo: 1 })).toMatchObject([{ kind: 'leave' }]);
  });

  it.each(['MISSING_AT_BROKER', 'LATE_FILL'] as const)('has a break of %s settled once both agree again', (cause) => {
    const state = order(sent, accepted, { kind: 'fill', ...fill('e1', 4, 100) }, { kind: 'cancelled' });
    const asked = (filled: number) =>
      reconcile(state, theirs({ status: 'CANCELLED', filledQty: shares(filled), filledAvgPrice: shares(100) }), [], {
        lookedUp: true,
        breaks: [cause],
        infer: false,
      });
    expect(reconcile(state, null, [], { breaks: [cause] })).toMatchObject([{ kind: 'look_up' }]);
    expect(asked(4)).toEqual([{ kind: 'order_agreed', cause, orderId: 'o1' }]);
    expect(asked(5)).toEqual([]);
  });

  it('R-1: is looked up when it closed while its figures differed, until they agree', () => {
    const state = order(sent, accepted, { kind: 'fill', ...fill('e1', 10, 100) });
    const breaks = ['ORDER_MISMATCH'] as const;
    expect(state.status).toBe('FILLED');
    expect(reconcile(state, null, [], { breaks })).toMatchObject([{ kind: 'look_up', externalOrderId: 'x1' }]);
    const asked = (filled: number) =>
      reconcile(state, theirs({ status: 'FILLED', filledQty: shares(filled), filledAvgPrice: shares(100) }), [], {
        lookedUp: true,
        breaks,
      });
    expect(asked(4)).toEqual([]);
    expect(asked(10)).toEqual([{ kind: 'order_agreed', cause: 'ORDER_MISMATCH', orderId: 'o1' }]);
    expect(reconcile(state, null)).toEqual([]);
  });

  const found = (broker: BrokerOrderView | null, breaks: readonly BreakCause[] = []) =>
    reconcileOrder(null, { order: answered(broker), fills: [], lookedUp: true }, JUDGEMENT, breaks);

  it('is adopted at first sight when only the broker has it', () => {
    expect(found(theirs())).toMatchObject([{ kind: 'adopt', terms: { qty: shares(10), orderType: 'MARKET' } }]);
    expect(found(null)).toEqual([]);
  });

  it.each([
    ['a limit', { orderType: 'LIMIT', limitPrice: shares(99) }, 'LIMIT'],
    ['a stop', { orderType: 'STOP', stopPrice: shares(90) }, 'STOP'],
    ['a kind that we do not place, with a limit', { orderType: null, limitPrice: shares(99) }, 'LIMIT'],
    ['a kind that we do not place', { orderType: null }, 'MARKET'],
  ] as const)('%s is adopted in the nearest terms', (_name, terms, orderType) => {
    expect(found(theirs(terms))).toMatchObject([{ kind: 'adopt', terms: { orderType } }]);
  });

  it.each([
    ['a limit of -1.50', { orderType: 'LIMIT', limitPrice: -shares(3) / 2n }],
    ['no quantity', { qty: 0n }],
    ['a stop of zero', { orderType: 'STOP', stopPrice: 0n }],
  ] as const)(
    'R-2: is a break of its symbol when its terms are none that an order here can have: %s',
    (_name, terms) => {
      expect(found(theirs(terms))).toMatchObject([{ kind: 'order_break', cause: 'EXTERNAL_ORDER', orderId: null }]);
    },
  );

  it('is a break of its symbol while it is by amount, and adopted with what was filled once it has ended', () => {
    const byAmount = theirs({ qty: null });
    expect(found(byAmount)).toMatchObject([{ kind: 'order_break', cause: 'EXTERNAL_ORDER', orderId: null }]);
    expect(found(byAmount, ['EXTERNAL_ORDER'])).toEqual([]);
    const ended = theirs({ qty: null, status: 'FILLED', filledQty: shares(3) });
    expect(found(ended)).toMatchObject([{ kind: 'adopt', terms: { qty: shares(3) } }]);
  });
});

it('positions are compared over the symbols of both sides; one that a side does not name is held there with zero', () => {
  const ours = new Map([
    ['MSFT', shares(1)],
    ['AAPL', shares(5)],
  ]);
  const held = new Map([
    ['AAPL', shares(5)],
    ['NVDA', -shares(2)],
  ]);
  expect(reconcilePositions(ours, answered(held))).toMatchObject([
    { kind: 'agreed', symbol: 'AAPL' },
    { kind: 'open_break', symbol: 'MSFT', ours: '1', theirs: '0' },
    { kind: 'open_break', symbol: 'NVDA', ours: '0', theirs: '-2' },
  ]);
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
    fuzz(2000),
  );
});
