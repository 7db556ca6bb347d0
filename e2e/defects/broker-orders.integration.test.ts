import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { BrokerError, type BrokerOrder } from '@/server/application/ports/broker';
import type { BrokerGateway } from '@/server/application/ports/broker-gateway';
import { brokerOrder } from '@/server/application/testing/fakes';
import { openBroker } from '@/server/composition/brokers';
import { parseUnits } from '@/server/kernel/money';
import { PERSON, Scene } from './support';

const HOUR_MS = 3_600_000;

describe('an order that is live here and that the broker no longer knows', () => {
  let scene: Scene;
  let order: string;
  let openAfterwards: number;
  let status: string;
  let released: { ok: boolean };
  let audited: readonly object[];
  let again: object;
  beforeAll(async () => {
    scene = await Scene.open();
    order = await scene.work();
    scene.broker.book.orders.length = 0;
    scene.broker.updates.length = 0;
    await scene.run(10_000);
    const { breaks } = await scene.system.look();
    expect(breaks).toMatchObject([{ cause: 'MISSING_AT_BROKER', order_id: order, open: true }]);
    await scene.system.commands.halt(PERSON, 'an order is lost', 60);
    await scene.run(10_000);
    const { commands } = scene.system;
    expect(await commands.closeUnknownOrder(PERSON, order, ' ')).toMatchObject({ ok: false, code: 'INVALID' });
    const closed = await commands.closeUnknownOrder(PERSON, order, 'the broker has no such order');
    expect(closed).toMatchObject({ ok: true });
    audited = await scene.query(`SELECT actor, after FROM audit_log WHERE action = 'order.close_unknown'`);
    again = await commands.closeUnknownOrder(PERSON, order, 'the broker has no such order');
    await scene.run(10_000);
    const after = await scene.system.look();
    openAfterwards = after.breaks.filter(({ open }) => open).length;
    status = after.orders.find(({ id }) => id === order)?.status ?? 'none';
    released = await scene.system.commands.release(PERSON, 'it is clear');
  });
  afterAll(() => scene.close());

  it('A7: the act is audited with the look-ups as evidence, and done once', () => {
    expect(audited).toMatchObject([
      {
        actor: PERSON.name,
        after: {
          status: 'CANCELLED',
          reason: 'the broker has no such order',
          evidence: { looked_up_at: expect.any(String), last_round_began_at: expect.any(String) },
        },
      },
    ]);
    expect(again).toMatchObject({ ok: false, code: 'CONFLICT' });
  });

  it('A7: a person can end it', () => {
    expect(['CANCELLED', 'EXPIRED', 'REJECTED']).toContain(status);
  });

  it('A7: its break stays closed', () => {
    expect(openAfterwards).toBe(0);
  });

  it('A7: trading can be released', () => {
    expect(released).toMatchObject({ ok: true });
  });
});

describe('an order that the broker knows, or of which it was not asked again', () => {
  let scene: Scene;
  beforeAll(async () => {
    scene = await Scene.open();
  });
  afterAll(() => scene.close());

  it('R-1: is not closed as unknown at the broker', async () => {
    const order = await scene.work();
    const close = () => scene.system.commands.closeUnknownOrder(PERSON, order, 'it is gone');
    expect(await close()).toMatchObject({ ok: false, code: 'CONFLICT' });
    scene.broker.book.orders.length = 0;
    scene.broker.updates.length = 0;
    await scene.query(
      `INSERT INTO breaks (id, symbol, order_id, cause, opened_at)
       VALUES (gen_random_uuid(), 'AAPL', $1, 'MISSING_AT_BROKER', clock_timestamp())`,
      [order],
    );
    expect(await close()).toMatchObject({ ok: false, code: 'UNAVAILABLE' });
    await scene.run(10_000);
    expect(await close()).toMatchObject({ ok: true });
  });
});

describe('a day order that the broker is done with for the day, after the close', () => {
  let scene: Scene;
  let status: string;
  beforeAll(async () => {
    scene = await Scene.open();
    const order = await scene.work();
    const { broker, system } = scene;
    const { openOrders } = broker;
    broker.openOrders = async () =>
      (await openOrders()).map((each): BrokerOrder => ({ ...each, status: 'DONE_FOR_DAY' }));
    let isOpen = true;
    const clock = broker.clock;
    broker.clock = async () => ({ ...(await clock()), isOpen });
    await scene.run(10_000);
    isOpen = false;
    await scene.query('UPDATE market_clock SET is_open = false');
    await system.clock.advance(8 * HOUR_MS);
    await scene.run(10_000);
    status = (await system.look()).orders.find(({ id }) => id === order)?.status ?? 'none';
  });
  afterAll(() => scene.close());

  it('A7: it ends with its session', () => {
    expect(status).toBe('EXPIRED');
  });
});

