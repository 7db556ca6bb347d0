import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAuditCheckpoints } from '@/server/adapters/files/audit-checkpoints';
import { createAuditLog } from '@/server/adapters/postgres/access/audit-chain';
import { createAlertStore } from '@/server/adapters/postgres/ops/alert-store';
import { AuditSigner } from '@/server/application/audit/sign-audit-log';
import { type AuditChain, verifyAuditLog } from '@/server/application/audit/verify-audit-log';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';
import { PERSON, Scene } from './support';

/** An order as an attacker would write it. @returns its id */
async function insertOrder(
  run: (text: string, values: readonly unknown[]) => Promise<void>,
  evaluationId: string,
  signalId: string,
  qty: number,
): Promise<string> {
  const id = randomUUID();
  await run(
    `INSERT INTO orders (id, kind, signal_id, evaluation_id, symbol, side, qty, order_type, limit_price, time_in_force,
       reference_price, expires_at, created_at, updated_at)
     VALUES ($1, 'GATED', $2, $3, 'AAPL', 'BUY', $4, 'LIMIT', 100, 'DAY', 100, now() + interval '1 year', now(), now())`,
    [id, signalId, evaluationId, qty],
  );
  return id;
}

/** Refused by the database, or stored: either may be right, as long as nothing is sent. */
const attempt = (act: Promise<unknown>): Promise<'stored' | 'refused'> =>
  act.then(
    () => 'stored',
    () => 'refused',
  );

describe('an order row that the web process writes itself', () => {
  let scene: Scene;
  let onReject: readonly string[];
  let onAdvice: readonly string[];
  let attempts: readonly string[];
  beforeAll(async () => {
    scene = await Scene.open();
    const { commands } = scene.system;

    const refused = await scene.system.propose({ symbol: 'AAPL', side: 'SELL', qty: 5, sure: true, limit: true });
    expect(refused.kind).toBe('REJECTED');
    const [rejected] = await scene.query<{ id: string; signal_id: string }>(
      `SELECT id, signal_id FROM policy_evaluations WHERE decision = 'REJECT'`,
    );
    const first = await attempt(insertOrder(scene.asWeb, rejected?.id ?? '', rejected?.signal_id ?? '', 400));
    await scene.run(5_000);
    onReject = scene.sent();

    const advice = await commands.evaluateCandidate(PERSON, {
      signal_id: randomUUID(),
      symbol: 'AAPL',
      candidate_action: 'BUY',
      confidence: 0.9,
      size_pct: 0.005,
      market_context: { data_age_seconds: 1, market_open: true, event_blackout_active: false },
      portfolio_context: { gross_exposure_pct: 0, daily_drawdown_pct: 0 },
    });
    expect(advice).toMatchObject({ ok: true, response: { decision: 'APPROVE' } });
    const [advised] = await scene.query<{ id: string; signal_id: string }>(
      `SELECT id, signal_id FROM policy_evaluations WHERE kind = 'ADVISORY'`,
    );
    const before = scene.sent().length;
    const second = await attempt(insertOrder(scene.asWeb, advised?.id ?? '', advised?.signal_id ?? '', 400));
    await scene.run(5_000);
    onAdvice = scene.sent().slice(before);
    attempts = [first, second];
  });
  afterAll(() => scene.close());

  it('H1: resting on a refused decision it never reaches the broker', () => {
    expect(onReject).toEqual([]);
  });

  it('H1: resting on an advisory decision, and larger than that allows, it never reaches the broker', () => {
    expect(onAdvice).toEqual([]);
  });

  it('H1: the database refuses both', () => {
    expect(attempts).toEqual(['refused', 'refused']);
  });

  it('D-4: the database refuses both from its owner too', async () => {
    const [refused] = await scene.query<{ id: string; signal_id: string }>(
      `SELECT id, signal_id FROM policy_evaluations WHERE decision = 'REJECT'`,
    );
    await expect(insertOrder(scene.asOwner, refused?.id ?? '', refused?.signal_id ?? '', 400)).rejects.toThrow(
      'rests on no decision of the same terms',
    );
  });

  it('O-13: stored in spite of that, it is cancelled unsent, with an alert and an audit row', async () => {
    const before = scene.sent().length;
    const [refused] = await scene.query<{ id: string; signal_id: string }>(
      `SELECT id, signal_id FROM policy_evaluations WHERE decision = 'REJECT'`,
    );
    const id = await insertOrder(scene.asReplica, refused?.id ?? '', refused?.signal_id ?? '', 400);
    await scene.run(5_000);
    expect(scene.sent().slice(before)).toEqual([]);
    expect(await scene.query('SELECT status FROM orders WHERE id = $1', [id])).toEqual([{ status: 'CANCELLED' }]);
    expect(await scene.alerts()).toContain(`${id}: BUY 400 AAPL was not sent: its decision is REJECT`);
    const audited = await scene.query(`SELECT after->>'reason' AS why FROM audit_log WHERE target = $1`, [
      `order:${id}`,
    ]);
    expect(audited).toEqual([{ why: 'its decision is REJECT' }]);
  });

  it.each([
    ['run a program', `COPY orders TO PROGRAM 'true'`],
    ['switch triggers off', `SET session_replication_role = 'replica'`],
    ['drop a trigger', 'DROP TRIGGER orders_terms_settled ON orders'],
    ['change a function', `ALTER FUNCTION audit_hash RENAME TO other`],
    ['empty a table', 'TRUNCATE orders CASCADE'],
  ])('the web process may not %s', async (_what, statement) => {
    await expect(scene.asWeb(statement)).rejects.toThrow(/permission denied|must be owner/);
  });
});

