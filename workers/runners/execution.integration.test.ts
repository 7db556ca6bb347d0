import { afterEach, beforeEach, expect, test } from 'vitest';
import { bothSides, Stack } from '../testing/stack';

let stack: Stack;

beforeEach(async () => {
  stack = await Stack.start({ SIMULATOR_FEE_PER_SHARE: '0.005' });
});

afterEach(async () => {
  await stack.stop();
});

const filled = (orderId: string) => async () => (await stack.status(orderId)) === 'FILLED';

async function expectAgreement(): Promise<void> {
  await stack.until('both sides to agree', async () => {
    const { ours, theirs } = await bothSides(stack);
    return JSON.stringify(ours) === JSON.stringify(theirs);
  });
  const { ours, theirs } = await bothSides(stack);
  expect(ours).toEqual(theirs);
  expect((await stack.pool.query('SELECT cause FROM breaks WHERE resolved_at IS NULL')).rows).toEqual([]);
}

test('a signal of the strategy becomes an order, the broker fills it and the books agree', {
  timeout: 180_000,
}, async () => {
  await stack.worker({ STRATEGIES: 'fake' });
  const count = async (where: string) => (await stack.pool.query(`SELECT 1 FROM ${where}`)).rowCount ?? 0;
  await stack.until('a fill and an approval', async () => {
    return (
      (await count(`orders WHERE status = 'FILLED'`)) > 0 && (await count(`approvals WHERE status = 'PENDING'`)) > 0
    );
  });
  const { rows } = await stack.pool.query<{ id: string; signal_id: string }>(
    `SELECT id, signal_id FROM orders WHERE status = 'FILLED' LIMIT 1`,
  );
  const [order] = rows;
  expect(await stack.topics(order?.signal_id ?? '')).toContain('signal.candidate.created');
  const topics = await stack.topics(order?.id ?? '');
  expect(topics).toEqual(
    expect.arrayContaining(['order.created', 'order.submitted', 'order.accepted', 'order.filled']),
  );
  await expectAgreement();
});

test("the broker's refusal rejects the order with its words", async () => {
  await stack.worker();
  await stack.reconciled();
  await stack.sim('PATCH', '/v2/account/configurations', { suspend_trade: true });
  const { orderId } = await stack.place();
  await stack.until('the rejection', async () => (await stack.status(orderId)) === 'REJECTED');
  const { rows } = await stack.pool.query('SELECT reject_reason FROM orders WHERE id = $1', [orderId]);
  expect(rows[0]).toEqual({ reject_reason: expect.stringContaining('trading is suspended') });
  expect(await stack.topics(orderId)).toContain('order.rejected');
  expect(await stack.brokerOrders()).toEqual([]);
});

test('an order on stale data is rejected and nothing reaches the broker', async () => {
  await stack.stop();
  stack = await Stack.start({ SIMULATOR_QUOTE_MS: '86400000' });
  await stack.worker();
  await stack.reconciled();
  await stack.sim('POST', '/sim/v1/control', { advance_ms: 60_000 });
  await stack.reconciled();
  const answer = await stack.place();
  expect(answer.kind).toBe('REJECTED');
  expect(answer.code).toBe('DATA_STALE');
  expect(await stack.brokerOrders()).toEqual([]);
});

test('a dropped reply after the broker accepted leaves one order there, found again by its id', async () => {
  await stack.worker();
  await stack.reconciled();
  await stack.sim('PUT', '/sim/v1/faults', { drop_reply_after_accept: 1, stream: { drop: 1 } });
  const { orderId } = await stack.place();
  await stack.until('the fill', filled(orderId));
  expect((await stack.brokerOrders()).map((each) => each.client_order_id)).toEqual([orderId]);
  await expectAgreement();
});

test('a send that hangs and takes effect too late is not repeated into a second order', {
  timeout: 180_000,
}, async () => {
  await stack.worker();
  await stack.reconciled();
  await stack.sim('PUT', '/sim/v1/faults', { hang_ms: 4_500, hang_effect: 'late', only: ['^POST /v2/orders'] });
  const { orderId } = await stack.place();
  await stack.until('the doubt', async () => (await stack.timeline(orderId)).includes('submit_uncertain'));
  await stack.sim('DELETE', '/sim/v1/faults');
  await stack.until('the fill', filled(orderId), 30_000);
  expect((await stack.brokerOrders()).map((each) => each.client_order_id)).toEqual([orderId]);
  await expectAgreement();
});

test.each(['before-send', 'after-send'])(
  'a worker killed at %s leaves one order at the broker',
  { timeout: 180_000 },
  async (point) => {
    const first = await stack.worker({ COUNTERSIGN_FAILPOINTS: point });
    await stack.reconciled();
    const placed = await Promise.all(['AAPL', 'MSFT', 'NVDA'].map((symbol) => stack.place({ symbol })));
    // Why not, where one is refused.
    expect(placed.map(({ kind, codes }) => [kind, ...codes])).toEqual([['PLACED'], ['PLACED'], ['PLACED']]);
    expect(await first.ended).toBeNull();
    await stack.worker();
    for (const { orderId } of placed) await stack.until(`the end of ${orderId}`, filled(orderId), 40_000);
    const ids = (await stack.brokerOrders()).map((each) => each.client_order_id).sort();
    expect(ids).toEqual(placed.map((each) => each.orderId).sort());
    await expectAgreement();
  },
);

test('a cancel of a working order ends it here and at the broker', async () => {
  await stack.worker();
  await stack.reconciled();
  const { rows } = await stack.pool.query<{ price: string }>(
    `SELECT trim_scale(round(bid * 0.995, 2))::text AS price FROM quotes WHERE symbol = 'AAPL'`,
  );
  const { orderId, kind } = await stack.place({ limitPrice: rows[0]?.price ?? '1' });
  expect(kind).toBe('PLACED');
  await stack.until('the acceptance', async () => (await stack.status(orderId)) === 'ACCEPTED');
  await stack.commands.cancelOrder(
    { kind: 'user', principalId: '00000000-0000-7000-8000-000000000001', name: 'op', correlationId: 'c' },
    orderId,
    'test',
  );
  await stack.until('the cancel', async () => (await stack.status(orderId)) === 'CANCELLED');
  expect(await stack.timeline(orderId)).toEqual(
    expect.arrayContaining(['cancel_requested', 'cancel_sent', 'cancelled']),
  );
  expect((await stack.brokerOrders()).map((each) => each.status)).toEqual(['canceled']);
});
