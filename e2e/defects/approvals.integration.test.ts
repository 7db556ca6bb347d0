import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createApprovalStore } from '@/server/adapters/postgres/approvals/approval-store';
import { loadPolicyBody } from '@/server/adapters/postgres/ops/policy-versions';
import { createPlacementStore } from '@/server/adapters/postgres/orders/placement-store';
import { createApprove } from '@/server/application/approvals/approve';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import type { ApprovalStore } from '@/server/application/ports/approval-store';
import type { OrderRequest } from '@/server/contracts/order';
import type { Actor } from '@/server/kernel/actor';
import type { Outcome } from '@/server/kernel/outcome';
import { factsOf } from '@/test-support/placements';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';
import { PERSON } from './support';

let fixture: TradingFixture;
beforeAll(async () => {
  fixture = await createTradingFixture();
});
afterAll(() => fixture.close());

const COLLEAGUE: Actor = { ...PERSON, principalId: randomUUID(), name: 'op@example.com' };

type Approved = Outcome<{ orderId: string }>;

async function quoteIs(bid: string, ask: string): Promise<void> {
  await fixture.pool.query(`UPDATE quotes SET bid = $1::numeric, ask = $2::numeric WHERE symbol = 'AAPL'`, [bid, ask]);
}

/** Begins with an empty account of 100,000 in a stage, and a quote. */
async function begin(stage: string, bid: string, ask: string): Promise<void> {
  await fixture.pool.query(`UPDATE orders SET status = 'CANCELLED' WHERE status = 'NEW'`);
  await fixture.pool.query('UPDATE settings SET stage = $1, version = version + 1', [stage]);
  await fixture.refresh();
  await quoteIs(bid, ask);
}

/** An order that a person must countersign. @param requester who places it */
async function review(order: Partial<OrderRequest>, requester: Actor = ACTOR): Promise<{ id: string; hash: string }> {
  const signalId = await fixture.signal({ confidence: 0.5, strategy: `test ${randomUUID()}` });
  const answer = await fixture.commands.placeOrder(requester, randomUUID(), orderFor(signalId, order));
  expect(answer).toMatchObject({ kind: 'REVIEW' });
  const { approvalId: id } = factsOf(answer);
  const { rows } = await fixture.pool.query<{ hash: string }>(
    'SELECT shown_hash AS hash FROM approvals WHERE id = $1',
    [id],
  );
  return { id, hash: rows[0]?.hash ?? '' };
}

describe('approving in M2 what was requested with a token of the same user', () => {
  const token: Actor = { kind: 'token', principalId: PERSON.principalId, name: 'her bot', correlationId: 'defects' };
  let own: Approved;
  let ownAgain: Approved;
  let other: Approved;
  let orders: number;
  beforeAll(async () => {
    await begin('M2_SANDBOX', '49.99', '50');
    const first = await review({ qty: '1' }, token);
    own = await fixture.commands.approve(PERSON, first.id, first.hash);
    const second = await review({ qty: '1' }, PERSON);
    ownAgain = await fixture.commands.approve(PERSON, second.id, second.hash);
    const { rows } = await fixture.pool.query('SELECT 1 FROM orders WHERE approval_id = ANY ($1::uuid[])', [
      [first.id, second.id],
    ]);
    orders = rows.length;
    const third = await review({ qty: '1' }, token);
    other = await fixture.commands.approve(COLLEAGUE, third.id, third.hash);
  });

  it('H3: it is refused', () => {
    expect(own).toMatchObject({ ok: false });
  });

  it('H3: so is what she requested in person', () => {
    expect(ownAgain).toMatchObject({ ok: false });
  });

  it('H3: no order comes of it', () => {
    expect(orders).toBe(0);
  });

  it('a colleague may approve it', () => {
    expect(other).toMatchObject({ ok: true });
  });
});

describe('committing a countersignature in M2 for the person who requested the order', () => {
  let committed: Approved;
  beforeAll(async () => {
    await begin('M2_SANDBOX', '49.99', '50');
    const { id, hash } = await review({ qty: '1' }, PERSON);
    const policies = new PolicyCache((version) => loadPolicyBody(fixture.pool, version));
    const store = createApprovalStore(fixture.pool, createPlacementStore(fixture.pool, policies, 'test'), 'test');
    const tools = {
      newId: () => randomUUID(),
      sha256: (text: string) => createHash('sha256').update(text).digest('hex'),
    };
    // The application judges for a colleague; what reaches the database names the requester.
    const countersign: ApprovalStore['countersign'] = (snapshot, at, _colleague, rows) =>
      store.countersign(snapshot, at, PERSON, rows);
    const { approve } = createApprove({ ...store, countersign }, tools);
    committed = await approve(COLLEAGUE, id, hash).catch((error: unknown) => {
      return { ok: false, code: 'INVALID', message: String(error) };
    });
  });

  it('H3: the database refuses it too', () => {
    expect(committed).toMatchObject({ ok: false });
  });
});

describe('approving one’s own request', () => {
  const marked = async (approvalId: string) => {
    const { rows } = await fixture.pool.query<{ self_approved: boolean; audited: string | null }>(
      `SELECT a.self_approved, l.after->>'self_approved' AS audited FROM approvals a
       JOIN audit_log l ON l.target = 'approval:' || a.id AND l.action = 'approval.approve' WHERE a.id = $1`,
      [approvalId],
    );
    return rows[0];
  };

  it('A-9: is allowed in M0, and marked', async () => {
    await begin('M0_LOCAL', '49.99', '50');
    const { id, hash } = await review({ qty: '1' }, PERSON);
    expect(await fixture.commands.approve(PERSON, id, hash)).toMatchObject({ ok: true });
    expect(await marked(id)).toEqual({ self_approved: true, audited: 'true' });
  });

  it('A-9: of a person who works alone in M2 needs a step-up, and is marked', async () => {
    await begin('M2_SANDBOX', '49.99', '50');
    await fixture.pool.query(`UPDATE settings SET mode = 'SOLO', version = version + 1`);
    const { id, hash } = await review({ qty: '1' }, PERSON);
    expect(await fixture.commands.approve(PERSON, id, hash)).toMatchObject({ ok: false, code: 'STEP_UP_NEEDED' });
    expect(await fixture.commands.approve(PERSON, id, hash, {}, true)).toMatchObject({ ok: true });
    expect(await marked(id)).toEqual({ self_approved: true, audited: 'true' });
  });

  it('A-9: a colleague’s approval is not marked', async () => {
    await begin('M0_LOCAL', '49.99', '50');
    const { id, hash } = await review({ qty: '1' }, PERSON);
    expect(await fixture.commands.approve(COLLEAGUE, id, hash)).toMatchObject({ ok: true });
    expect(await marked(id)).toEqual({ self_approved: false, audited: null });
  });
});
