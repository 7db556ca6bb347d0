import { beforeEach, describe, expect, test } from 'vitest';
import type { AlertStore } from '@/server/application/ports/alert-store';
import { BrokerError } from '@/server/application/ports/broker';
import type { ExitRequest } from '@/server/application/ports/exit-store';
import type { CancelAsked } from '@/server/application/ports/order-store';
import { FakeBroker, FakeExecutionStore, fakeContext } from '@/server/application/testing/fakes';
import type { ProtectionView, StopPlacement } from '@/server/domain/protection/next-step';
import { protectedEntry, protectionView } from '@/server/domain/protection/testing/views';
import { parseUnits } from '@/server/kernel/money';
import { PositionProtection } from './protect-positions';

const shares = (qty: number) => parseUnits(String(qty));

const VIEW = protectionView({ symbol: 'AAPL', entries: [protectedEntry({ id: 'entry' })] });

let broker: FakeBroker;
let views: ProtectionView[];
let placed: StopPlacement[];
let changed: string[];
let cancelled: string[];
let alerts: string[];
let exits: ExitRequest[];
let protection: PositionProtection;
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

const cancels = {
  requestCancel: async (id: string): Promise<CancelAsked> => {
    cancelled.push(id);
    return { status: 'CANCEL_PENDING', asked: true };
  },
};

beforeEach(() => {
  broker = new FakeBroker();
  [views, placed, changed, cancelled, alerts, exits] = [[VIEW], [], [], [], [], []];
  context = fakeContext(broker, new FakeExecutionStore());
  const store = {
    read: async () => views,
    changed: async (symbol: string) => void changed.push(symbol),
    place: async (_fence: unknown, _symbol: string, _id: string, stop: StopPlacement) => {
      placed.push(stop);
      return true;
    },
  };
  const requests = {
    request: async (_actor: unknown, request: ExitRequest) => {
      exits.push(request);
      return request.id;
    },
  };
  protection = new PositionProtection({
    context,
    protection: store,
    orders: cancels,
    exits: requests,
    alerts: alertStore,
  });
  holds(10);
});

function holds(qty: number, availableQty?: number): void {
  const available = availableQty === undefined ? {} : { availableQty: shares(availableQty) };
  broker.positionsAnswer = [{ symbol: 'AAPL', qty: shares(qty), marketPrice: null, cost: 0n, ...available }];
}

const look = (changes: Partial<ProtectionView> = {}) => {
  views = [{ ...VIEW, ...changes }];
  return protection.pass();
};

describe('a look at what protects a position', () => {
  test('places the stop that is missing, and says how many positions lack one', async () => {
    expect(await look()).toBe(1);
    expect(placed).toEqual([{ entryId: 'entry', qty: shares(10), stopPrice: shares(95), timeInForce: 'GTC' }]);
  });

  test('never for more than the broker holds, nor for shares that an order there holds already', async () => {
    holds(7);
    await look();
    holds(10, 4);
    await look();
    broker.positionsAnswer = [];
    await look();
    expect(placed.map(({ qty }) => qty)).toEqual([shares(7), shares(4)]);
  });

  test('places nothing while the broker does not answer', async () => {
    broker.failing = new BrokerError('uncertain', 'no answer');
    expect(await look()).toBe(1);
    expect(placed).toEqual([]);
  });

  test('a fault that is not the broker’s ends the pass', async () => {
    broker.positions = () => Promise.reject(new TypeError('a mistake'));
    await expect(look()).rejects.toThrow('a mistake');
  });

  test('closes the shares where the market has passed the price of the stop (X-3)', async () => {
    await look({ bid: shares(94) });
    expect(placed).toEqual([]);
    expect(exits).toMatchObject([{ symbol: 'AAPL', source: 'STOP', qty: shares(10), stage: null, endsInMs: null }]);
    exits = [];
    broker.positionsAnswer = [];
    await look({ bid: shares(94) });
    expect(exits).toEqual([]);
  });

  test('ends stops for more than is held', async () => {
    const stop = { id: 'stop', leaves: shares(10), works: true, cancelRequested: false };
    const [entry] = VIEW.entries;
    if (entry === undefined) throw new Error('no entry');
    await look({ held: shares(4), entries: [{ ...entry, stops: [stop] }] });
    expect(cancelled).toEqual(['stop']);
  });

  test('alerts after 5 s in market hours, once for each cause, until the stop works (S-4)', async () => {
    await look({ buying: true });
    await context.clock.sleep(4_999);
    await look({ buying: true });
    expect(alerts).toEqual([]);
    await context.clock.sleep(1);
    await look({ buying: true });
    await look({ buying: true });
    expect(alerts).toEqual([
      'UNPROTECTED AAPL: AAPL is unprotected: stops protect 0 of 10 shares; it waits for the end of an order that buys the symbol',
    ]);
    await look({ held: 0n });
    expect(alerts.at(-1)).toBe('UNPROTECTED AAPL resolved');
  });

  test('does not alert while the market is closed or an exit closes the position', async () => {
    for (const quiet of [{ marketOpen: false, mayPlace: false }, { exiting: true }]) {
      await look(quiet);
      await context.clock.sleep(10_000);
      await look(quiet);
    }
    expect(alerts).toEqual([]);
  });

  test('resolves the alert of a symbol that is no longer listed', async () => {
    await look({ buying: true });
    await context.clock.sleep(5_000);
    await look({ buying: true });
    views = [];
    await protection.pass();
    expect(alerts.at(-1)).toBe('UNPROTECTED AAPL resolved');
  });

  test('announces that a position has lost or regained its stop', async () => {
    await look({ held: 0n });
    expect(changed).toEqual([]);
    await look({ buying: true });
    await look({ buying: true });
    await look({ held: 0n });
    expect(changed).toEqual(['AAPL', 'AAPL']);
  });
});
