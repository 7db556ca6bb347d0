import { afterEach, beforeEach, expect, test } from 'vitest';
import { Stack, TESTER } from '../testing/stack';

let stack: Stack;

beforeEach(async () => {
  stack = await Stack.start();
  await stack.worker();
  await stack.reconciled();
});

afterEach(async () => {
  await stack.stop();
});

/** Limit orders that rest: bids half a percent under the market. */
async function rest(count: number): Promise<string[]> {
  const { rows } = await stack.pool.query<{ symbol: string; price: string }>(
    `SELECT symbol, trim_scale(round(bid * 0.995, 2))::text AS price FROM quotes ORDER BY symbol`,
  );
  const placed = await Promise.all(
    Array.from({ length: count }, (_, n) => {
      const { symbol = 'AAPL', price = '1' } = rows[n % rows.length] ?? {};
      return stack.place({ symbol, limitPrice: price });
    }),
  );
  expect(placed.map((each) => each.kind)).toEqual(placed.map(() => 'PLACED'));
  return placed.map((each) => each.orderId);
}

const accepted = async (ids: string[]) => {
  const found = await stack.pool.query(`SELECT 1 FROM orders WHERE id = ANY ($1::uuid[]) AND status = 'ACCEPTED'`, [
    ids,
  ]);
  return found.rowCount === ids.length;
};

const verified = async () => (await stack.commands.tradingState()).halt?.verifiedAt != null;

test('a halt cancels what works and is verified only when nothing does, here and at the broker', {
  timeout: 180_000,
}, async () => {
  const ids = await rest(6);
  await stack.until('the orders to work', () => accepted(ids));
  const halted = await stack.commands.halt(TESTER, 'test');
  expect(halted.ok && halted.view.halt?.acknowledgedAt).toBeTruthy();
  await stack.until('the verification', verified);
  const { rows } = await stack.pool.query(
    `SELECT h.verified_at - h.acknowledged_at < interval '4 seconds' AS at_once, h.ended_holders, h.progress FROM halts h`,
  );
  const progress = { working: 0, uncertain: 0, cancelled: 6, filled: 0, at_broker: 0, stuck: [] };
  // It waits for no reconciliation, which comes every 5 s.
  expect(rows).toEqual([{ at_once: true, ended_holders: 0, progress: expect.objectContaining(progress) }]);
  // H-2: everything is cancelled at once, and again after 1, 2 and 4 s where the answers take so long.
  expect(rows[0]?.progress.cancel_all).toBeGreaterThanOrEqual(1);
  expect(rows[0]?.progress.cancel_all).toBeLessThanOrEqual(4);
  expect(new Set((await stack.brokerOrders()).map((each) => each.status))).toEqual(new Set(['canceled']));
  expect((await stack.place()).kind).toBe('REJECTED');
});

test('while the broker hangs a halt is acknowledged but not verified; it is when the broker answers again', {
  timeout: 180_000,
}, async () => {
  const ids = await rest(3);
  await stack.until('the orders to work', () => accepted(ids));
  await stack.sim('PUT', '/sim/v1/faults', { hang_ms: 8_000, hang_effect: 'late', only: [' /v2/'] });
  const uncertain = await stack.place({ symbol: 'SPY' });
  expect(uncertain.kind).toBe('PLACED');
  await stack.until('the claim', async () => (await stack.timeline(uncertain.orderId)).includes('claimed'));
  const halted = await stack.commands.halt(TESTER, 'test');
  expect(halted.ok && halted.view.halt?.acknowledgedAt).toBeTruthy();
  await stack.until('a round that failed', async () => {
    const progress = (await stack.commands.tradingState()).halt?.progress;
    return typeof progress?.['lastError'] === 'string';
  });
  expect(await verified()).toBe(false);
  await stack.sim('DELETE', '/sim/v1/faults');
  await stack.until('the verification', verified, 45_000);
  const open = (await stack.brokerOrders()).filter((each) => !['canceled', 'filled'].includes(each.status));
  expect(open).toEqual([]);
  const live = await stack.pool.query(`SELECT id FROM orders WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')`);
  expect(live.rows).toEqual([]);
});

test('a halt whose process died before the acknowledgement is finished by the worker', {
  timeout: 180_000,
}, async () => {
  const ids = await rest(2);
  await stack.until('the orders to work', () => accepted(ids));
  await stack.pool.query(`SELECT halt_request(gen_random_uuid(), gen_random_uuid(), 'somebody', 'died at once')`);
  await stack.until('the verification', verified);
  const audited = await stack.pool.query(`SELECT action FROM audit_log WHERE action LIKE 'trading.halt%' ORDER BY id`);
  expect(audited.rows.map(({ action }) => action)).toEqual(['trading.halt', 'trading.halt.verified']);
});

test('a cancel that the broker refuses is reported in its words and repeated: halting until it is taken', {
  timeout: 180_000,
}, async () => {
  const ids = await rest(3);
  await stack.until('the orders to work', () => accepted(ids));
  // The first cancel of everything, and two of its repetitions.
  await stack.sim('PUT', '/sim/v1/faults', { refuse_cancels: 9 });
  await stack.commands.halt(TESTER, 'test');
  // One reading: by the next one the broker may have taken the cancels.
  let stuckHalt: Awaited<ReturnType<typeof stack.commands.tradingState>>['halt'] = null;
  await stack.until('orders that cannot be cancelled yet', async () => {
    stuckHalt = (await stack.commands.tradingState()).halt;
    const stuck = stuckHalt?.progress['stuck'];
    return Array.isArray(stuck) && stuck.length === 3;
  });
  const why = 'order is not cancelable';
  expect(stuckHalt).toMatchObject({
    verifiedAt: null,
    progress: { stuck: expect.arrayContaining(ids.map((id) => expect.objectContaining({ order_id: id, why }))) },
  });
  await stack.until('the verification', verified, 30_000);
  const { progress } = (await stack.commands.tradingState()).halt ?? {};
  expect(progress).toMatchObject({ cancelled: 3, stuck: [], cancel_all: 4 });
  const { rows } = await stack.pool.query('SELECT min(cancel_attempts) AS least, min(cancel_fault) AS why FROM orders');
  expect(rows).toEqual([{ least: 4, why: 'order is not cancelable' }]);
  const timeline = await stack.timeline(ids[0] ?? '');
  expect(timeline.filter((type) => type === 'cancel_sent')).toHaveLength(4);
  expect(timeline).toContain('cancel_refused');
});

test('a person’s cancel that is refused leaves the broker’s words with the order, and it can be asked for again', {
  timeout: 180_000,
}, async () => {
  const [id = ''] = await rest(1);
  await stack.until('the order to work', () => accepted([id]));
  await stack.sim('PUT', '/sim/v1/faults', { refuse_cancels: 1 });
  await stack.commands.cancelOrder(TESTER, id, 'not wanted');
  const fault = async () =>
    (await stack.pool.query('SELECT cancel_fault, cancel_requested FROM orders WHERE id = $1', [id])).rows[0];
  await stack.until('the refusal', async () => (await fault())?.cancel_fault !== null);
  await stack.until('the answer', async () => (await fault())?.cancel_requested === false);
  expect(await fault()).toEqual({ cancel_fault: 'order is not cancelable', cancel_requested: false });
  await stack.commands.cancelOrder(TESTER, id, 'not wanted at all');
  await stack.until('the cancel', async () => (await stack.status(id)) === 'CANCELLED');
});
