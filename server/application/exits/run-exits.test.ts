import { beforeEach, describe, expect, test } from 'vitest';
import type { AlertStore } from '@/server/application/ports/alert-store';
import type { ExitProgress, ExitStore, OpenExit, OpenExits, SymbolOrder } from '@/server/application/ports/exit-store';
import type { CancelAsked } from '@/server/application/ports/order-store';
import { brokerOrder, FakeBroker, FakeExecutionStore, fakeContext, noAnswer } from '@/server/application/testing/fakes';
import type { ExitPlacement } from '@/server/domain/exit/next-step';
import { parseUnits, type Units } from '@/server/kernel/money';
import { Exits } from './run-exits';

const shares = (qty: number) => parseUnits(String(qty));
const QUOTE = { bid: shares(100), ask: shares(100) };

const EXIT: OpenExit = {
  id: 'exit',
  symbol: 'AAPL',
  principalId: 'p',
  strategy: '',
  requestedBy: 'maria@example.com',
  reason: 'out',
  intent: {
    qty: null,
    filledQty: 0n,
    expired: false,
    stageChanged: false,
    startPrice: shares(100),
    limitedSinceMs: null,
    failures: 0,
    lastFailure: null,
  },
  started: true,
  own: null,
  queued: [],
  others: [],
  booked: shares(10),
  lastFillAgoMs: null,
  quote: QUOTE,
  heldQty: null,
  working: 0,
  progressAgoMs: 0,
  waitsFor: null,
};

const working = (changes: Partial<SymbolOrder> = {}): SymbolOrder => ({
  id: 'buy',
  side: 'BUY',
  leaves: shares(1),
  cancelRequested: false,
  cancelFault: null,
  cancelSentAgoMs: null,
  uncertain: false,
  externalOrderId: 'b-buy',
  ...changes,
});

/** Exits in memory: a test writes what is read, and sees what is written. */
class FakeExits implements ExitStore {
  state: OpenExits = { nowMs: 0, exits: [], brokerAccountId: 'a1', marketOpen: true, collarPct: parseUnits('0.01') };
  readonly started: (Units | null)[] = [];
  readonly notes: ExitProgress[] = [];
  readonly placed: ExitPlacement[] = [];
  readonly ended: string[] = [];
  open = async () => this.state;
  start = async (_fence: unknown, _id: string, price: Units | null) => void this.started.push(price);
  note = async (_fence: unknown, _id: string, progress: ExitProgress) => void this.notes.push(progress);
  async place(_fence: unknown, _exit: OpenExit, _id: string, placement: ExitPlacement) {
    this.placed.push(placement);
    return true;
  }
  end = async (_fence: unknown, id: string, outcome: string) => void this.ended.push(`${id} ${outcome}`);
  otherOrders = async () => [];
}

let broker: FakeBroker;
let store: FakeExits;
let cancelled: string[];
let alerts: string[];
let exits: Exits;
let context: ReturnType<typeof fakeContext>;

const alertStore: AlertStore = {
  open: async (kind, subject, message) => {
    alerts.push(`${kind} ${subject}: ${message}`);
    return true;
  },
  resolve: async (kind, subject) => {
    alerts.push(`${kind} ${subject} resolved`);
    return true;
  },
};
const orders = {
  requestCancel: async (id: string): Promise<CancelAsked> => {
    cancelled.push(id);
    return { status: 'CANCEL_PENDING', asked: true };
  },
};

beforeEach(() => {
  broker = new FakeBroker();
  store = new FakeExits();
  [cancelled, alerts] = [[], []];
  context = fakeContext(broker, new FakeExecutionStore());
  exits = new Exits({ context, exits: store, orders, alerts: alertStore });
  holds(10);
});

function holds(qty: number): void {
  broker.positionsAnswer = [{ symbol: 'AAPL', qty: shares(qty), marketPrice: null, cost: 0n }];
}

/** One look at an exit. */
async function look(changes: Partial<OpenExit> = {}, state: Partial<OpenExits> = {}): Promise<void> {
  store.state = { ...store.state, ...state, exits: [{ ...EXIT, ...changes }] };
  await exits.pass();
}

describe('a look at an exit', () => {
  test('places an order for what the broker holds, whatever our books say (X-1)', async () => {
    holds(7);
    await look();
    expect(store.placed).toEqual([
      { side: 'SELL', qty: shares(7), orderType: 'MARKET', limitPrice: null, queued: null, replaces: null },
    ]);
    expect(store.notes).toEqual([
      { waitsFor: 'its order to be sent', progressed: true, heldQty: shares(7), working: 0 },
    ]);
  });

  test('ends it once the broker is flat, and resolves an alert that an earlier worker may have opened', async () => {
    broker.positionsAnswer = [];
    await look({ booked: 0n });
    expect(store.ended).toEqual(['exit CLOSED']);
    expect(alerts).toEqual(['EXIT AAPL resolved']);
  });

  test('records the price at its start: the bid, and the ask for a short', async () => {
    await look({ started: false, quote: { bid: shares(99), ask: shares(101) } });
    holds(-10);
    await look({ started: false, booked: shares(-10), quote: { bid: shares(99), ask: shares(101) } });
    expect(store.started).toEqual([shares(99), shares(101)]);
  });

  test('requests the cancel of an order of ours, and waits', async () => {
    await look({ others: [working()] });
    expect(cancelled).toEqual(['buy']);
    expect(store.placed).toEqual([]);
  });

  test('cancels an order that only the broker lists, and again after a while', async () => {
    broker.orders.set('by hand', brokerOrder('by hand', { side: 'BUY' }));
    broker.orders.set('elsewhere', brokerOrder('elsewhere', { symbol: 'MSFT' }));
    await look();
    await look();
    expect(broker.cancelled).toEqual(['b-by hand']);
    expect(store.placed).toEqual([]);
    await context.clock.sleep(2_000);
    await look();
    expect(broker.cancelled).toEqual(['b-by hand', 'b-by hand']);
  });

  test('knows the orders of ours among those that the broker lists', async () => {
    broker.orders.set('buy', brokerOrder('buy', { side: 'BUY' }));
    await look({ others: [working()] });
    expect(broker.cancelled).toEqual([]);
  });

  test('asks nothing of the broker while the market is closed, and stores that it waits (X-2)', async () => {
    broker.failing = noAnswer();
    await look({ started: false, others: [working()] }, { marketOpen: false });
    expect(store.notes).toMatchObject([{ waitsFor: 'the market to open' }]);
    expect([...cancelled, ...store.started, ...alerts.slice(1)]).toEqual([]);
  });

  test("asks for the broker's clock where it was not read lately", async () => {
    broker.clock = async () => ({ marketTimeMs: 0, isOpen: false, nextOpenMs: null, nextCloseMs: null });
    await look({}, { marketOpen: null });
    expect(store.placed).toEqual([]);
  });
});

