import { afterAll, beforeAll, expect, test } from 'vitest';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { factsOf } from '@/test-support/placements';
import { type PlaceOptions, Stack, TESTER } from '../testing/stack';

let stack: Stack;

beforeAll(async () => {
  stack = await Stack.start();
  await stack.worker();
  await stack.sim('POST', '/sim/v1/control', { quote: { symbol: 'AAPL', bid: '249.98', ask: '250.00' } });
  await stack.reconciled();
  await stack.until(
    'the price and the asset',
    async () =>
      (
        await stack.pool.query(
          `SELECT 1 FROM quotes q, assets a WHERE q.symbol = 'AAPL' AND q.ask = 250 AND a.symbol = 'AAPL' AND a.fractionable`,
        )
      ).rowCount === 1,
  );
}, 180_000);

afterAll(async () => {
  await stack.stop();
});

const setStage = (stage: string) => stack.pool.query('UPDATE settings SET stage = $1, version = version + 1', [stage]);

const place = (options: PlaceOptions) => stack.place(options);

/** The size that a strategy's signal becomes; '0' when that is less than can be ordered. */
async function sized(): Promise<string> {
  expect((await place({ qty: '9999' })).kind).toBe('REJECTED');
  const { rows } = await stack.pool.query<{ id: string }>(
    `INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, principal_id, created_at, expires_at)
     VALUES (gen_random_uuid(), 'STRATEGY', 'sizing', 'AAPL', 'BUY', 0.8, 0.01, $1, now(), now() + interval '10 minutes') RETURNING id`,
    [SYSTEM_PRINCIPAL_ID],
  );
  const signal = { signalId: rows[0]?.id ?? '', symbol: 'AAPL', action: 'BUY' } as const;
  const placement = factsOf(await stack.commands.placeSignal(TESTER, signal));
  if (placement.kind === 'NO_SHARES') return '0';
  expect(placement.kind).toBe('REVIEW');
  const approvals = await stack.pool.query<{ qty: string }>(
    'SELECT trim_scale(qty)::text AS qty FROM approvals WHERE id = $1',
    [placement.approvalId],
  );
  return approvals.rows[0]?.qty ?? '';
}

test('M2: every opening trade waits for a person, and no order is worth more than $100 within the collar', {
  timeout: 180_000,
}, async () => {
  await setStage('M2_SANDBOX');
  expect(await place({ qty: '0.396' })).toMatchObject({ kind: 'REVIEW', codes: ['STAGE_MANUAL_APPROVAL'] });
  const { rows } = await stack.pool.query(`SELECT trim_scale(qty)::text AS qty, status FROM approvals`);
  expect(rows).toEqual([{ qty: '0.396', status: 'PENDING' }]);
  const above = await place({ qty: '0.3961' });
  expect(above.kind).toBe('REJECTED');
  expect(above.codes).toContain('SIZE_EXCEEDED');
  expect((await place({ qty: '1' })).codes).toContain('SIZE_EXCEEDED');
  expect((await place({ qty: '0.12345' })).codes).toContain('ORDER_QUANTITY_LIMIT');
  // P-10: 100 ÷ 1.01 ÷ 250, four decimals down, so that a price within the collar keeps it within $100.
  expect(await sized()).toBe('0.396');
  await stack.sim('POST', '/sim/v1/control', { quote: { symbol: 'AAPL', bid: '299.98', ask: '300.00' } });
  await stack.until(
    'the new price',
    async () => (await stack.pool.query(`SELECT 1 FROM quotes WHERE symbol = 'AAPL' AND ask = 300`)).rowCount === 1,
  );
  expect(await sized()).toBe('0.33');
  expect(await stack.brokerOrders()).toEqual([]);
});

test('M2: whole shares where the broker takes no fractions, and in limit orders', { timeout: 180_000 }, async () => {
  expect((await place({ qty: '0.3', limitPrice: '300' })).codes).toContain('ORDER_QUANTITY_LIMIT');
  await stack.pool.query(`UPDATE assets SET fractionable = false WHERE symbol = 'AAPL'`);
  expect((await place({ qty: '0.3' })).codes).toContain('ORDER_QUANTITY_LIMIT');
  expect(await sized()).toBe('0');
  await stack.pool.query(`DELETE FROM assets WHERE symbol = 'AAPL'`);
  expect((await place({ qty: '0.3' })).codes).toContain('ORDER_QUANTITY_LIMIT');
  await stack.pool.query(`INSERT INTO assets VALUES ('AAPL', true, true, now())`);
  expect((await place({ qty: '0.3' })).kind).toBe('REVIEW');
});

test('fractions are for the small stages alone', { timeout: 180_000 }, async () => {
  await setStage('M0_LOCAL');
  expect((await place({ qty: '0.4' })).codes).toContain('ORDER_QUANTITY_LIMIT');
});

test('an order that waits while the stage changes to one that forbids the venue is never sent', {
  timeout: 180_000,
}, async () => {
  await setStage('M0_LOCAL');
  await stack.sim('PUT', '/sim/v1/faults', { revoke_keys: true });
  const { orderId, kind } = await stack.place({ symbol: 'MSFT' });
  expect(kind).toBe('PLACED');
  await setStage('M3_LIVE_SMALL');
  await stack.until('its end', async () => (await stack.status(orderId)) === 'CANCELLED');
  await stack.sim('DELETE', '/sim/v1/faults');
  const { rows } = await stack.pool.query('SELECT reject_reason FROM orders WHERE id = $1', [orderId]);
  expect(rows).toEqual([
    { reject_reason: 'stage M3_LIVE_SMALL allows LIVE, but BROKER_URL leads to SIM: change BROKER_URL or the stage' },
  ]);
  expect(await stack.brokerOrders()).toEqual([]);
});

test.each(['M0_LOCAL', 'M1_PAPER', 'M2_SANDBOX'])(
  'in stage %s a worker does not start at the live venue',
  {
    timeout: 180_000,
  },
  async (stage) => {
    await setStage(stage);
    const worker = await stack.worker({ BROKER_URL: 'https://api.alpaca.markets' });
    expect(await worker.ended).toBe(2);
    expect(worker.output()).toMatch(new RegExp(`stage ${stage} allows .*, but BROKER_URL leads to LIVE`));
  },
);
