import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { Stack } from '../testing/stack';

/** What a broker that behaves badly does to us: a clear state for people, and no order in doubt once it behaves again. */
let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start();
}, 60_000);

afterAll(async () => {
  await stack.stop();
});

interface Health {
  readonly state: string;
  readonly detail: string;
  readonly breaker: string;
  readonly stream: string;
}

async function health(): Promise<Health | undefined> {
  const { rows } = await stack.pool.query<{ health: Health }>(
    `SELECT info->'brokerHealth' AS health FROM worker_heartbeats WHERE beat_at > now() - interval '5 seconds' AND info ? 'brokerHealth' ORDER BY beat_at DESC`,
  );
  return rows[0]?.health;
}

const alert = async (): Promise<string | undefined> =>
  (
    await stack.pool.query<{ message: string }>(
      `SELECT message FROM alerts WHERE kind = 'BROKER' AND resolved_at IS NULL`,
    )
  ).rows[0]?.message;

/** Heartbeat and alert say the same. @returns the heartbeat's word */
async function says(state: string, text: string): Promise<Health> {
  let seen: Health | undefined;
  let told: string | undefined;
  await stack.until(
    `the broker to be ${state} with "${text}"`,
    async () => {
      [seen, told] = [await health(), await alert()];
      return seen?.state === state && seen.detail.includes(text) && told?.includes(text) === true;
    },
    30_000,
  );
  if (seen === undefined) throw new Error('no heartbeat');
  expect(JSON.stringify([seen, told])).not.toContain('test-secret');
  return seen;
}

const fault = (switches: object) => stack.sim('PUT', '/sim/v1/faults', switches);
const mend = () => stack.sim('DELETE', '/sim/v1/faults');

/** All well: the state is OK, no alert is open, nothing is in doubt, and orders here and there are one to one. */
async function allWell(): Promise<void> {
  await stack.until('the broker to be well', async () => (await health())?.state === 'OK', 45_000);
  await stack.until('the alert to close', async () => (await alert()) === undefined);
  await stack.until(
    'no order in doubt',
    async () => {
      const { rowCount } = await stack.pool.query(
        `SELECT 1 FROM orders WHERE status = 'NEW' OR 'SUBMIT_UNCERTAIN' = ANY (flags)`,
      );
      return rowCount === 0;
    },
    45_000,
  );
  const { rows } = await stack.pool.query<{ id: string }>(
    'SELECT id FROM orders WHERE external_order_id IS NOT NULL ORDER BY id',
  );
  const theirs = (await stack.brokerOrders()).map((order) => order.client_order_id).sort();
  expect(theirs).toEqual(rows.map(({ id }) => id).sort());
  await stack.reconciled(30_000);
}

async function place(symbol: string): Promise<string> {
  const { orderId, statusCode, body } = await stack.place({ symbol });
  expect(`${statusCode} ${statusCode === 201 ? '' : body}`).toBe('201 ');
  return orderId;
}

const settled = (id: string, ...statuses: string[]) =>
  stack.until(`${id} to be ${statuses.join(' or ')}`, async () => statuses.includes(await stack.status(id)), 45_000);

const reason = async (id: string) =>
  (await stack.pool.query<{ reject_reason: string | null }>('SELECT reject_reason FROM orders WHERE id = $1', [id]))
    .rows[0]?.reject_reason;

test('wrong keys at the start: the state says which settings to check; with the right ones all is well', {
  timeout: 90_000,
}, async () => {
  const worker = await stack.worker({ BROKER_SECRET_KEY: 'wrong' });
  const { detail } = await says('KEYS_REFUSED', 'check BROKER_KEY_ID and BROKER_SECRET_KEY, then restart the worker');
  expect(detail).toContain('the broker refuses the keys');
  expect((await stack.place()).statusCode).toBe(422);
  expect(worker.output()).not.toContain('wrong');
  await worker.end('SIGTERM');
  await stack.worker();
  await stack.reconciled();
  await allWell();
});

