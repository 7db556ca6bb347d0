import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startWeb, type WebProcess } from '@/test-support/web';
import { figures } from './support/figures';
import { randomFrom, testSeed } from './support/random';
import { System } from './support/system';

const CLIENTS = 100;
const PAYLOADS = 50;
const PRICES_REST = { symbol: 'AAPL', side: 'BUY', qty: '1' } as const;

let system: System;

beforeAll(async () => {
  system = await System.start({ webs: 1 });
  await system.stack.worker();
  await system.stack.reconciled();
});

afterAll(async () => {
  await system.stop();
});

/** Places; a client whose connection breaks repeats the same request at the other process. */
async function persistently(key: string, signalId: string, webs: readonly WebProcess[], retries: { count: number }) {
  for (const web of [...webs, ...webs]) {
    try {
      return await system.place({ signal_id: signalId, ...PRICES_REST }, { key, web });
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      retries.count += 1;
    }
  }
  throw new Error('no web process answered');
}

/** 100 clients, one key, one payload; half of them at a second process, which is killed when `moment` has come. */
async function burst(moment: (key: string) => Promise<unknown>) {
  const [first, second] = [system.web(), await startWeb(system.stack.databaseUrl)];
  // The first request of a process loads the route: what is wanted is the burst.
  await system.call('POST', '/v1/orders', { web: second, body: {} });
  const signalId = await system.signal();
  const key = `burst ${randomUUID()}`;
  const retries = { count: 0 };
  const clients = Promise.all(
    Array.from({ length: CLIENTS }, (_, n) =>
      persistently(key, signalId, n % 2 === 0 ? [first, second] : [second, first], retries),
    ),
  );
  await moment(key);
  await second.end('SIGKILL');
  return { signalId, key, answers: await clients, retries: retries.count };
}

async function expectOneOrder({ signalId, key, answers }: Awaited<ReturnType<typeof burst>>): Promise<string> {
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([201]));
  expect(answers).toHaveLength(CLIENTS);
  expect(new Set(answers.map(({ text }) => text)).size).toBe(1);
  const { rows } = await system.stack.pool.query('SELECT id FROM orders WHERE signal_id = $1', [signalId]);
  const orderId = answers[0]?.body['order_id'];
  expect(rows).toEqual([{ id: orderId }]);
  expect(await system.scalar('SELECT count(*) FROM idempotency_keys WHERE key = $1', [key])).toBe('1');
  return String(orderId);
}

test('100 clients with one key get one order and one answer, though a web process is killed before anything is stored', async () => {
  // A connection of its own: those of the pools are ended when a transaction on them stands idle.
  const blocker = new pg.Client({ connectionString: system.stack.databaseUrl });
  await blocker.connect();
  let result: Awaited<ReturnType<typeof burst>>;
  try {
    // While the account is locked nothing can be placed: both processes are waiting when one dies.
    await blocker.query('BEGIN');
    await blocker.query('SELECT 1 FROM accounts FOR UPDATE');
    result = await burst(async () => {
      await system.stack.until('both processes to wait for the account', async () => {
        const waiting = `SELECT count(*) FROM pg_stat_activity
          WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE '%gate_commit%'`;
        return (await system.scalar(waiting)) === '2';
      });
      setTimeout(() => void blocker.query('ROLLBACK'), 200);
    });
  } finally {
    await blocker.end();
  }
  await expectOneOrder(result);
  expect(result.retries).toBe(CLIENTS / 2);
  figures('one key, killed before the commit', { clients: CLIENTS, orders: 1, bodies: 1, retried: result.retries });
});

test('100 clients with one key get one order and one answer, though a web process is killed as soon as it is stored', async () => {
  const result = await burst((key) =>
    system.stack.until('the order to be stored', async () => {
      return (await system.scalar('SELECT count(*) FROM idempotency_keys WHERE key = $1', [key])) === '1';
    }),
  );
  await expectOneOrder(result);
  figures('one key, killed after the commit', { clients: CLIENTS, orders: 1, bodies: 1, retried: result.retries });
});

test('100 clients with one key get one order and one answer, whenever a web process is killed', async () => {
  const seed = testSeed();
  const random = randomFrom(seed);
  const retried: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const delayMs = Math.round(random() * 800);
    const result = await burst(() => new Promise((wake) => setTimeout(wake, delayMs)));
    await expectOneOrder(result);
    retried.push(result.retries);
  }
  figures('one key, killed at random', {
    seed,
    bursts: 5,
    clients: 5 * CLIENTS,
    orders: 5,
    retried: retried.join('+'),
  });
});

test('each of those orders is at the broker once', async () => {
  const { rows } = await system.stack.pool.query<{ id: string }>('SELECT id FROM orders');
  expect(rows).toHaveLength(7);
  for (const { id } of rows)
    await system.stack.until(`the fill of ${id}`, async () => (await system.stack.status(id)) === 'FILLED', 60_000);
  const atBroker = (await system.stack.brokerOrders()).map((each) => each.client_order_id).sort();
  expect(atBroker).toEqual(rows.map(({ id }) => id).sort());
});

test('50 payloads under one key at two web processes: one is placed, 49 are refused', async () => {
  const second = await startWeb(system.stack.databaseUrl);
  try {
    const signalId = await system.signal();
    const key = `payloads ${randomUUID()}`;
    const prices = await system.restingPrices();
    const rest = Number(prices.get('AAPL'));
    const answers = await Promise.all(
      Array.from({ length: PAYLOADS }, (_, n) => {
        const limit_price = (rest - n / 100).toFixed(2);
        return system.place({ signal_id: signalId, limit_price }, { key, web: n % 2 === 0 ? system.web() : second });
      }),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    const refused = answers.filter(({ status }) => status === 409);
    expect(refused).toHaveLength(PAYLOADS - 1);
    expect(new Set(refused.map(({ body }) => body['code']))).toEqual(new Set(['IDEMPOTENCY_KEY_REUSED']));
    expect(await system.scalar('SELECT count(*) FROM orders WHERE signal_id = $1', [signalId])).toBe('1');
    figures('one key, many payloads', { payloads: PAYLOADS, placed: 1, refused: refused.length });
  } finally {
    await second.end('SIGKILL');
  }
});
