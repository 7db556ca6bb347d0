import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createAccessStore } from '@/server/adapters/postgres/access/access';
import { createTokenStore } from '@/server/adapters/postgres/access/tokens';
import { createReconciliationStore } from '@/server/adapters/postgres/books/reconciliation-store';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { ensureDefaults } from '@/server/adapters/postgres/ops/policy-versions';
import { createPool } from '@/server/adapters/postgres/pool';
import { createPrisma } from '@/server/adapters/postgres/prisma';
import type { Commands } from '@/server/application/commands';
import { createCommands } from '@/server/composition/web';
import type { Actor } from '@/server/kernel/actor';
import { factsOf } from '@/test-support/placements';
import { TEST_POLICY } from '@/test-support/test-policy';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';

const PERSON: Actor = { ...ACTOR, kind: 'user', principalId: randomUUID(), name: 'maria@example.com' };

let fixture: TradingFixture;
let webUrl: string;
let web: Pool;
let commands: Commands;

beforeAll(async () => {
  fixture = await createTradingFixture();
  const url = new URL(fixture.database.url);
  url.searchParams.set('options', '-c role=countersign_web');
  webUrl = url.href;
  web = createPool(webUrl, { name: 'web', max: 4 });
  commands = createCommands({ main: web, control: web }, { codeVersion: 'test' });
});
beforeEach(() => fixture.refresh());
afterAll(async () => {
  await web.end();
  await fixture.close();
});

const ok = (result: Promise<unknown>) => expect(result).resolves.toMatchObject({ ok: true });

async function place() {
  const signalId = await fixture.signal({ strategy: randomUUID() });
  const answer = await commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId));
  expect(answer).toMatchObject({ kind: 'PLACED' });
  return factsOf(answer).orderId;
}

async function review() {
  const signalId = await fixture.signal({ confidence: 0.5, strategy: randomUUID() });
  const answer = await commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId));
  expect(answer).toMatchObject({ kind: 'REVIEW' });
  const { approvalId: id } = factsOf(answer);
  const { rows } = await fixture.pool.query<{ hash: string }>(
    'SELECT shown_hash AS hash FROM approvals WHERE id = $1',
    [id],
  );
  return { id, hash: rows[0]?.hash ?? '' };
}

test('D-3: the session is that of the web role', async () => {
  expect((await web.query('SELECT current_user')).rows).toEqual([{ current_user: 'countersign_web' }]);
});