describe('while it runs', () => {
  afterEach(mend);

  test('revoked keys: orders wait and are sent when the keys are good again', { timeout: 120_000 }, async () => {
    await fault({ revoke_keys: true });
    const id = await place('AAPL');
    await says('KEYS_REFUSED', 'the broker refuses the keys');
    expect(await stack.status(id)).toBe('NEW');
    expect(await stack.brokerOrders()).toMatchObject({ code: 40110000 });
    await mend();
    await settled(id, 'FILLED');
    await allWell();
  });

  test('an account that is blocked: the gate closes, nothing is lost', { timeout: 120_000 }, async () => {
    await fault({ block_account: 'trading_blocked' });
    const id = await place('MSFT');
    await settled(id, 'REJECTED');
    expect(await reason(id)).toContain('the account is restricted (trading_blocked)');
    await says('ACCOUNT_BLOCKED', 'lift it at the broker');
    await stack.until(
      'the gate to close',
      async () => JSON.parse((await stack.place({ symbol: 'MSFT' })).body).code === 'PORTFOLIO_STALE',
      30_000,
    );
    await mend();
    await allWell();
    await settled(await place('MSFT'), 'FILLED');
  });

  test.each([
    [403, { code: 40310000, message: 'insufficient day trading buying power' }],
    [422, { code: 42210000, message: 'asset AMZN cannot be sold short' }],
  ])(
    'a %i to an order: refused with the broker’s words, and the broker is well',
    {
      timeout: 90_000,
    },
    async (status, body) => {
      await fault({ answer: { status, body }, only: ['^POST /v2/orders'] });
      const id = await place('AMZN');
      await settled(id, 'REJECTED');
      expect(await reason(id)).toBe(`${body.code}: ${body.message}`);
      expect((await health())?.state).toBe('OK');
      await mend();
      await allWell();
    },
  );

  test('a 403 to a query: which page is forbidden is said', { timeout: 90_000 }, async () => {
    const answer = { status: 403, body: { code: 40310000, message: 'access to positions is not permitted' } };
    await fault({ answer, only: ['^GET /v2/positions'] });
    await says('FORBIDDEN', 'GET /v2/positions (access to positions is not permitted)');
    await mend();
    await allWell();
  });

  test.each([
    ['HTML with 200', { answer: 'html' }, 'UNREADABLE', 'an HTML page'],
    ['HTML with 502', { answer: { status: 502 } }, 'UNREACHABLE', 'answers 502 (an HTML page)'],
    ['JSON cut in half', { answer: 'cut_json', answer_effect: 'accept' }, 'UNREADABLE', 'the answer is not JSON'],
    ['a body that breaks off', { answer: 'truncated', answer_effect: 'accept' }, 'UNREACHABLE', 'does not answer'],
    ['no answer at all', { hang_ms: 60_000, hang_effect: 'accept' }, 'UNREACHABLE', 'no answer within'],
    [
      '429',
      { answer: { status: 429, body: { message: 'too many requests.' } } },
      'RATE_LIMITED',
      'limits our requests',
    ],
  ])(
    '%s: said, and the order in doubt is found or sent once',
    { timeout: 120_000 },
    async (_name, switches, state, text) => {
      await fault(switches);
      const id = await place('NVDA');
      await says(state, text);
      await mend();
      await settled(id, 'FILLED', 'CANCELLED');
      await allWell();
    },
  );

  test('a broker that does not answer is asked less and less, and is found again', { timeout: 120_000 }, async () => {
    await fault({ hang_ms: 60_000 });
    await says('UNREACHABLE', 'no answer within');
    await stack.until('the breaker to open', async () => (await health())?.breaker !== 'CLOSED', 40_000);
    await mend();
    await allWell();
    expect((await health())?.breaker).toBe('CLOSED');
  });

  test('a stream that dies without closing is noticed within 20 s and connected again', {
    timeout: 120_000,
  }, async () => {
    await fault({ silence_stream: 'dead' });
    const sinceMs = performance.now();
    await stack.until('the loss', async () => (await health())?.stream === 'DISCONNECTED', 22_000);
    expect(performance.now() - sinceMs).toBeLessThan(20_000);
    const id = await place('SPY');
    await says('SILENT_STREAM', 'the stream of trade updates is away');
    await settled(id, 'FILLED');
    await mend();
    await allWell();
    expect((await health())?.stream).toBe('CONNECTED');
  });

  test('a stream that answers pings and tells nothing is noticed by the first order', {
    timeout: 120_000,
  }, async () => {
    await fault({ silence_stream: 'pong' });
    const id = await place('SPY');
    await says('SILENT_STREAM', 'is connected but tells nothing');
    await settled(id, 'FILLED');
    await mend();
    await settled(await place('SPY'), 'FILLED');
    await allWell();
  });
});