describe('a rewritten audit log', () => {
  let fixture: TradingFixture;
  let before: AuditChain;
  let after: AuditChain;
  let rewritten: string;
  let folder: string;
  let signer: AuditSigner;
  beforeAll(async () => {
    fixture = await createTradingFixture();
    const { pool, commands } = fixture;
    expect(await commands.reduce(PERSON, 'a strange market')).toMatchObject({ ok: true });
    for (const model of ['one', 'two'])
      expect(
        await commands.setModelPrice(PERSON, { model, input_per_million: '1', output_per_million: '2' }),
      ).toMatchObject({ ok: true });
    folder = mkdtempSync(path.join(tmpdir(), 'countersign-audit-'));
    const checkpoints = createAuditCheckpoints(folder);
    const log = createAuditLog(pool);
    signer = new AuditSigner({
      log,
      checkpoints,
      alerts: createAlertStore(pool),
      clock: { nowMs: Date.now },
      logger: { error: () => undefined, info: () => undefined },
    });
    expect(await signer.sign()).toBe(3);
    before = await verifyAuditLog(log, await checkpoints.read());
    rewritten = await rewriteActors(fixture);
    after = await verifyAuditLog(log, await checkpoints.read());
  });
  afterAll(async () => {
    await fixture.close();
    rmSync(folder, { recursive: true, force: true });
  });

  /** As the owner of the server can: without triggers, each hash computed again by the database's own function. @returns a row's id */
  async function rewriteActors({ pool }: TradingFixture): Promise<string> {
    const client = await pool.connect();
    try {
      await client.query(`SET session_replication_role = 'replica'`);
      const { rows } = await client.query<{ id: string }>('SELECT id::text FROM audit_log ORDER BY audit_log.id');
      await client.query(`UPDATE audit_log SET actor = 'somebody else'`);
      for (const { id } of rows) {
        await client.query(
          `UPDATE audit_log l SET prev_hash = coalesce((SELECT hash FROM audit_log p WHERE p.id = l.id - 1), repeat('0', 64)) WHERE id = $1`,
          [id],
        );
        await client.query(
          `UPDATE audit_log SET hash = audit_hash(prev_hash, id, at, actor, action, target, before, after, correlation_id) WHERE id = $1`,
          [id],
        );
      }
      await client.query('RESET session_replication_role');
      return rows[0]?.id ?? '';
    } finally {
      client.release();
    }
  }

  it('is intact before', () => {
    expect(before).toMatchObject({ broken: null, count: 3 });
  });

  it('H2, D-7: verify names the first row that was rewritten', () => {
    expect(after.broken).toMatchObject({ id: rewritten, why: expect.stringContaining('not the row that was signed') });
  });

  it('D-7: the worker does not sign it again, and alerts a person', async () => {
    expect(await signer.sign()).toBeNull();
    const { rows } = await fixture.pool.query(
      `SELECT message FROM alerts WHERE kind = 'AUDIT' AND resolved_at IS NULL`,
    );
    expect(rows).toEqual([{ message: expect.stringContaining('The audit log is not what was signed') }]);
  });
});