/** A foreign order as no market would take it. */
const ODD: BrokerOrder = brokerOrder('odd', {
  clientOrderId: 'placed by hand',
  symbol: 'MSFT',
  orderType: 'LIMIT',
  limitPrice: parseUnits('-1.5'),
  qty: parseUnits('1'),
});

describe('a foreign order with a limit of -1.50 beside an order of ours', () => {
  let scene: Scene;
  let failures: readonly string[];
  let open: readonly object[];
  let status: string;
  beforeAll(async () => {
    scene = await Scene.open();
    const ours = await scene.work();
    const { broker } = scene;
    const { openOrders } = broker;
    broker.openOrders = async () => [...(await openOrders()), ODD];
    const held = broker.book.byClientId(ours);
    if (held === null) throw new Error('the order did not reach the broker');
    // Told by nobody: a round must find it.
    broker.trade(held, held.terms.qty, parseUnits('100'), { named: true, listedAfterMs: 0 });
    broker.updates.length = 0;
    const failed: string[] = [];
    for (let n = 0; n < 3; n += 1) {
      await scene.run(6_000).catch((error: unknown) => failed.push(String(error)));
    }
    failures = failed;
    const seen = await scene.system.look();
    open = seen.breaks.filter(({ open: still }) => still);
    status = seen.orders.find(({ id }) => id === ours)?.status ?? 'none';
  });
  afterAll(() => scene.close());

  it('A8: no round fails', () => {
    expect(failures).toEqual([]);
  });

  it('A8: the order is a named break', () => {
    expect(open).toMatchObject([{ symbol: 'MSFT' }]);
  });

  it('A8: the rest of the round goes on', () => {
    expect(status).toBe('FILLED');
  });
});

/** Looks at a halt, 200 ms apart, of a worker whose every list fails. @returns the virtual times of its cancel-alls */
async function cancelAlls(scene: Scene, withOurs: boolean, unreadable: () => never): Promise<readonly number[]> {
  const { broker, system } = scene;
  if (withOurs) await scene.work();
  broker.openOrders = async () => unreadable();
  const times: number[] = [];
  broker.cancelAll = async () => {
    times.push(system.clock.nowMs());
    return { asked: 0, refused: [] };
  };
  await system.commands.halt(PERSON, 'something is wrong', 60);
  for (let look = 0; look < 20; look += 1) {
    await system.seeToHalt(null).catch(() => undefined);
    await system.clock.advance(200);
  }
  return times;
}

describe('halting while the list of orders cannot be read', () => {
  let foreignAlone: number;
  let withOurs: number;
  beforeAll(async () => {
    const count = async (ours: boolean, unreadable: () => never) => {
      const scene = await Scene.open();
      const times = await cancelAlls(scene, ours, unreadable);
      await scene.close();
      return times.length;
    };
    foreignAlone = await count(false, () => {
      throw new BrokerError('uncertain', 'the answer is not what was agreed');
    });
    withOurs = await count(true, () => {
      throw new Error('numeric field overflow');
    });
  });

  it('A8: everything is cancelled all the same', () => {
    expect(foreignAlone).toBeGreaterThanOrEqual(1);
  });

  it('A8: at once and after 1, 2 and 4 s, not at each look', () => {
    expect(withOurs).toBeGreaterThanOrEqual(1);
    expect(withOurs).toBeLessThanOrEqual(4);
  });
});

describe('a list of orders with one that cannot be read', () => {
  let server: Server;
  let gateway: BrokerGateway;
  let odd: object;
  const good = {
    id: randomUUID(),
    client_order_id: 'good',
    symbol: 'AAPL',
    side: 'buy',
    qty: '1',
    filled_qty: '0',
    type: 'market',
    time_in_force: 'day',
    status: 'new',
    submitted_at: '2026-01-05T14:30:00Z',
  };
  beforeAll(async () => {
    server = createServer((_request, response) => response.end(JSON.stringify([odd, good])));
    await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
    const address = server.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    gateway = openBroker({ BROKER: 'alpaca', SIMULATOR_PORT: port });
  });
  afterAll(async () => {
    await gateway.close();
    server.closeAllConnections();
    await new Promise((done) => server.close(done));
  });

  for (const [what, change] of [
    ['without a side', { side: undefined }],
    ['with a side of null', { side: null, legs: [] }],
    ['without a symbol', { symbol: undefined }],
    ['with an empty symbol', { symbol: '' }],
    ['with a quantity of 30 decimals', { qty: `1.${'3'.repeat(30)}` }],
    ['without a status', { status: undefined }],
  ] as const) {
    it(`A8: one ${what} does not hide the others`, async () => {
      odd = { ...good, id: randomUUID(), client_order_id: 'odd', ...change };
      const orders = await gateway.broker.openOrders();
      expect(orders.map(({ clientOrderId }) => clientOrderId)).toContain('good');
    });
  }

  it('two that can be read are both read', async () => {
    odd = { ...good, id: randomUUID(), client_order_id: 'another' };
    expect(await gateway.broker.openOrders()).toHaveLength(2);
  });
});
