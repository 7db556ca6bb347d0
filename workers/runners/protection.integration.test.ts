import { afterEach, beforeEach, expect, test } from 'vitest';
import { bothSides, Stack, TESTER } from '../testing/stack';

const USER = { ...TESTER, kind: 'user', name: 'a person' } as const;

let stack: Stack;

beforeEach(async () => {
  stack = await Stack.start({ SIMULATOR_FAULTS: '1' });
  await quote('100');
});

afterEach(async () => {
  await stack.stop();
});

const quote = (bid: string, size = '1000') =>
  stack.sim('POST', '/sim/v1/control', {
    quote: { symbol: 'AAPL', bid, ask: (Number(bid) + 0.01).toFixed(2), bid_size: size, ask_size: size },
  });

interface BrokerOrder {
  readonly client_order_id: string;
  readonly type: string;
  readonly side: string;
  readonly qty: string;
  readonly stop_price: string | null;
  readonly time_in_force: string;
}

/** Orders that the broker works. */
const working = () => stack.sim<BrokerOrder[]>('GET', '/v2/orders?status=open&limit=500');

const heldAtBroker = async (): Promise<string> =>
  (await stack.sim<{ symbol: string; qty: string }[]>('GET', '/v2/positions')).find(({ symbol }) => symbol === 'AAPL')
    ?.qty ?? '0';

/** Waits until a stop for so many shares is all that works. */
async function protectedBy(qty: string, limitMs?: number): Promise<BrokerOrder> {
  let stops: BrokerOrder[] = [];
  const holds = async () => {
    stops = await working();
    return stops.length === 1 && stops[0]?.type === 'stop' && stops[0].side === 'sell' && stops[0].qty === qty;
  };
  await stack.until(`one stop for ${qty}`, holds, limitMs).catch((error: unknown) => {
    throw new Error(`what works: ${JSON.stringify(stops)}`, { cause: error });
  });
  const [stop] = stops;
  if (stop === undefined) throw new Error('no stop works');
  return stop;
}

async function enter(qty = '4', options: { limitPrice?: string } = {}): Promise<string> {
  const placed = await stack.place({ qty, stopLoss: '95', ...options });
  expect(placed.kind).toBe('PLACED');
  return placed.orderId;
}

/** Flat at the broker and in our books, with no exit open. */
async function untilFlat(): Promise<void> {
  await stack.until('the position to be closed', async () => (await heldAtBroker()) === '0');
  await stack.untilNone(
    'what is held or being closed',
    `SELECT symbol FROM positions WHERE qty <> 0 UNION ALL SELECT symbol FROM exits WHERE ended_at IS NULL`,
  );
}
const protectiveOrders = async () =>
  (
    await stack.pool.query<{ status: string; qty: string; attempt: number }>(
      `SELECT status, trim_scale(qty)::text AS qty, attempt FROM orders WHERE kind = 'PROTECTIVE' ORDER BY attempt`,
    )
  ).rows;

test('a stop works for what the entry brought, ends with the position, and cannot be cancelled on its own', {
  timeout: 180_000,
}, async () => {
  await stack.worker();
  await stack.reconciled();
  const entry = await enter();
  const stop = await protectedBy('4');
  expect(stop).toMatchObject({ stop_price: '95', time_in_force: 'gtc' });

  const refused = await stack.commands.cancelOrder(USER, stop.client_order_id, 'test');
  expect(refused).toMatchObject({ ok: false, code: 'PROTECTIVE_STOP' });
  // S-4: a symbol whose stop is a plain order takes no add.
  expect(await stack.place({ qty: '1' })).toMatchObject({ kind: 'REJECTED', code: 'SELF_MATCH' });
  const limited = await stack.place({ side: 'SELL', qty: '4', limitPrice: '110' });
  expect(limited).toMatchObject({ kind: 'REJECTED', code: 'SHARES_HELD' });

  // a part is closed, and the rest gets its stop again.
  expect((await stack.place({ side: 'SELL', qty: '1' })).kind).toBe('PLACED');
  const next = await protectedBy('3');
  expect(next.client_order_id).not.toBe(stop.client_order_id);
  expect((await stack.commands.closePosition(USER, 'AAPL', 'test')).ok).toBe(true);
  await untilFlat();
  await stack.until('nothing to work', async () => (await working()).length === 0);
  await stack.until('both stops to have ended', async () =>
    (await protectiveOrders()).every(({ status }) => status === 'CANCELLED'),
  );
  expect((await protectiveOrders()).map(({ qty, attempt }) => [attempt, qty])).toEqual([
    [1, '4'],
    [2, '3'],
  ]);
  const { ours, theirs } = await bothSides(stack);
  expect(ours).toEqual(theirs);
  expect((await stack.pool.query('SELECT 1 FROM breaks')).rowCount).toBe(0);
  expect(await stack.timeline(entry)).toContain('fill');
});