describe('D-3: with its grants the web process still does all that it is for', () => {
  test('orders and approvals', async () => {
    await ok(commands.cancelOrder(PERSON, await place(), 'not wanted'));
    const first = await review();
    await ok(commands.checkApproval(PERSON, first.id));
    await ok(commands.approve(PERSON, first.id, first.hash));
    const second = await review();
    await expect(commands.approve(PERSON, second.id, 'wrong')).resolves.toMatchObject({ code: 'SHOWN_HASH_CHANGED' });
    await ok(commands.reject(PERSON, second.id, 'no'));
  });

  test('advice and signals', async () => {
    await ok(
      commands.evaluateCandidate(PERSON, {
        ...{ signal_id: randomUUID(), symbol: 'AAPL', candidate_action: 'BUY', confidence: 0.9, size_pct: 0.005 },
        market_context: { data_age_seconds: 1, market_open: true, event_blackout_active: false },
        portfolio_context: { gross_exposure_pct: 0, daily_drawdown_pct: 0 },
      }),
    );
  });

  test('positions, exits and the books', async () => {
    const lost = await place();
    await fixture.pool.query(
      `INSERT INTO positions (symbol, qty, cost, broker_qty, updated_at) VALUES ('NVDA', 2, 200, 2, now())`,
    );
    const closing = await commands.closePosition(PERSON, 'NVDA', 'out');
    expect(closing).toMatchObject({ ok: true });
    if (closing.ok) await ok(commands.withdrawExit(PERSON, closing.exitId, 'stay'));
    await ok(commands.flattenAll(PERSON, 'out'));
    const fence = await createLeaseStore(fixture.pool).acquire('reconciliation', 'test', 600_000);
    if (fence === null) throw new Error('no lease');
    const books = createReconciliationStore(fixture.pool);
    const [ours, theirs] = [{ qty: '0' }, { qty: '2', cost: '30' }];
    await books.openBreak(fence, { symbol: 'MSFT', orderId: null, cause: 'POSITION_MISMATCH', ours, theirs });
    const { rows } = await fixture.pool.query<{ id: string }>('SELECT id FROM breaks WHERE resolved_at IS NULL');
    await ok(commands.resolveBreak(PERSON, rows[0]?.id ?? '', 'granted', { accept: true }));
    await fixture.pool.query(`UPDATE orders SET status = 'ACCEPTED', external_order_id = 'x' WHERE id = $1`, [lost]);
    await books.openBreak(fence, { symbol: 'AAPL', orderId: lost, cause: 'MISSING_AT_BROKER', ours: {}, theirs: {} });
    await fixture.pool.query(
      `UPDATE accounts SET round_started_at = clock_timestamp() + interval '1 second', reconciled_at = clock_timestamp() + interval '1 second'`,
    );
    await ok(commands.closeUnknownOrder(PERSON, lost, 'lost'));
    await ok(commands.requestTieOut(PERSON));
  });

  test('settings and events', async () => {
    const at = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const event = { kind: 'FOMC', symbol: null, title: 'Rates', startsAt: at(100), endsAt: at(101) } as const;
    const added = await commands.addMarketEvent(PERSON, event);
    expect(added).toMatchObject({ ok: true });
    if (added.ok) {
      await ok(commands.removeMarketEvent(PERSON, added.id, 'moved'));
      await ok(commands.restoreMarketEvent(PERSON, added.id));
    }
    await ok(commands.setModelPrice(PERSON, { model: 'x', input_per_million: '1', output_per_million: '2' }));
    await ok(commands.removeModelPrice(PERSON, 'x'));
    const limits = { tokens_per_day: 1, dollars_per_day: null, tokens_per_signal: null, dollars_per_signal: null };
    await ok(commands.setReasoningLimits(PERSON, limits));
    const target = { strategy: 'ema-cross', symbol: '*' };
    await ok(commands.setStrategy(PERSON, target, { enabled: true, params: {} }, null));
    await ensureDefaults(web, TEST_POLICY);
  });

  test('access', async () => {
    const db = createPrisma(webUrl);
    try {
      const access = createAccessStore(db);
      const attempt = await access.beginAttempt('x', 60);
      await access.succeedAttempt(attempt.id);
      await access.dropAttempt(attempt.id);
      const from = { address: '192.0.2.1', agent: 'a browser' };
      await access.record({ actor: 'anonymous', action: 'access.sign_in.refused', target: 'sign-in:x', from });
      const { rows } = await web.query('SELECT action, after FROM audit_log ORDER BY id DESC LIMIT 1');
      expect(rows).toEqual([{ action: 'access.sign_in.refused', after: from }]);
      await createTokenStore(web).touch(randomUUID());
      const userId = randomUUID();
      await fixture.pool.query(
        `INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, 'ann@session.test', 'Ann', 'VIEWER', 'x')`,
        [userId],
      );
      const [first, second, third] = [
        await access.startSession(userId, from),
        await access.startSession(userId, from),
        await access.startSession(userId, from),
      ];
      await access.seeSession(first);
      expect(await access.openSession(first)).toMatchObject({ user: { id: userId, email: 'ann@session.test' } });
      expect(await access.endSessions(userId, { only: first }, 'ann@session.test')).toBe(1);
      expect(await access.openSession(first)).toBeNull();
      expect(await access.endSessions(randomUUID(), { only: second }, 'another person')).toBe(0);
      expect(await access.endSessions(userId, { except: second }, 'ann@session.test')).toBe(1);
      expect((await access.sessionsOf(userId, new Date(0))).map(({ id }) => id)).toEqual([second]);
      expect(await access.openSession(third)).toBeNull();
      expect(await access.openSession(randomUUID())).toBeNull();
      const ann = { kind: 'user', principalId: userId, name: 'ann@session.test', correlationId: 'c' } as const;
      expect(await access.changePassword(ann, '$argon2id$new')).toBe(true);
      expect(await access.userById(userId)).toMatchObject({ passwordHash: '$argon2id$new', sessionVersion: 2 });
      await expect(access.changePassword(ann, 'plain text')).rejects.toThrow();
      expect(await access.changePassword({ ...ann, principalId: randomUUID() }, '$argon2id$new')).toBe(false);
    } finally {
      await db.$disconnect();
    }
  });

  test('the kill switch, a drill and a release', async () => {
    await fixture.pool.query(`UPDATE market_clock SET environment = 'SIM'`);
    await ok(commands.requestDrill(PERSON, { orders: 1 }));
    await ok(commands.reduce(PERSON, 'careful'));
    await ok(commands.halt(PERSON, 'stop', 200));
    await fixture.pool.query('UPDATE halts SET verified_at = clock_timestamp()');
    await fixture.refresh();
    await fixture.pool.query('UPDATE breaks SET resolved_at = clock_timestamp() WHERE resolved_at IS NULL');
    await ok(commands.release(PERSON, 'over'));
  });
});

