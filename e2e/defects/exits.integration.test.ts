import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isOpen } from '@/e2e/model/support/broker-book';
import type { SubmitOutcome } from '@/server/application/ports/broker';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { PERSON, Scene } from './support';

const REFUSED = { kind: 'too_late', message: 'order is not cancelable' } as const;

/** The broker refuses so many cancels, though their orders work on. */
function refuseCancels(scene: Scene, count: number): void {
  const { broker } = scene;
  const cancel = broker.cancel.bind(broker);
  let left = count;
  broker.cancel = async (id) => {
    left -= 1;
    return left >= 0 ? REFUSED : cancel(id);
  };
}

/** As brokers do: an order against one of ours that works is refused. */
function refuseWashTrades(scene: Scene): void {
  const { broker } = scene;
  const submit = broker.submitFrom.bind(broker);
  broker.submitFrom = async (sender, terms, options): Promise<SubmitOutcome> => {
    const against = broker.book
      .open()
      .some((order) => order.terms.symbol === terms.symbol && order.terms.side !== terms.side);
    const message = 'potential wash trade detected. use complex orders';
    return against ? { kind: 'refused', status: 403, code: '40310000', message } : submit(sender, terms, options);
  };
}

/** Market orders of the symbol fill at once. */
function fillMarketOrders(scene: Scene): void {
  const { broker } = scene;
  const { onSend } = broker;
  broker.onSend = async (terms) => {
    await onSend(terms);
    if (terms.orderType === 'MARKET') broker.sendFaults.push('filled-at-once');
  };
}

/** What the broker holds, of one symbol. */
const brokerHolds = (scene: Scene, symbol = 'AAPL') =>
  (scene.broker.book.positions().get(symbol) ?? 0n) / parseUnits('1');

async function close(scene: Scene, virtualMs: number): Promise<void> {
  expect(await scene.system.commands.closePosition(PERSON, 'AAPL', 'out')).toMatchObject({ ok: true });
  await scene.run(virtualMs);
}

describe('a close whose cancel of a working sell is refused once', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    await scene.hold(4);
    await scene.work({ side: 'SELL', qty: 1 });
    fillMarketOrders(scene);
    refuseCancels(scene, 1);
    await close(scene, 60_000);
  });
  afterAll(() => scene.close());

  it('A3: the cancel is asked for again, and the position is closed', () => {
    expect(brokerHolds(scene)).toBe(0n);
  });
});

describe('a close whose cancel of a working sell is refused each time', () => {
  let scene: Scene;
  let alerts: readonly string[];
  beforeAll(async () => {
    scene = await Scene.open();
    await scene.hold(4);
    await scene.work({ side: 'SELL', qty: 1 });
    fillMarketOrders(scene);
    refuseCancels(scene, Number.POSITIVE_INFINITY);
    await close(scene, 15_000);
    alerts = await scene.alerts();
  });
  afterAll(() => scene.close());

  it('A3: the free part is sold at once', () => {
    expect(brokerHolds(scene)).toBe(1n);
  });

  it('A3: an alert names what the close waits for', () => {
    expect(alerts).toEqual([expect.stringMatching(/AAPL/)]);
  });
});

describe('closing where the broker holds something else than our books say', () => {
  /** @param ours shares in our books @param held shares that the broker shows @returns what was sent to close it */
  async function closed(ours: number, held: number): Promise<readonly string[]> {
    const scene = await Scene.open();
    if (ours > 0) await scene.hold(ours);
    const { broker } = scene;
    const qty = parseUnits(held);
    const cost = parseMoney(Math.abs(held) * 100);
    const { positions } = broker;
    const before = scene.sent().length;
    broker.positions = async () => {
      const others = (await positions()).filter(({ symbol }) => symbol !== 'AAPL');
      return held === 0 ? others : [...others, { symbol: 'AAPL', qty, marketPrice: parseUnits('100'), cost }];
    };
    await scene.run(10_000);
    const { breaks } = await scene.system.look();
    expect(breaks.filter(({ open, cause }) => open && cause === 'POSITION_MISMATCH')).toHaveLength(1);
    await scene.system.commands.closePosition(PERSON, 'AAPL', 'out');
    await scene.run(10_000);
    await scene.close();
    return scene.sent().slice(before);
  }

  let less: readonly string[];
  let flat: readonly string[];
  let short: readonly string[];
  beforeAll(async () => {
    less = await closed(8, 5);
    flat = await closed(8, 0);
    short = await closed(0, -4);
  });

  it('A5: what the broker holds is sold', () => {
    expect(less).toEqual(['SELL 5 AAPL']);
  });

  it('A5: nothing is sold where the broker holds nothing', () => {
    expect(flat).toEqual([]);
  });

  it('A5: a short position is bought back', () => {
    expect(short).toEqual(['BUY 4 AAPL']);
  });
});

describe('a close beside a buy of ours that works, at a broker that refuses wash trades', () => {
  let scene: Scene;
  let closes: readonly string[];
  beforeAll(async () => {
    scene = await Scene.open();
    await scene.hold(4);
    await scene.work({ qty: 3 });
    fillMarketOrders(scene);
    refuseWashTrades(scene);
    await close(scene, 60_000);
    expect(scene.broker.book.orders.filter(isOpen)).toEqual([]);
    const { orders } = await scene.system.look();
    closes = orders.filter(({ kind }) => kind === 'FLATTEN').map(({ status }) => status);
  });
  afterAll(() => scene.close());

  it('A9: the close waits until the cancel of the buy has ended', () => {
    expect(closes).toEqual(['FILLED']);
  });

  it('A9: the position ends flat', () => {
    expect(brokerHolds(scene)).toBe(0n);
  });
});

describe('a close that the broker refuses once', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
    await scene.hold(4);
    fillMarketOrders(scene);
    const { broker } = scene;
    broker.sendFaults.push('refused');
    await close(scene, 60_000);
  });
  afterAll(() => scene.close());

  it('A9: it is tried again and the position ends flat', () => {
    expect(brokerHolds(scene)).toBe(0n);
  });
});

describe('a close that the broker refuses each time', () => {
  let scene: Scene;
  let alerts: readonly string[];
  beforeAll(async () => {
    scene = await Scene.open();
    await scene.hold(4);
    const { broker } = scene;
    broker.submitFrom = async () => ({ kind: 'refused', status: 403, code: '40310000', message: 'not now' });
    await close(scene, 15_000);
    alerts = await scene.alerts();
  });
  afterAll(() => scene.close());

  it('A9: an alert names the cause', () => {
    expect(alerts).toEqual([expect.stringMatching(/AAPL.*not now/)]);
  });
});