test('a stop that is reached closes the position, and the books agree', { timeout: 180_000 }, async () => {
  await stack.worker();
  await stack.reconciled();
  await enter();
  await protectedBy('4');
  await quote('94.90');
  await untilFlat();
  await stack.until('the fill of the stop', async () => (await protectiveOrders())[0]?.status === 'FILLED');
  expect(await protectiveOrders()).toHaveLength(1);
  const { ours, theirs } = await bothSides(stack);
  expect(ours).toEqual(theirs);
  // Risk is real: what is lost is the distance to the stop, and the slip past it.
  const { rows } = await stack.pool.query<{ lost: string }>(
    `SELECT trim_scale(realised_pnl)::text AS lost FROM positions WHERE symbol = 'AAPL'`,
  );
  expect(Number(rows[0]?.lost)).toBeCloseTo(-20.44, 6);
});

test('S-2: an entry that is filled in part is cancelled after 5 s, and what it brought is protected', {
  timeout: 180_000,
}, async () => {
  await stack.worker();
  await stack.reconciled();
  await quote('100.50');
  const entry = await enter('9', { limitPrice: '100.01' });
  await stack.until('the entry to rest', async () => (await stack.status(entry)) === 'ACCEPTED');
  await quote('100', '3');
  await stack.until('a part', async () => (await stack.status(entry)) === 'PARTIALLY_FILLED');
  // Away from the limit: nothing more is filled.
  await quote('101');
  await stack.until('the end of the entry', async () => (await stack.status(entry)) === 'CANCELLED', 20_000);
  const held = await heldAtBroker();
  expect(Number(held)).toBeGreaterThan(0);
  expect(Number(held)).toBeLessThan(9);
  await protectedBy(held);
});

test('X-3: where the market has passed the price of the stop, the position is closed', {
  timeout: 180_000,
}, async () => {
  await stack.worker();
  await stack.reconciled();
  // The stop cannot be placed while the broker takes no order but the entry.
  await stack.sim('PUT', '/sim/v1/faults', { fail_5xx: 1_000, only: ['^GET /v2/positions'] });
  const entry = await enter();
  await stack.until('the entry', async () => (await stack.status(entry)) === 'FILLED');
  await quote('94');
  await stack.until(
    'the stored quote',
    async () => (await stack.pool.query(`SELECT 1 FROM quotes WHERE symbol = 'AAPL' AND bid < 95`)).rowCount === 1,
  );
  await stack.sim('DELETE', '/sim/v1/faults');
  await untilFlat();
  const { rows } = await stack.pool.query('SELECT source, outcome FROM exits');
  expect(rows).toEqual([{ source: 'STOP', outcome: 'CLOSED' }]);
  expect(await protectiveOrders()).toEqual([]);
});

test('H-2, H-3: a halt ends the stop with everything else, and it works again once the halt is verified', {
  timeout: 180_000,
}, async () => {
  await stack.worker();
  await stack.reconciled();
  await enter();
  const before = await protectedBy('4');
  const resting = await stack.place({ symbol: 'MSFT', limitPrice: '1' });
  await stack.until('a resting order', async () => (await stack.status(resting.orderId)) !== 'NEW');
  expect((await stack.commands.halt(TESTER, 'test')).ok).toBe(true);
  await stack.until('the verification', async () => (await stack.commands.tradingState()).halt?.verifiedAt != null);
  const after = await protectedBy('4');
  expect(after.client_order_id).not.toBe(before.client_order_id);
  // The hold cancels what works and is neither a flatten nor a stop of ours, every 5 s: the stop stays.
  await new Promise((wake) => setTimeout(wake, 7_000));
  expect((await protectedBy('4')).client_order_id).toBe(after.client_order_id);
  // A flatten in the halt ends it.
  expect((await stack.commands.flattenAll(TESTER, 'test')).ok).toBe(true);
  await untilFlat();
  await stack.until('nothing to work', async () => (await working()).length === 0);
});

test('S-4: a position without its stop raises an alert after 5 s, which ends with the stop', {
  timeout: 180_000,
}, async () => {
  await stack.worker();
  await stack.reconciled();
  await stack.sim('PUT', '/sim/v1/faults', { fail_5xx: 1_000, only: ['^GET /v2/positions'] });
  await enter();
  const open = `SELECT message FROM alerts WHERE kind = 'UNPROTECTED' AND resolved_at IS NULL`;
  await stack.until('the alert', async () => (await stack.pool.query(open)).rowCount === 1, 30_000);
  const { rows } = await stack.pool.query<{ message: string }>(open);
  expect(rows[0]?.message).toContain('AAPL is unprotected: stops protect 0 of 4 shares');
  await stack.sim('DELETE', '/sim/v1/faults');
  await protectedBy('4');
  await stack.until('the end of the alert', async () => (await stack.pool.query(open)).rowCount === 0);
});

// The others are in the fault suite.
test.each(['stop-placed', 'after-send@2'])(
  'S-5: kill -9 at %s ends with one stop',
  { timeout: 180_000 },
  async (point) => {
    const first = await stack.worker({ COUNTERSIGN_FAILPOINTS: point });
    await stack.reconciled();
    await enter();
    await first.ended;
    await stack.worker();
    await protectedBy('4', 60_000);
    const stops = (await stack.brokerOrders()).length - 1;
    expect(stops).toBe(1);
    expect((await protectiveOrders()).filter(({ status }) => status !== 'CANCELLED')).toHaveLength(1);
  },
);