const ID = randomUUID();
describe('D-3: what the web role may not write by hand', () => {
  test.each([
    [
      'an order',
      `INSERT INTO orders (id, symbol, side, qty, order_type, time_in_force, reference_price, created_at, updated_at) VALUES ('${ID}', 'A', 'BUY', 1, 'MARKET', 'DAY', 1, now(), now())`,
    ],
    ['a size', 'UPDATE orders SET qty = 1000'],
    ['the expiry of an order', `UPDATE orders SET expires_at = now() + interval '1 year'`],
    ['a claim', 'UPDATE orders SET claimed_at = NULL'],
    ['an approval', `UPDATE approvals SET status = 'APPROVED'`],
    ['the hash of what was shown', `UPDATE approvals SET shown_hash = 'x'`],
    ['a decision', `UPDATE policy_evaluations SET decision = 'APPROVE'`],
    ['the inputs of a decision', `UPDATE policy_evaluations SET input = '{}'`],
    ['a rule hit', 'DELETE FROM policy_rule_hits'],
    ['a policy', `INSERT INTO policy_versions (version, body, created_by) VALUES (9, '{}', 'x')`],
    ['the active policy', 'UPDATE settings SET active_policy_version = 9'],
    ['the stage', `UPDATE settings SET stage = 'M3_LIVE_SMALL'`],
    ['the trading state', `UPDATE trading_state SET state = 'ACTIVE'`],
    ['a cause', 'UPDATE trading_causes SET ended_at = now()'],
    ['a halt', 'UPDATE halts SET verified_at = now()'],
    ['a user', `INSERT INTO users (id, email, name, role, password_hash) VALUES ('${ID}', 'x', 'x', 'ADMIN', 'x')`],
    ['a role', `UPDATE users SET role = 'ADMIN'`],
    ['a password', `UPDATE users SET password_hash = 'x'`],
    [
      'a token',
      `INSERT INTO api_tokens (id, user_id, name, token_hash, prefix, scopes) VALUES ('${ID}', '${ID}', 'x', 'x', 'x', '{}')`,
    ],
    ['the scopes of a token', `UPDATE api_tokens SET scopes = '{orders:write}'`],
    [
      'the audit log',
      `INSERT INTO audit_log (id, at, actor, action, target, prev_hash, hash) VALUES (99, now(), 'x', 'x', 'x', 'x', 'x')`,
    ],
    ['an audited row', `UPDATE audit_log SET actor = 'x'`],
    ['a fill', 'UPDATE fills SET qty = 1'],
    ['cash', 'UPDATE accounts SET cash = 1'],
    ['a break', 'UPDATE breaks SET resolved_at = now()'],
    ['a password', `UPDATE users SET password_hash = 'x'`],
    ['the person of a session', `UPDATE sessions SET user_id = gen_random_uuid()`],
    ['an idempotency key', 'DELETE FROM idempotency_keys'],
    ['a signal', 'UPDATE signals SET confidence = 1'],
    ['an alert', 'UPDATE alerts SET resolved_at = now()'],
    ['rows past the gate', `SELECT place_rows('{}', '{}', now())`],
    ['a cause past its function', `SELECT trading_cause_open('PERSON', 'HALTED', 'x', 'x', false)`],
    ['the end of a cause', `SELECT trading_cause_end('PERSON', 'x', 'x')`],
    ['a file of the server', `COPY orders TO PROGRAM 'true'`],
    ['an empty table', 'TRUNCATE orders CASCADE'],
  ])('%s', async (_what, statement) => {
    await expect(web.query(statement)).rejects.toThrow(/permission denied|must be owner/);
  });

  test('a decision under a policy or in a stage that is not the active one', async () => {
    const { rows } = await fixture.pool.query<{ account: string; trading: string; settings: string; stage: string }>(
      `SELECT a.version::text AS account, t.version::text AS trading, s.version::text AS settings, s.stage FROM accounts a, trading_state t, settings s`,
    );
    const [now] = rows;
    const none = { keys: [], hits: [], consumed: [], orders: [], events: [], approvals: [], outbox: [] };
    const commit = async (evaluation: object) => {
      const payload = {
        ...none,
        at: new Date().toISOString(),
        ...{ account_version: now?.account, trading_version: now?.trading, settings_version: now?.settings },
        evaluations: [{ n: 0, policy_version: 1, stage: now?.stage, ...evaluation }],
      };
      const answer = await web.query<{ r: { status: string } }>('SELECT gate_commit($1::jsonb) AS r', [payload]);
      return answer.rows[0]?.r.status;
    };
    expect(await commit({})).toBe('DONE');
    expect(await commit({ policy_version: 0 })).toBe('STALE');
    expect(await commit({ stage: 'M3_LIVE_SMALL' })).toBe('STALE');
  });
});