describe('what plain SQL changes', () => {
  let fixture: TradingFixture;
  const rows = new Map<string, number>();
  const USER = randomUUID();
  const CHANGES: readonly (readonly [name: string, statement: string])[] = [
    ['the rollout stage', `UPDATE settings SET stage = 'M3_LIVE_SMALL'`],
    [
      'a policy',
      `INSERT INTO policy_versions (version, body, created_by) SELECT 99, body, 'x' FROM policy_versions LIMIT 1`,
    ],
    ['the trading state', `UPDATE trading_state SET state = 'REDUCING', version = version + 1`],
    [
      'a user',
      `INSERT INTO users (id, email, name, role, password_hash) VALUES ('${USER}', 'x@example.com', 'x', 'VIEWER', 'x')`,
    ],
    ['a role', `UPDATE users SET role = 'ADMIN' WHERE id = '${USER}'`],
    [
      'a token',
      `INSERT INTO api_tokens (id, user_id, name, token_hash, prefix, scopes) VALUES ('${randomUUID()}', '${USER}', 'x', 'x', 'x', '{}')`,
    ],
  ];
  beforeAll(async () => {
    fixture = await createTradingFixture();
    const count = async () => {
      const { rows: found } = await fixture.pool.query<{ n: number }>('SELECT count(*)::int AS n FROM audit_log');
      return found[0]?.n ?? 0;
    };
    for (const [name, statement] of CHANGES) {
      const before = await count();
      const { rowCount } = await fixture.pool.query(statement);
      expect({ name, rowCount }).toEqual({ name, rowCount: 1 });
      rows.set(name, (await count()) - before);
    }
  });
  afterAll(() => fixture.close());

  for (const [name] of CHANGES) {
    it(`H2: ${name} leaves a row in the audit log`, () => {
      expect(rows.get(name)).toBe(1);
    });
  }

  it('D-6: the row names the database login, with before and after and without secrets', async () => {
    const { rows: found } = await fixture.pool.query<{ actor: string; action: string; before: object; after: object }>(
      'SELECT actor, action, before, after FROM audit_log ORDER BY id',
    );
    expect(found.every(({ actor }) => actor.startsWith('sql:'))).toBe(true);
    const stage = found.find(({ action }) => action === 'sql.update.settings');
    expect(stage).toMatchObject({ before: { stage: 'M0_LOCAL' }, after: { stage: 'M3_LIVE_SMALL' } });
    expect(JSON.stringify(found)).not.toMatch(/password_hash|token_hash/);
  });

  it('D-6: an audited act is not appended twice, and the use of a token not at all', async () => {
    const count = async () => (await fixture.pool.query('SELECT 1 FROM audit_log')).rowCount ?? 0;
    const before = await count();
    await fixture.pool.query('UPDATE api_tokens SET last_used_at = now()');
    await fixture.pool.query('UPDATE settings SET version = version + 1');
    expect(await count()).toBe(before);
    expect(await fixture.commands.halt(PERSON, 'stop', 200)).toMatchObject({ ok: true });
    expect(await count()).toBe(before + 1);
  });
});
