import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Placement } from '@/server/application/placing/placement';
import type { OrderRequest } from '@/server/contracts/order';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { factsOf } from '@/test-support/placements';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';

let fixture: TradingFixture;

beforeAll(async () => {
  fixture = await createTradingFixture();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.refresh());

async function count(sql: string, ...values: unknown[]): Promise<number> {
  const { rows } = await fixture.pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${sql}`, values);
  return Number(rows[0]?.n);
}

const codesOf = (placement: Placement) => factsOf(placement).codes;

describe('the first use of a key', () => {
  test('stores order, evaluation, event and outbox in one go and answers 201', async () => {
    const signalId = await fixture.signal();
    const answer = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId));
    expect(answer).toMatchObject({ kind: 'PLACED', replayed: false });
    const { orderId, reply } = factsOf(answer);
    expect(JSON.parse(reply)).toMatchObject({ order_id: orderId, status: 'NEW' });
    expect(await count('orders WHERE id = $1 AND status = $2 AND evaluation_id IS NOT NULL', orderId, 'NEW')).toBe(1);
    expect(await count('execution_events WHERE order_id = $1', orderId)).toBe(1);
    expect(await count('outbox WHERE subject = $1', orderId)).toBe(1);
    expect(await count('signals WHERE id = $1 AND consumed_by = $2', signalId, orderId)).toBe(1);
  });

  test('a review opens an approval that holds the exact order and answers 202', async () => {
    const signalId = await fixture.signal({ confidence: 0.5 });
    const answer = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId, { qty: '3' }));
    expect(answer.kind).toBe('REVIEW');
    const { approvalId } = factsOf(answer);
    expect(await count('approvals WHERE id = $1 AND qty = 3 AND status = $2', approvalId, 'PENDING')).toBe(1);
    expect(await count('orders WHERE signal_id = $1', signalId)).toBe(0);
  });

  test('a rejection is stored, names its rules, and leaves the signal free', async () => {
    await fixture.refresh({ marketOpen: false });
    const signalId = await fixture.signal();
    const key = randomUUID();
    const answer = await fixture.commands.placeOrder(ACTOR, key, orderFor(signalId));
    expect(answer.kind).toBe('REJECTED');
    expect(factsOf(answer).code).toBe('MARKET_CLOSED');
    expect(await count('signals WHERE id = $1 AND consumed_by IS NULL', signalId)).toBe(1);
    await fixture.refresh();
    const again = await fixture.commands.placeOrder(ACTOR, key, orderFor(signalId));
    expect(again).toEqual({ ...answer, replayed: true });
  });
});

describe('what the server knows decides, not what the caller says', () => {
  test.each([
    ['stale data', { quoteAgeSeconds: 31 }, 'DATA_STALE'],
    ['a stale portfolio', { portfolioAgeSeconds: 16 }, 'PORTFOLIO_STALE'],
  ])('%s rejects', async (_, state, expected) => {
    await fixture.refresh(state);
    const answer = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(await fixture.signal()));
    expect(answer.kind).toBe('REJECTED');
    expect(codesOf(answer)).toContain(expected);
  });

  const refused: [string, Partial<OrderRequest>, string][] = [
    ['more than the approved size', { qty: '11' }, 'SIZE_EXCEEDED'],
    ['selling what is not held', { side: 'SELL' }, 'SHORT_NOT_ALLOWED'],
    ['a limit far through the market', { order_type: 'LIMIT', limit_price: '102' }, 'PRICE_COLLAR'],
  ];
  test.each(refused)('%s rejects', async (_, order, expected) => {
    const signalId = await fixture.signal({ action: order.side ?? 'BUY' });
    const answer = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId, order));
    expect(answer.kind).toBe('REJECTED');
    expect(codesOf(answer)).toContain(expected);
  });

  test('an unknown, an expired and a consumed signal reject', async () => {
    const unknown = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(randomUUID()));
    expect(codesOf(unknown)).toContain('UNKNOWN_SIGNAL');
    const expired = await fixture.signal({ expiresInMs: -1 });
    expect(codesOf(await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(expired)))).toContain(
      'SIGNAL_EXPIRED',
    );
    const used = await fixture.signal();
    await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(used));
    expect(codesOf(await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(used)))).toContain(
      'SIGNAL_CONSUMED',
    );
  });
});

describe('protective stops', () => {
  const stored = async (table: 'orders' | 'approvals', id: string) =>
    (
      await fixture.pool.query(
        `SELECT trim_scale(qty)::text AS qty, trim_scale(protective_stop_price)::text AS stop FROM ${table} WHERE id = $1`,
        [id],
      )
    ).rows[0];

  test('P-9: an order with a stop is sized by the distance to it, and keeps its price', async () => {
    const wide = { qty: '19', stop_loss: { distance_pct: '0.02' } };
    const signalId = await fixture.signal({ sizePct: 0.02 });
    const placed = factsOf(await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId, wide)));
    expect(placed.kind).toBe('PLACED');
    const order = await stored('orders', placed.orderId);
    // 2% below the ask of 100.01, rounded toward the entry.
    expect(order).toEqual({ qty: '19', stop: '98.01' });
    expect(JSON.parse(placed.reply)).toMatchObject({ protective_stop_price: '98.01' });
    const without = await fixture.signal({ sizePct: 0.02 });
    const refused = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(without, { qty: '19' }));
    expect(codesOf(refused)).toContain('SIZE_EXCEEDED');
  });

  test('a stop that does not lie below the price rejects', async () => {
    const order = orderFor(await fixture.signal(), { stop_loss: { stop_price: '101' } });
    expect(codesOf(await fixture.commands.placeOrder(ACTOR, randomUUID(), order))).toEqual(['STOP_PRICE']);
  });

  test('an approval holds the stop as it was shown, and releases the order with it', async () => {
    const order = orderFor(await fixture.signal({ confidence: 0.5 }), { stop_loss: { distance_pct: '0.05' } });
    const asked = await fixture.commands.placeOrder(ACTOR, randomUUID(), order);
    if (asked.kind !== 'REVIEW') throw new Error(`not in review: ${asked.kind}`);
    const held = await stored('approvals', asked.approvalId);
    expect(held).toMatchObject({ stop: '95.01' });
    const { rows } = await fixture.pool.query('SELECT shown_hash FROM approvals WHERE id = $1', [asked.approvalId]);
    const approved = await fixture.commands.approve(ACTOR, asked.approvalId, rows[0].shown_hash);
    if (!approved.ok) throw new Error(approved.message);
    expect(await stored('orders', approved.orderId)).toEqual(held);
  });
});

describe('idempotency', () => {
  test('100 concurrent requests with one key and payload over two processes make one order and identical bodies', async () => {
    const signalId = await fixture.signal();
    const key = randomUUID();
    const processes = [fixture.commands, fixture.otherProcess()] as const;
    const answers = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        (index % 2 === 0 ? processes[0] : processes[1]).placeOrder(ACTOR, key, orderFor(signalId)),
      ),
    );
    expect(new Set(answers.map((answer) => factsOf(answer).reply)).size).toBe(1);
    expect(new Set(answers.map((answer) => answer.kind))).toEqual(new Set(['PLACED']));
    expect(answers.filter((answer) => !factsOf(answer).replayed)).toHaveLength(1);
    expect(await count('orders WHERE signal_id = $1', signalId)).toBe(1);
  });

  test('50 payloads under one key: one 201 and 49 times 409', async () => {
    const key = randomUUID();
    const other = fixture.otherProcess();
    const signals = await Promise.all(Array.from({ length: 50 }, () => fixture.signal()));
    const answers = await Promise.all(
      signals.map((signalId, index) =>
        (index % 2 === 0 ? fixture.commands : other).placeOrder(ACTOR, key, orderFor(signalId)),
      ),
    );
    expect(answers.filter((answer) => answer.kind === 'PLACED')).toHaveLength(1);
    const refused = answers.filter((answer) => answer.kind === 'KEY_REUSED');
    expect(refused).toHaveLength(49);
  });

  test('one signal under 20 keys from two processes makes one order', async () => {
    const signalId = await fixture.signal();
    const other = fixture.otherProcess();
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? fixture.commands : other).placeOrder(ACTOR, randomUUID(), orderFor(signalId)),
      ),
    );
    expect(answers.filter((answer) => answer.kind === 'PLACED')).toHaveLength(1);
    expect(answers.filter((answer) => answer.kind === 'REJECTED')).toHaveLength(19);
  });

  const spelt = (signalId: string, qty: string, limit_price: string) =>
    orderFor(signalId, { qty, order_type: 'LIMIT', limit_price });

  test('O-12: equal decimals are equal payloads, one after the other and at once', async () => {
    const signalId = await fixture.signal();
    const key = randomUUID();
    const first = await fixture.commands.placeOrder(ACTOR, key, spelt(signalId, '1.00', '100'));
    expect(first.kind).toBe('PLACED');
    const again = await fixture.otherProcess().placeOrder(ACTOR, key, spelt(signalId, '1', '100.000'));
    expect(again).toEqual({ ...first, replayed: true });
    const more = await fixture.commands.placeOrder(ACTOR, key, spelt(signalId, '1', '100.001'));
    expect(more).toEqual({ kind: 'KEY_REUSED' });

    const other = await fixture.signal();
    const both = await Promise.all(
      ['1', '1.0'].map((qty) => fixture.commands.placeOrder(ACTOR, `${key} at once`, spelt(other, qty, '100'))),
    );
    expect(both.map((answer) => [answer.kind, factsOf(answer).replayed])).toEqual([
      ['PLACED', false],
      ['PLACED', true],
    ]);
  });

  test('a payload that an earlier version stored as it was spelt is recognised', async () => {
    const request = spelt(await fixture.signal(), '1.00', '100.0');
    const key = randomUUID();
    await fixture.pool.query(
      `INSERT INTO idempotency_keys (principal_id, key, request_hash, status_code, body, created_at) VALUES ($1, $2, $3, 422, $4, now())`,
      [ACTOR.principalId, key, createHash('sha256').update(canonicalJson(request)).digest('hex'), '{"code":"OLD"}'],
    );
    expect(await fixture.commands.placeOrder(ACTOR, key, request)).toMatchObject({ code: 'OLD', replayed: true });
  });

  test('the reply of an earlier version is repeated byte for byte', async () => {
    const request = orderFor(await fixture.signal());
    const key = randomUUID();
    const reply = `{ "order_id": "${randomUUID()}",  "status": "NEW" }`;
    await fixture.pool.query(
      `INSERT INTO idempotency_keys (principal_id, key, request_hash, status_code, body, created_at) VALUES ($1, $2, $3, 201, $4, now())`,
      [ACTOR.principalId, key, createHash('sha256').update(canonicalJson(request)).digest('hex'), reply],
    );
    const answer = await fixture.commands.placeOrder(ACTOR, key, request);
    expect(answer).toMatchObject({ kind: 'PLACED', replayed: true, reply });
    expect(await count('orders WHERE signal_id = $1', request.signal_id)).toBe(0);
  });

  test('keys belong to a principal', async () => {
    const key = randomUUID();
    const stranger = { ...ACTOR, principalId: '00000000-0000-4000-8000-0000000000bb' };
    const [mine, theirs] = [
      await fixture.commands.placeOrder(ACTOR, key, orderFor(await fixture.signal())),
      await fixture.commands.placeOrder(stranger, key, orderFor(await fixture.signal())),
    ];
    expect([mine.kind, theirs.kind]).toEqual(['PLACED', 'PLACED']);
  });
});

test('MESSAGE_RATE: the workers that live are counted together, and the order waits for none that is gone', async () => {
  const { pool } = fixture;
  const beat = (id: string, used: number, seconds: number) =>
    pool.query(
      `INSERT INTO worker_heartbeats (id, roles, started_at, beat_at, info)
       VALUES ($1, '{execution}', now(), clock_timestamp() - $3 * interval '1 second', jsonb_build_object('brokerHealth', jsonb_build_object('requestsUsed', $2::int, 'requestsPerMinute', 200)))`,
      [id, used, seconds],
    );
  await Promise.all([beat('one', 70, 0), beat('two', 40, 1), beat('gone', 100, 60)]);
  const signalId = await fixture.signal();
  await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId));
  const { rows } = await pool.query(
    `SELECT input->'account'->>'requests_used' AS used, input->'account'->>'requests_allowed' AS allowed FROM policy_evaluations WHERE signal_id = $1`,
    [signalId],
  );
  const { rows: unsent } = await pool.query(
    `SELECT count(*)::int AS n FROM orders WHERE status = 'NEW' AND signal_id <> $1`,
    [signalId],
  );
  expect(rows).toEqual([{ used: String(110 + unsent[0].n), allowed: '200' }]);
  await pool.query('DELETE FROM worker_heartbeats');
});

test('exposure is reserved: concurrent placements from two processes never pass the limit together', async () => {
  await fixture.pool.query(`UPDATE orders SET status = 'CANCELLED', closed_at = now() WHERE status = 'NEW'`);
  // 90,000 is held already; each of 20 asks for about 900: eleven fit under 100,000.
  await fixture.pool.query(`INSERT INTO positions (symbol, qty, cost, updated_at) VALUES ('SPY', 900, 90000, now())`);
  const other = fixture.otherProcess();
  const signals = await Promise.all(Array.from({ length: 20 }, () => fixture.signal({ strategy: 'burst' })));
  const answers = await Promise.all(
    signals.map((signalId, index) =>
      (index % 2 === 0 ? fixture.commands : other).placeOrder(ACTOR, randomUUID(), orderFor(signalId, { qty: '9' })),
    ),
  );
  const { rows } = await fixture.pool.query<{ exposure: string }>(
    `SELECT sum(qty * reference_price) AS exposure FROM orders WHERE status = 'NEW'`,
  );
  expect(Number(rows[0]?.exposure)).toBeLessThanOrEqual(10_000);
  expect(answers.filter((answer) => answer.kind === 'PLACED').length).toBeGreaterThan(8);
  expect(answers.filter((answer) => answer.kind === 'REJECTED').length).toBeGreaterThan(5);
});
