import { afterAll, beforeAll, expect, test } from 'vitest';
import { brokerFills, expectBooksEqual, requestLog } from './support/books';
import { figures } from './support/figures';
import { randomFrom, testSeed } from './support/random';
import { System } from './support/system';

const ROUNDS = 5;
/** All that a symbol's open question would hold back: one order each. */
const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'SPY'];
const EXECUTION = ['--roles', 'execution'];

let system: System;

beforeAll(async () => {
  system = await System.start({ simulator: { SIMULATOR_FEE_PER_SHARE: '0.005' } });
});

afterAll(async () => {
  await system.stop();
});

async function placeOneEach(): Promise<string[]> {
  const placed = await Promise.all(
    SYMBOLS.map(async (symbol) => system.place({ signal_id: await system.signal({ symbol }), symbol })),
  );
  expect(placed.map(({ status }) => status)).toEqual(SYMBOLS.map(() => 201));
  return placed.map(({ body }) => String(body['order_id']));
}

/** What goes wrong in a round: where the worker dies, and what the broker does to replies meanwhile. */
function plan(random: () => number) {
  const deaths = ['before-send', 'after-send', 'at some time'] as const;
  const death = deaths[Math.floor(random() * deaths.length)] ?? 'at some time';
  const dropped = Math.floor(random() * 3);
  const hangMs = random() < 0.4 ? 1_000 + Math.round(random() * 2_000) : 0;
  return { death, dropped, hangMs, afterMs: Math.round(random() * 1_500) };
}

test('25 orders, five at a time, and a worker killed at random points of them, make one broker order each and equal books', {
  timeout: 300_000,
}, async () => {
  const { stack } = system;
  const seed = testSeed();
  const random = randomFrom(seed);
  const ids: string[] = [];
  const deaths: string[] = [];
  // The gate's view of the world stays fresh while the sender dies and comes back.
  await stack.worker({}, ['--roles', 'ingest,pipeline,portfolio,maintenance']);
  const ended = `SELECT count(*) FROM orders WHERE status IN ('FILLED', 'CANCELLED', 'EXPIRED', 'REJECTED')`;
  for (let round = 0; round < ROUNDS; round += 1) {
    const { death, dropped, hangMs, afterMs } = plan(random);
    deaths.push(`${death}/${dropped} dropped/${hangMs} ms`);
    const timed = death === 'at some time';
    const worker = await stack.worker(timed ? {} : { COUNTERSIGN_FAILPOINTS: death }, EXECUTION);
    await stack.reconciled(60_000);
    await stack.sim('PUT', '/sim/v1/faults', {
      drop_reply_after_accept: dropped,
      ...(hangMs === 0 ? {} : { hang_ms: hangMs, hang_effect: 'accept', only: ['^POST /v2/orders'] }),
    });
    ids.push(...(await placeOneEach()));
    if (timed) {
      await new Promise((wake) => setTimeout(wake, afterMs));
      await worker.end('SIGKILL');
    }
    expect(await worker.ended).toBeNull();
    await stack.sim('DELETE', '/sim/v1/faults');
    const next = await stack.worker({}, EXECUTION);
    await stack.until('every order to end', async () => (await system.scalar(ended)) === String(ids.length), 90_000);
    expect(await next.end('SIGTERM')).toBe(0);
  }
  figures('what went wrong', { seed, deaths: deaths.join('; ') });
  await stack.worker({}, EXECUTION);

  const { rows } = await stack.pool.query<{ id: string; status: string; sent: boolean; flags: string[] }>(
    `SELECT id, status, external_order_id IS NOT NULL AS sent, flags FROM orders ORDER BY id`,
  );
  expect(rows.map(({ id }) => id)).toEqual([...ids].sort());
  expect(rows.flatMap(({ flags }) => flags)).toEqual([]);
  // An order whose decision expired while nobody could send it is closed unsent; every other one is filled, once.
  const atBroker = await stack.brokerOrders();
  expect(atBroker.map((each) => each.client_order_id).sort()).toEqual(
    rows.filter(({ sent }) => sent).map(({ id }) => id),
  );
  for (const { status, sent } of rows) expect([status, sent]).toEqual(sent ? ['FILLED', true] : ['CANCELLED', false]);
  const books = await expectBooksEqual(system);
  const perOrder = new Map<string, number>();
  for (const { order_id, qty } of await brokerFills(system))
    perOrder.set(order_id, (perOrder.get(order_id) ?? 0) + Number(qty));
  expect([...perOrder.values()]).toEqual(atBroker.map(() => 1));
  const posts = requestLog(system).filter(({ method, path }) => method === 'POST' && path.startsWith('/v2/orders'));
  figures('kills in the middle of orders', {
    seed,
    kills: ROUNDS,
    orders: ids.length,
    filled: atBroker.length,
    unsent: ids.length - atBroker.length,
    posts: posts.length,
    fills: books.fills,
    cash: books.cash,
  });
  expect(ids).toHaveLength(ROUNDS * SYMBOLS.length);
});
