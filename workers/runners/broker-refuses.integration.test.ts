import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { BadBroker } from '../testing/bad-broker';

/** A broker that refuses: a clear state for people, and no order in doubt once it lets us in again. */
let bad: BadBroker;

beforeAll(async () => {
  bad = await BadBroker.start();
}, 180_000);

afterEach(() => bad.mend());

afterAll(() => bad.stack.stop());

test('wrong keys at the start: the state says which settings to check; with the right ones all is well', {
  timeout: 180_000,
}, async () => {
  const worker = await bad.stack.worker({ BROKER_SECRET_KEY: 'wrong' });
  const { detail } = await bad.says(
    'KEYS_REFUSED',
    'check BROKER_KEY_ID and BROKER_SECRET_KEY, then restart the worker',
  );
  expect(detail).toContain('the broker refuses the keys');
  expect((await bad.stack.place()).kind).toBe('REJECTED');
  expect(worker.output()).not.toContain('wrong');
  await worker.end('SIGTERM');
  await bad.stack.worker();
  await bad.stack.reconciled();
  await bad.allWell();
});

test('revoked keys: orders wait and are sent when the keys are good again', { timeout: 180_000 }, async () => {
  await bad.fault({ revoke_keys: true });
  const id = await bad.place('AAPL');
  await bad.says('KEYS_REFUSED', 'the broker refuses the keys');
  expect(await bad.stack.status(id)).toBe('NEW');
  expect(await bad.stack.brokerOrders()).toMatchObject({ code: 40110000 });
  await bad.mend();
  await bad.settled(id, 'FILLED');
  await bad.allWell();
});

test('an account that is blocked: the gate closes, nothing is lost', { timeout: 180_000 }, async () => {
  await bad.fault({ block_account: 'trading_blocked' });
  const id = await bad.place('MSFT');
  await bad.settled(id, 'REJECTED');
  expect(await bad.reason(id)).toContain('the account is restricted (trading_blocked)');
  await bad.says('ACCOUNT_BLOCKED', 'lift it at the broker');
  await bad.stack.until(
    'the gate to close',
    async () => (await bad.stack.place({ symbol: 'MSFT' })).code === 'PORTFOLIO_STALE',
    30_000,
  );
  await bad.mend();
  await bad.allWell();
  await bad.settled(await bad.place('MSFT'), 'FILLED');
});

test.each([
  [403, { code: 40310000, message: 'insufficient day trading buying power' }],
  [422, { code: 42210000, message: 'asset AMZN cannot be sold short' }],
])(
  'a %i to an order: refused with the broker’s words, and the broker is well',
  {
    timeout: 180_000,
  },
  async (status, body) => {
    await bad.fault({ answer: { status, body }, only: ['^POST /v2/orders'] });
    const id = await bad.place('AMZN');
    await bad.settled(id, 'REJECTED');
    expect(await bad.reason(id)).toBe(`${body.code}: ${body.message}`);
    expect((await bad.health())?.state).toBe('OK');
    await bad.mend();
    await bad.allWell();
  },
);

test('a 403 to a query: which page is forbidden is said', { timeout: 180_000 }, async () => {
  const answer = { status: 403, body: { code: 40310000, message: 'access to positions is not permitted' } };
  await bad.fault({ answer, only: ['^GET /v2/positions'] });
  await bad.says('FORBIDDEN', 'GET /v2/positions (access to positions is not permitted)');
  await bad.mend();
  await bad.allWell();
});
