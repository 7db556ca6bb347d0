import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createApprovalStore } from '@/server/adapters/postgres/approvals/approval-store';
import { loadPolicyBody } from '@/server/adapters/postgres/ops/policy-versions';
import { createPlacementStore } from '@/server/adapters/postgres/orders/placement-store';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import type { Actor } from '@/server/kernel/actor';
import { factsOf } from '@/test-support/placements';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';
import { createApprove } from './approve';

let fixture: TradingFixture;
const OPERATOR: Actor = { kind: 'user', principalId: randomUUID(), name: 'op@example.com', correlationId: 'click' };

beforeAll(async () => {
  fixture = await createTradingFixture();
});
afterAll(() => fixture.close());
beforeEach(() => fixture.refresh());

interface Opened {
  readonly approvalId: string;
  readonly hash: string;
  readonly signalId: string;
}

async function open(qty = '2'): Promise<Opened> {
  const signalId = await fixture.signal({ confidence: 0.5, strategy: `test ${randomUUID()}` });
  const answer = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId, { qty }));
  const { approvalId } = factsOf(answer);
  const { rows } = await fixture.pool.query<{ shown_hash: string }>('SELECT shown_hash FROM approvals WHERE id = $1', [
    approvalId,
  ]);
  return { approvalId, hash: rows[0]?.shown_hash ?? '', signalId };
}

async function row(approvalId: string): Promise<{ status: string; order_id: string | null; refusals: unknown[] }> {
  const { rows } = await fixture.pool.query<{ status: string; order_id: string | null; refusals: unknown[] }>(
    'SELECT status, order_id, refusals FROM approvals WHERE id = $1',
    [approvalId],
  );
  return rows[0] ?? { status: 'NONE', order_id: null, refusals: [] };
}

test('approving places exactly what was shown, with a decision made again, and is audited', async () => {
  const { approvalId, hash, signalId } = await open();
  const outcome = await fixture.commands.approve(OPERATOR, approvalId, hash);
  expect(outcome.ok).toBe(true);
  const { rows } = await fixture.pool.query(
    `SELECT o.qty::text, o.status, e.kind, e.decision FROM orders o JOIN policy_evaluations e ON e.id = o.evaluation_id WHERE o.signal_id = $1`,
    [signalId],
  );
  expect(rows).toEqual([{ qty: '2.000000000000', status: 'NEW', kind: 'APPROVAL', decision: 'REVIEW' }]);
  const audit = await fixture.pool.query(
    `SELECT actor FROM audit_log WHERE action = 'approval.approve' AND target = $1`,
    [`approval:${approvalId}`],
  );
  expect(audit.rows).toEqual([{ actor: 'op@example.com' }]);
});

test('two operators in two tabs on two servers: one effect', async () => {
  const { approvalId, hash, signalId } = await open();
  const other = fixture.otherProcess();
  const outcomes = await Promise.all(
    Array.from({ length: 10 }, (_, index) =>
      (index % 2 === 0 ? fixture.commands : other).approve(OPERATOR, approvalId, hash),
    ),
  );
  expect(outcomes.filter((outcome) => outcome.ok)).toHaveLength(1);
  for (const outcome of outcomes) if (!outcome.ok) expect(outcome.code).toBe('ALREADY_DECIDED');
  const { rows } = await fixture.pool.query('SELECT 1 FROM orders WHERE signal_id = $1', [signalId]);
  expect(rows).toHaveLength(1);
});

test('approving and rejecting at once: one of them holds', async () => {
  const { approvalId, hash, signalId } = await open();
  const [approved, rejected] = await Promise.all([
    fixture.commands.approve(OPERATOR, approvalId, hash),
    fixture.otherProcess().reject(OPERATOR, approvalId, 'not today'),
  ]);
  expect([approved.ok, rejected.ok].filter(Boolean)).toHaveLength(1);
  const orders = await fixture.pool.query('SELECT 1 FROM orders WHERE signal_id = $1', [signalId]);
  expect(orders.rows).toHaveLength(approved.ok ? 1 : 0);
});

