import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadPolicyBody } from '@/server/adapters/postgres/ops/policy-versions';
import { createPlacementStore } from '@/server/adapters/postgres/orders/placement-store';
import type { Commands } from '@/server/application/commands';
import { decidePlacement } from '@/server/application/placing/decide-placement';
import { BatchReservations } from '@/server/application/placing/gate-input';
import { OrderPlacer } from '@/server/application/placing/place-order';
import { signalKey } from '@/server/application/placing/placement';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import type { PlacementStore } from '@/server/application/ports/placement-store';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
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

describe('O-12: a signal belongs to its principal', () => {
  const OWNER = '00000000-0000-4000-8000-0000000000cc';
  const owner = { ...ACTOR, principalId: OWNER };
  const STORED = 'idempotency_keys WHERE key = $1';

  async function signalOf(principalId: string, queued: boolean): Promise<string> {
    const id = await fixture.signal({ strategy: `owned ${randomUUID()}` });
    await fixture.pool.query('UPDATE signals SET principal_id = $2 WHERE id = $1', [id, principalId]);
    if (queued) await fixture.pool.query(`INSERT INTO signal_tasks (signal_id, symbol) VALUES ($1, 'AAPL')`, [id]);
    return id;
  }

  test.each([
    ['a queued signal of a strategy', SYSTEM_PRINCIPAL_ID, true],
    ["another client's queued signal", OWNER, true],
    ["another client's signal", OWNER, false],
  ])('%s is not placed, and nothing is stored with the key', async (_, principalId, queued) => {
    const signalId = await signalOf(principalId, queued);
    const key = randomUUID();
    const answer = await fixture.commands.placeOrder(ACTOR, key, orderFor(signalId));
    expect(answer).toEqual({ kind: 'FOREIGN_SIGNAL' });
    expect(await count(STORED, key)).toBe(0);
    expect(await count('orders WHERE signal_id = $1', signalId)).toBe(0);
    expect(await count('policy_evaluations WHERE signal_id = $1', signalId)).toBe(0);
  });

  test.each([
    ['the worker places a queued signal of a strategy', { ...ACTOR, principalId: SYSTEM_PRINCIPAL_ID }, true],
    ['anyone places a signal that the worker is done with', ACTOR, false],
  ])('%s', async (_, actor, queued) => {
    const signalId = await signalOf(SYSTEM_PRINCIPAL_ID, queued);
    expect((await fixture.commands.placeOrder(actor, randomUUID(), orderFor(signalId))).kind).toBe('PLACED');
  });

  test('its owner places it', async () => {
    const answer = await fixture.commands.placeOrder(owner, randomUUID(), orderFor(await signalOf(OWNER, true)));
    expect(answer.kind).toBe('PLACED');
  });

  test('one that is refused leaves the rest of its batch alone', async () => {
    const theirs = await signalOf(SYSTEM_PRINCIPAL_ID, true);
    const mine = await fixture.signal({ strategy: 'beside' });
    const answers = await Promise.all(
      [mine, theirs].map((id) => fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(id))),
    );
    expect(answers.map((answer) => answer.kind)).toEqual(['PLACED', 'FOREIGN_SIGNAL']);
  });

  test('the commit refuses a placement that was judged before the signal was queued', async () => {
    const signalId = await signalOf(SYSTEM_PRINCIPAL_ID, false);
    const key = randomUUID();
    const policies = new PolicyCache((version) => loadPolicyBody(fixture.pool, version));
    const store = createPlacementStore(fixture.pool, policies, 'test');
    const request = orderFor(signalId);
    const snapshot = await store.read([{ symbol: 'AAPL', signalId, principalId: ACTOR.principalId, key }]);
    const tools = { newId: () => randomUUID(), sha256: () => 'f'.repeat(64) };
    const rows = decidePlacement(
      snapshot,
      new BatchReservations(),
      { actor: ACTOR, key, order: request, requestHash: 'f'.repeat(64) },
      tools,
    );
    if (rows === 'NO_SHARES') throw new Error('sized');
    expect(rows.order).not.toBeNull();
    await fixture.pool.query(`INSERT INTO signal_tasks (signal_id, symbol) VALUES ($1, 'AAPL')`, [signalId]);
    expect(await store.commit(snapshot, new Date(snapshot.nowMs), [rows])).toEqual({ status: 'STALE' });
    expect(await count('orders WHERE signal_id = $1', signalId)).toBe(0);
    expect(await count(STORED, key)).toBe(0);
  });
});

describe('a signal that the gate sizes', () => {
  const placeSignal = async (commands: Commands, signalId: string) =>
    factsOf(await commands.placeSignal(ACTOR, { signalId, symbol: 'AAPL', action: 'BUY' }));

  test('is read and judged once', async () => {
    const policies = new PolicyCache((version) => loadPolicyBody(fixture.pool, version));
    const store = createPlacementStore(fixture.pool, policies, 'test');
    const calls: string[] = [];
    const counting: PlacementStore = {
      ...store,
      read: (queries) => {
        calls.push('read');
        return store.read(queries);
      },
      commit: (snapshot, at, rows) => {
        calls.push('commit');
        return store.commit(snapshot, at, rows);
      },
    };
    const tools = { newId: () => randomUUID(), sha256: (text: string) => text };
    const signalId = await fixture.signal({ strategy: 'sized once' });
    const placed = await new OrderPlacer(counting, tools).placeSignal(ACTOR, {
      signalId,
      symbol: 'AAPL',
      action: 'BUY',
    });
    expect(placed.kind).toBe('PLACED');
    expect(calls).toEqual(['read', 'commit']);
    expect(await count('policy_evaluations WHERE signal_id = $1', signalId)).toBe(1);
    expect(await count('orders WHERE signal_id = $1 AND qty = 9', signalId)).toBe(1);
  });

  test('has one effect, also when it would now be sized otherwise', async () => {
    const signalId = await fixture.signal({ strategy: 'sized again' });
    const first = await placeSignal(fixture.commands, signalId);
    await fixture.pool.query('UPDATE accounts SET equity = 50000, last_equity = 50000');
    expect(await placeSignal(fixture.otherProcess(), signalId)).toEqual({ ...first, replayed: true });
    expect(await count('orders WHERE signal_id = $1', signalId)).toBe(1);
  });

  test('learns what an earlier version placed under its key, which stated a quantity', async () => {
    const signalId = await fixture.signal({ strategy: 'sized before' });
    const first = factsOf(
      await fixture.commands.placeOrder(ACTOR, signalKey(signalId), orderFor(signalId, { qty: '3' })),
    );
    expect(await placeSignal(fixture.commands, signalId)).toEqual({ ...first, replayed: true });
  });

  test('that buys less than a share stores nothing', async () => {
    const signalId = await fixture.signal({ sizePct: 0.0001, strategy: 'too small' });
    expect((await placeSignal(fixture.commands, signalId)).kind).toBe('NO_SHARES');
    expect(await count('policy_evaluations WHERE signal_id = $1', signalId)).toBe(0);
    expect(await count('idempotency_keys WHERE key = $1', signalKey(signalId))).toBe(0);
  });

  test('is rejected for its own size, not accepted for one share', async () => {
    await fixture.pool.query('UPDATE accounts SET cash = 500');
    const signalId = await fixture.signal({ strategy: 'short of cash' });
    const placed = await placeSignal(fixture.commands, signalId);
    expect(placed).toMatchObject({ kind: 'REJECTED', code: 'BUYING_POWER' });
    expect(await count('orders WHERE signal_id = $1', signalId)).toBe(0);
  });
});