describe('X-6: the account', () => {
  test.each([
    ['nobody has confirmed it', null, 'a person to confirm the account'],
    ['the broker shows another one', 'other', 'the confirmed account other: the broker shows a1'],
  ])('nothing is closed where %s', async (_name, brokerAccountId, waitsFor) => {
    await look({}, { brokerAccountId });
    expect(store.placed).toEqual([]);
    expect(store.notes).toMatchObject([{ waitsFor }]);
  });
});

describe('an exit without progress', () => {
  const stuck = (changes: Partial<OpenExit> = {}) => ({ heldQty: shares(10), working: 1, waitsFor: 'x', ...changes });

  test('rings after 5 s with the cause, once, and no more when it gets nearer (X-3)', async () => {
    const others = [working({ cancelFault: 'not cancelable', cancelSentAgoMs: 0 })];
    await look(stuck({ others, progressAgoMs: 4_999 }));
    expect(alerts).toEqual(['EXIT AAPL resolved']);
    await context.clock.sleep(1_000);
    await look(stuck({ others, progressAgoMs: 5_000 }));
    const cause = 'the cancel of BUY order buy to take effect (refused: not cancelable)';
    const message = `EXIT AAPL: AAPL is not closed: it waits for ${cause}`;
    expect(alerts.slice(1)).toEqual([message]);
    await context.clock.sleep(1_000);
    await look(stuck({ others, progressAgoMs: 6_000 }));
    expect(alerts).toHaveLength(2);
    await context.clock.sleep(1_000);
    holds(4);
    await look(stuck({ booked: shares(4), progressAgoMs: 7_000 }));
    expect(alerts.at(-1)).toBe('EXIT AAPL resolved');
    expect(store.notes.at(-1)).toMatchObject({ progressed: true, heldQty: shares(4), working: 0 });
  });

  test('names a broker that does not answer, and keeps what was last known', async () => {
    broker.failing = noAnswer('no answer within 2 s');
    await look(stuck({ progressAgoMs: 5_000 }));
    expect(alerts).toEqual([expect.stringContaining('the broker to answer (no answer within 2 s)')]);
    expect(store.notes).toMatchObject([{ progressed: false, heldQty: shares(10), working: 1 }]);
  });

  test('is looked at less often the longer it lasts, and a new one at once', async () => {
    const others = [working({ cancelRequested: true })];
    let asked = 0;
    broker.positions = async () => {
      asked += 1;
      return broker.positionsAnswer;
    };
    for (const [ms, wanted] of [
      [0, 1],
      [999, 1],
      [1, 2],
    ] as const) {
      await context.clock.sleep(ms);
      await look(stuck({ others, progressAgoMs: 10_000 }));
      expect(asked).toBe(wanted);
    }
    await context.clock.sleep(1_000);
    await look(stuck({ others, progressAgoMs: 60_000 }));
    expect(asked).toBe(2);
    await look();
    expect(asked).toBe(3);
  });
});

test('the alert of an exit that was withdrawn is resolved', async () => {
  await look({ heldQty: shares(10), waitsFor: 'x', own: null, others: [working()], working: 1, progressAgoMs: 5_000 });
  expect(alerts).toHaveLength(1);
  store.state = { ...store.state, exits: [] };
  await exits.pass();
  await exits.pass();
  expect(alerts.slice(1)).toEqual(['EXIT AAPL resolved']);
});

describe('the list of orders at the broker', () => {
  beforeEach(() => {
    broker.openOrders = () => Promise.reject(noAnswer());
  });

  test('is not needed where the broker says how many shares are free', async () => {
    const [position] = broker.positionsAnswer;
    if (position !== undefined) broker.positionsAnswer = [{ ...position, availableQty: shares(6) }];
    await look();
    expect(store.placed).toMatchObject([{ qty: shares(6) }]);
  });

  test('is waited for where it does not', async () => {
    await look();
    expect(store.placed).toEqual([]);
    expect(store.notes).toMatchObject([{ waitsFor: 'the list of orders at the broker' }]);
  });
});

test('an exit that goes at market without a quote rings until it ends (X-5)', async () => {
  await look({ quote: null });
  expect(alerts).toEqual(['EXIT AAPL: AAPL: it goes at market: there is no live quote']);
  await look({
    quote: null,
    waitsFor: 'x',
    own: { id: 'own', orderType: 'MARKET', ageMs: 1, cancelRequested: false, uncertain: false, externalOrderId: null },
  });
  expect(alerts).toHaveLength(1);
  broker.positionsAnswer = [];
  await look({ booked: 0n });
  expect(alerts).toEqual([expect.any(String), 'EXIT AAPL resolved']);
});