test.each([
  ['the market closed', () => fixture.refresh({ marketOpen: false }), 'MARKET_CLOSED'],
  ['the data went stale', () => fixture.refresh({ quoteAgeSeconds: 60 }), 'DATA_STALE'],
])('when %s the countersignature is refused, says so, and the approval stays open', async (_, change, expected) => {
  const { approvalId, hash } = await open();
  await change();
  const outcome = await fixture.commands.approve(OPERATOR, approvalId, hash);
  expect(outcome).toMatchObject({ ok: false, code: 'POLICY' });
  if (!outcome.ok) expect(outcome.reasons?.map((reason) => reason.code)).toContain(expected);
  expect(await row(approvalId)).toMatchObject({
    status: 'PENDING',
    order_id: null,
    refusals: [{ by: 'op@example.com' }],
  });
  await fixture.refresh();
  expect((await fixture.commands.approve(OPERATOR, approvalId, hash)).ok).toBe(true);
});

describe('A-4: what was shown binds', () => {
  /** Begins with an empty account in a stage, and a quote. */
  async function begin(stage: string, equity: string, bid: string, ask: string): Promise<void> {
    await fixture.pool.query(`UPDATE orders SET status = 'CANCELLED' WHERE status = 'NEW'`);
    await fixture.pool.query('UPDATE settings SET stage = $1, version = version + 1', [stage]);
    await fixture.refresh();
    await fixture.pool.query(
      'UPDATE accounts SET cash = $1::numeric, equity = $1::numeric, last_equity = $1::numeric, buying_power = $1::numeric',
      [equity],
    );
    await quote(bid, ask);
  }
  const quote = (bid: string, ask: string) =>
    fixture.pool.query(`UPDATE quotes SET bid = $1::numeric, ask = $2::numeric WHERE symbol = 'AAPL'`, [bid, ask]);
  afterEach(async () => {
    await fixture.pool.query(`DELETE FROM positions; UPDATE settings SET stage = 'M0_LOCAL', version = version + 1`);
  });

  test('A6: an order of the full size is approved after the ask rose by half a basis point', async () => {
    await begin('M0_LOCAL', '100000', '99.99', '100');
    const { approvalId, hash } = await open('10');
    await quote('99.99', '100.005');
    expect(await fixture.commands.approve(OPERATOR, approvalId, hash)).toMatchObject({ ok: true });
  });

  test('A6: so is one in M2, where each opening trade goes this way', async () => {
    await begin('M2_SANDBOX', '9000', '44.99', '45');
    const { approvalId, hash } = await open('2');
    await quote('44.99', '45.00225');
    expect(await fixture.commands.approve(OPERATOR, approvalId, hash)).toMatchObject({ ok: true });
  });

  test('beyond the collar it is refused', async () => {
    await begin('M0_LOCAL', '100000', '99.99', '100');
    const { approvalId, hash } = await open('10');
    await quote('101.4', '101.5');
    expect(await fixture.commands.approve(OPERATOR, approvalId, hash)).toMatchObject({
      ok: false,
      code: 'PRICE_MOVED',
    });
  });

  test('A17: it is refused when the exposure after it has grown beyond what was shown', async () => {
    await begin('M0_LOCAL', '100000', '99.99', '100');
    const { approvalId, hash } = await open('2');
    await fixture.pool.query(
      `INSERT INTO positions (symbol, qty, cost, market_price, updated_at) VALUES ('SPY', 940, 94000, 100, now())`,
    );
    const outcome = await fixture.commands.approve(OPERATOR, approvalId, hash);
    expect(outcome).toMatchObject({ ok: false, code: 'POLICY', reasons: [{ code: 'EXPOSURE_DRIFT' }] });
    await fixture.pool.query(`UPDATE positions SET qty = 9, cost = 900`);
    expect(await fixture.commands.approve(OPERATOR, approvalId, hash)).toMatchObject({ ok: true });
  });

  test('it is refused when equity is not what was shown', async () => {
    await begin('M0_LOCAL', '100000', '99.99', '100');
    const { approvalId, hash } = await open('2');
    await fixture.pool.query('UPDATE accounts SET equity = 97500, last_equity = 97500');
    expect(await fixture.commands.approve(OPERATOR, approvalId, hash)).toMatchObject({
      ok: false,
      code: 'POLICY',
      reasons: [{ code: 'EQUITY_DRIFT' }],
    });
  });
});

