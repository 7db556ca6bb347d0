import { afterEach, beforeEach, expect, test } from 'vitest';
import { brokerFills, expectBooksEqual } from './support/books';
import { figures } from './support/figures';
import { randomFrom, testSeed } from './support/random';
import { ADMIN, System } from './support/system';

const SYMBOLS = ['AAPL', 'MSFT', 'NVDA', 'AMZN', 'SPY'];
const ROUNDS = 4;

let system: System;

beforeEach(async () => {
  system = await System.start({ simulator: { SIMULATOR_FEE_PER_SHARE: '0.005' } });
  await system.stack.worker();
  await system.stack.reconciled();
});

afterEach(async () => {
  await system.stop();
});

async function placeOneEach(): Promise<string[]> {
  const placed = await Promise.all(
    SYMBOLS.map(async (symbol) => system.place({ signal_id: await system.signal({ symbol }), symbol })),
  );
  expect(placed.map(({ status, text }) => (status === 201 ? status : text))).toEqual(SYMBOLS.map(() => 201));
  return placed.map(({ body }) => String(body['order_id']));
}

const NOT_ENDED = `SELECT count(*) FROM orders WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')`;
const allEnded = async () => (await system.scalar(NOT_ENDED)) === '0';

test('a broker killed in the middle of orders and started again ends with each order once and equal books', {
  timeout: 240_000,
}, async () => {
  const { stack } = system;
  const seed = testSeed();
  const random = randomFrom(seed);
  const ids: string[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    ids.push(...(await placeOneEach()));
    await new Promise((wake) => setTimeout(wake, random() * 150));
    await stack.restartSimulator();
    await stack.until('every order to end', allEnded, 90_000);
    await stack.reconciled(60_000);
  }
  const { rows } = await stack.pool.query<{ id: string; status: string }>('SELECT id, status FROM orders ORDER BY id');
  expect(rows).toEqual([...ids].sort().map((id) => ({ id, status: 'FILLED' })));
  const atBroker = (await stack.brokerOrders()).map((each) => each.client_order_id).sort();
  expect(atBroker).toEqual([...ids].sort());
  expect(await brokerFills(system)).toHaveLength(ids.length);
  const books = await expectBooksEqual(system);
  figures('broker killed in the middle of orders', { seed, kills: ROUNDS, orders: ids.length, fills: books.fills });
});

test('a broker whose process stands still is halted against, and the halt is verified once it moves again', {
  timeout: 240_000,
}, async () => {
  const { stack } = system;
  const admin = await system.console();
  const prices = await system.restingPrices();
  const place = async (symbol: string) =>
    system.place({ signal_id: await system.signal({ symbol }), symbol, limit_price: prices.get(symbol) ?? '1' });
  const working = await Promise.all(SYMBOLS.map(place));
  expect(working.map(({ status }) => status)).toEqual(SYMBOLS.map(() => 201));
  const accepted = `SELECT count(*) FROM orders WHERE status = 'ACCEPTED'`;
  await stack.until('the orders to work', async () => (await system.scalar(accepted)) === String(SYMBOLS.length));
  stack.simulator.process.kill('SIGSTOP');
  const onTheirWay = await Promise.all(SYMBOLS.map(place));
  expect(onTheirWay.map(({ status }) => status)).toEqual(SYMBOLS.map(() => 201));
  const claimed = `SELECT count(*) FROM orders WHERE status = 'NEW' AND claimed_at IS NOT NULL`;
  await stack.until('sends on their way', async () => (await system.scalar(claimed)) === String(SYMBOLS.length));
  const startedMs = performance.now();
  const halted = await system.call('POST', '/v1/trading-state', { body: { action: 'halt', reason: 'drill' } });
  expect([200, 202]).toContain(halted.status);
  const halts = `SELECT acknowledged_at IS NOT NULL AND requested_at IS NOT NULL FROM halts`;
  await stack.until('the acknowledgement', async () => (await system.scalar(halts)) === 'true');
  const acknowledgedMs = performance.now() - startedMs;
  await stack.until('every send to be in doubt', async () => {
    return (await system.scalar(`SELECT count(*) FROM orders WHERE 'SUBMIT_UNCERTAIN' = ANY (flags)`)) !== '0';
  });
  expect(await system.scalar('SELECT verified_at FROM halts')).toBe('null');
  expect((await admin.trading.release.mutate({ reason: 'early', password: ADMIN.password })).ok).toBe(false);
  stack.simulator.process.kill('SIGCONT');
  const movesMs = performance.now();
  await stack.until(
    'the verification',
    async () => (await system.scalar('SELECT verified_at FROM halts')) !== 'null',
    60_000,
  );
  const verifiedMs = performance.now() - movesMs;
  expect(await stack.sim('GET', '/v2/orders?status=open')).toEqual([]);
  expect(await allEnded()).toBe(true);
  await expectBooksEqual(system);
  const atBroker = await stack.brokerOrders();
  expect(new Set(atBroker.map((each) => each.client_order_id)).size).toBe(atBroker.length);
  figures('broker standing still', {
    acknowledged_ms: Math.round(acknowledgedMs),
    verified_after_ms: Math.round(verifiedMs),
    at_broker: atBroker.length,
  });
});