describe('A-6: approving less', () => {
  const decided = async (approvalId: string) => {
    const { rows } = await fixture.pool.query(
      `SELECT a.status, trim_scale(a.qty)::text AS shown, trim_scale(a.approved_qty)::text AS qty,
         trim_scale(a.approved_limit_price)::text AS "limit", trim_scale(o.qty)::text AS ordered,
         trim_scale(o.limit_price)::text AS "orderLimit"
       FROM approvals a LEFT JOIN orders o ON o.id = a.order_id WHERE a.id = $1`,
      [approvalId],
    );
    return rows[0];
  };

  test('places fewer shares, stores both terms, and tells the proposer', async () => {
    const { approvalId, hash } = await open('5');
    expect(await fixture.commands.approve(OPERATOR, approvalId, hash, { qty: '2' })).toMatchObject({ ok: true });
    expect(await decided(approvalId)).toEqual({
      status: 'REDUCED',
      shown: '5',
      qty: '2',
      limit: null,
      ordered: '2',
      orderLimit: null,
    });
    const events = await fixture.pool.query(
      `SELECT data->>'status' AS status FROM outbox WHERE topic = 'approval.decided' AND subject = $1`,
      [approvalId],
    );
    expect(events.rows).toEqual([{ status: 'REDUCED' }]);
    const audit = await fixture.pool.query(`SELECT after FROM audit_log WHERE target = $1`, [`approval:${approvalId}`]);
    expect(audit.rows).toMatchObject([{ after: { reduced: { qty: '2', limit_price: null } } }]);
  });

  test("the proposer's key goes on answering that a person must decide", async () => {
    const signalId = await fixture.signal({ confidence: 0.5, strategy: `test ${randomUUID()}` });
    const key = randomUUID();
    const request = orderFor(signalId, { qty: '4', order_type: 'LIMIT', limit_price: '100' });
    const first = await fixture.commands.placeOrder(ACTOR, key, request);
    const { approvalId } = factsOf(first);
    const { rows } = await fixture.pool.query<{ hash: string }>(
      'SELECT shown_hash AS hash FROM approvals WHERE id = $1',
      [approvalId],
    );
    const less = { limitPrice: '99.9' };
    expect(await fixture.commands.approve(OPERATOR, approvalId, rows[0]?.hash ?? '', less)).toMatchObject({ ok: true });
    expect(await decided(approvalId)).toMatchObject({ status: 'REDUCED', qty: '4', limit: '99.9', orderLimit: '99.9' });
    expect(await fixture.commands.placeOrder(ACTOR, key, request)).toEqual({ ...first, replayed: true });
  });

  test('more than was shown is refused, and the approval stays open', async () => {
    const { approvalId, hash } = await open('2');
    expect(await fixture.commands.approve(OPERATOR, approvalId, hash, { qty: '3' })).toMatchObject({
      ok: false,
      code: 'INVALID',
    });
    expect(await row(approvalId)).toMatchObject({ status: 'PENDING', order_id: null });
    expect(await fixture.commands.approve(OPERATOR, approvalId, hash, { qty: '2' })).toMatchObject({ ok: true });
    expect(await row(approvalId)).toMatchObject({ status: 'APPROVED' });
  });

  test('the database refuses an order that is more than its approval holds', async () => {
    const { approvalId, hash } = await open('2');
    const policies = new PolicyCache((version) => loadPolicyBody(fixture.pool, version));
    const store = createApprovalStore(fixture.pool, createPlacementStore(fixture.pool, policies, 'test'), 'test');
    const tools = { newId: () => randomUUID(), sha256: () => 'f'.repeat(64) };
    const { approve } = createApprove(
      {
        ...store,
        find: async (id) => {
          const found = await store.find(id);
          return found && { ...found, request: { ...found.request, qty: '3' } };
        },
      },
      tools,
    );
    await expect(approve(OPERATOR, approvalId, hash)).rejects.toThrow(/is not what approval/);
    expect(await row(approvalId)).toMatchObject({ status: 'PENDING', order_id: null });
  });
});

test('A-5: while it is open, what would be refused now is said, and nothing is recorded', async () => {
  const { approvalId } = await open();
  expect(await fixture.commands.checkApproval(OPERATOR, approvalId)).toMatchObject({ ok: true });
  await fixture.refresh({ marketOpen: false });
  const refused = await fixture.commands.checkApproval(OPERATOR, approvalId);
  expect(refused).toMatchObject({ ok: false, code: 'POLICY' });
  if (!refused.ok) expect(refused.reasons?.map((reason) => reason.code)).toContain('MARKET_CLOSED');
  expect(await row(approvalId)).toMatchObject({ status: 'PENDING', order_id: null, refusals: [] });
  await fixture.commands.reject(OPERATOR, approvalId, 'closed');
  expect(await fixture.commands.checkApproval(OPERATOR, approvalId)).toMatchObject({
    ok: false,
    code: 'ALREADY_DECIDED',
  });
  expect(await fixture.commands.checkApproval(OPERATOR, randomUUID())).toMatchObject({ ok: false, code: 'NOT_FOUND' });
});

test('several are rejected for one reason, each with its own outcome', async () => {
  const [first, second, third] = [await open(), await open(), await open()];
  await fixture.commands.reject(OPERATOR, second.approvalId, 'before');
  const ids = [first, second, third].map((each) => each.approvalId);
  const results = await fixture.commands.rejectMany(OPERATOR, ids, 'too late in the day');
  expect(results.map(({ approvalId }) => approvalId)).toEqual(ids);
  expect(results.map(({ outcome }) => (outcome.ok ? outcome.status : outcome.code))).toEqual([
    'REJECTED',
    'ALREADY_DECIDED',
    'REJECTED',
  ]);
  const { rows } = await fixture.pool.query(
    'SELECT reason FROM approvals WHERE id = ANY ($1::uuid[]) ORDER BY reason',
    [ids],
  );
  expect(rows.map(({ reason }) => reason)).toEqual(['before', 'too late in the day', 'too late in the day']);
});

test('when the price left the collar the countersignature is refused', async () => {
  const { approvalId, hash } = await open();
  await fixture.pool.query(`UPDATE quotes SET bid = 101.4, ask = 101.5 WHERE symbol = 'AAPL'`);
  expect(await fixture.commands.approve(OPERATOR, approvalId, hash)).toMatchObject({ ok: false, code: 'PRICE_MOVED' });
});

test('another hash than the one shown is refused', async () => {
  const { approvalId } = await open();
  expect(await fixture.commands.approve(OPERATOR, approvalId, 'f'.repeat(64))).toMatchObject({
    ok: false,
    code: 'SHOWN_HASH_CHANGED',
  });
});

test('an expired approval is refused and expires as rejected', async () => {
  const { approvalId, hash } = await open();
  await fixture.pool.query(`UPDATE approvals SET expires_at = now() - interval '1 second' WHERE id = $1`, [approvalId]);
  expect(await fixture.commands.approve(OPERATOR, approvalId, hash)).toMatchObject({ ok: false, code: 'EXPIRED' });
  await fixture.pool.query('SELECT approvals_expire()');
  expect((await row(approvalId)).status).toBe('EXPIRED');
});

test('a rejection needs a reason and is final', async () => {
  const { approvalId, hash } = await open();
  expect(await fixture.commands.reject(OPERATOR, approvalId, '  ')).toMatchObject({ ok: false, code: 'INVALID' });
  expect(await fixture.commands.reject(OPERATOR, approvalId, 'too late in the day')).toMatchObject({ ok: true });
  expect(await fixture.commands.approve(OPERATOR, approvalId, hash)).toMatchObject({
    ok: false,
    code: 'ALREADY_DECIDED',
  });
});

test('the database itself refuses to change a decided approval, an audit row or a ledger entry', async () => {
  const { approvalId } = await open();
  await fixture.commands.reject(OPERATOR, approvalId, 'no');
  await expect(
    fixture.pool.query(`UPDATE approvals SET status = 'PENDING', decided_at = NULL WHERE id = $1`, [approvalId]),
  ).rejects.toThrow();
  const another = await open();
  await expect(
    fixture.pool.query(`UPDATE approvals SET expires_at = now() + interval '1 day', notional = 1 WHERE id = $1`, [
      another.approvalId,
    ]),
  ).rejects.toThrow(/exact order/);
  await expect(fixture.pool.query(`UPDATE orders SET qty = qty * 10`)).rejects.toThrow(/settled/);
  await expect(fixture.pool.query('TRUNCATE execution_events')).rejects.toThrow(/append-only/);
  await expect(fixture.pool.query(`UPDATE audit_log SET actor = 'nobody'`)).rejects.toThrow(/append-only/);
  await expect(fixture.pool.query('DELETE FROM audit_log')).rejects.toThrow(/append-only/);
  await expect(fixture.pool.query('TRUNCATE audit_log')).rejects.toThrow(/append-only/);
});
