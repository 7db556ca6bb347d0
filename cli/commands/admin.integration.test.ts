import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { runCli as run } from '@/cli/testing/run-cli';
import { createAuditCheckpoints } from '@/server/adapters/files/audit-checkpoints';
import { createAccessStore } from '@/server/adapters/postgres/access/access';
import { createTokenStore } from '@/server/adapters/postgres/access/tokens';
import { createUserAdmin } from '@/server/adapters/postgres/access/users';
import { createPrisma } from '@/server/adapters/postgres/prisma';
import { hashPassword } from '@/server/auth/passwords';
import { checkPassword, MAX_FAILURES } from '@/server/auth/sign-in';
import { hashToken, judgeToken } from '@/server/auth/tokens';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';

let fixture: TradingFixture;
let databaseUrl: string | undefined;
const DATA_DIR = mkdtempSync(path.join(tmpdir(), 'countersign-admin-'));

beforeAll(async () => {
  fixture = await createTradingFixture();
  databaseUrl = process.env['DATABASE_URL'];
});
beforeEach(async () => {
  process.env['DATABASE_URL'] = fixture.database.url;
  process.env['DATA_DIR'] = DATA_DIR;
  await fixture.refresh();
});
afterAll(async () => {
  if (databaseUrl === undefined) delete process.env['DATABASE_URL'];
  else process.env['DATABASE_URL'] = databaseUrl;
  delete process.env['DATA_DIR'];
  rmSync(DATA_DIR, { recursive: true, force: true });
  await fixture.close();
});

async function audited(): Promise<readonly string[]> {
  const { rows } = await fixture.pool.query<{ action: string }>(
    `SELECT action FROM audit_log WHERE actor LIKE 'cli:%' ORDER BY id`,
  );
  return rows.map(({ action }) => action);
}

const verifiedSchema = z.object({
  intact: z.boolean(),
  count: z.number(),
  head: z.object({ id: z.string(), hash: z.string() }).nullable(),
  broken: z.object({ id: z.string(), why: z.string() }).nullable(),
});
const madeSchema = z.object({ id: z.uuid(), password: z.string().optional(), token: z.string().optional() });

describe('users and tokens', () => {
  it('are added, changed and revoked, each act in the audit and no secret in the database', async () => {
    const added = await run('user', 'add', 'Maria@Example.com', '--role', 'operator', '--json');
    expect(added.code).toBe(0);
    const { password } = madeSchema.parse(JSON.parse(added.out));
    expect(password).toMatch(/^(\w{5}-){3}\w{5}$/);
    expect(await run('user', 'add', 'maria@example.com')).toMatchObject({
      code: 1,
      err: expect.stringContaining('already'),
    });

    const made = await run(
      'token',
      'create',
      '--user',
      'maria@example.com',
      '--name',
      'bot',
      '--scopes',
      'orders:read, orders:write',
      '--json',
    );
    const { id, token } = madeSchema.parse(JSON.parse(made.out));
    const { rows } = await fixture.pool.query(
      `SELECT row_to_json(t)::text || row_to_json(u)::text AS everything FROM api_tokens t, users u`,
    );
    expect(JSON.stringify(rows)).not.toContain(token ?? 'no token');
    expect(JSON.stringify(rows)).not.toContain(password ?? 'no password');
    expect((await run('token', 'list')).out).toMatch(/bot\s+maria@example\.com\s+active/);
    expect((await run('user', 'role', 'maria@example.com', 'viewer')).code).toBe(0);
    expect(
      await run('token', 'create', '--user', 'maria@example.com', '--name', 'x', '--scopes', 'orders:write'),
    ).toMatchObject({ code: 1, err: expect.stringContaining('orders:write') });
    expect((await run('token', 'revoke', id)).code).toBe(0);
    expect((await run('token', 'revoke', id)).code).toBe(1);
    expect((await run('user', 'passwd', 'maria@example.com')).out).toContain('Password (shown only now)');
    expect((await run('user', 'passwd', 'nobody@example.com')).code).toBe(1);
    expect(await audited()).toEqual(['user.create', 'token.create', 'user.role', 'token.revoke', 'user.password']);
  });

  it('a token’s settings as a bot are changed one by one, and audited with before and after', async () => {
    await run('user', 'add', 'bots@example.com', '--role', 'operator');
    const token = ['token', 'create', '--user', 'bots@example.com', '--name', 'momentum', '--scopes', 'all', '--json'];
    const made = await run(...token, '--confidence', '0.7', '--symbols', 'spy, aapl');
    const { id } = madeSchema.parse(JSON.parse(made.out));
    expect((await run('bot', 'list')).out).toMatch(/cs_\w{6}\s+momentum.*confidence 0\.7, symbols SPY,AAPL/);
    expect(await run('bot', 'set', id, '--symbols', '', '--stop-distance', '0.05', '--rate', '60')).toMatchObject({
      code: 0,
      out: expect.stringContaining('momentum: confidence 0.7, stop-distance 0.05, rate 60'),
    });
    const { rows } = await fixture.pool.query(
      `SELECT before, after FROM audit_log WHERE action = 'bot.settings' AND target = $1`,
      [`token:${id}`],
    );
    expect(rows).toEqual([
      {
        before: { confidence: 0.7, symbols: ['SPY', 'AAPL'] },
        after: { confidence: 0.7, stop_distance_pct: 0.05, requests_per_minute: 60 },
      },
    ]);
    expect(await run('bot', 'set', id, '--confidence', '2')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--confidence must be between 0 and 1'),
    });
    expect((await run('token', 'revoke', id)).code).toBe(0);
    expect((await run('bot', 'set', id, '--rate', '10')).code).toBe(1);
  });

  it.each([
    [['bot', 'set', '1', '--rate', '10']],
    [['user', 'add', 'not-an-address']],
    [['user', 'add', 'a@example.com', '--role', 'boss']],
    [['token', 'create', '--user', 'a@example.com', '--name', 'x']],
    [['token', 'create', '--user', 'a@example.com', '--name', 'x', '--scopes', 'everything']],
    [['token', 'create', '--user', 'a@example.com', '--name', 'x', '--scopes', 'all', '--expires', 'soon']],
    [['token', 'revoke', '1']],
    [['user', 'disable', 'not-an-address']],
    [['break', 'resolve', '1', '--reason', 'x']],
    [['break', 'resolve', '0198f2a0-0000-4000-8000-000000000001', '--reason', ' ']],
    [['halt', '--reason', ' ']],
    [['halt', '--reason', 'x', '--wait', 'long']],
  ])('wrong usage is explained and changes nothing: %j', async (args) => {
    const result = await run(...args);
    expect(result.code).toBeGreaterThan(0);
    expect(result.err).toContain('error:');
  });
});

describe('disabling a user', () => {
  it('refuses the sessions, tokens and sign-in of the user until enabled, and never the last administrator', async () => {
    const password = 'a good long password';
    const passwordHash = await hashPassword(password);
    await fixture.pool.query(
      `INSERT INTO users (id, email, name, role, password_hash)
       SELECT gen_random_uuid(), name || '@disable.test', name, 'ADMIN', $1 FROM unnest(ARRAY['ann', 'bob']) AS name`,
      [passwordHash],
    );
    const { token } = madeSchema.parse(
      JSON.parse(
        (await run('token', 'create', '--user', 'ann@disable.test', '--name', 'a', '--scopes', 'all', '--json')).out,
      ),
    );
    const db = createPrisma(fixture.database.url);
    const access = createAccessStore(db);
    const tokens = createTokenStore(fixture.pool);
    const seen = async () => {
      const stored = await tokens.findByHash(hashToken(token ?? ''));
      return {
        signIn: (await checkPassword(access, 'ann@disable.test', password)).ok,
        token: stored !== null && judgeToken(stored, Date.now()).ok,
        version: (await access.userByEmail('ann@disable.test'))?.sessionVersion,
      };
    };
    try {
      expect(await seen()).toEqual({ signIn: true, token: true, version: 1 });
      expect((await run('user', 'disable', 'Ann@disable.test')).code).toBe(0);
      expect(await seen()).toEqual({ signIn: false, token: false, version: 2 });
      expect((await run('user', 'list')).out).toMatch(/ann@disable\.test .* disabled/);
      expect(await run('user', 'disable', 'ann@disable.test')).toMatchObject({
        code: 1,
        err: expect.stringContaining('already'),
      });
      expect(await run('user', 'disable', 'bob@disable.test')).toMatchObject({
        code: 1,
        err: expect.stringContaining('last enabled ADMIN'),
      });
      expect((await run('user', 'enable', 'ann@disable.test')).code).toBe(0);
      expect(await seen()).toEqual({ signIn: true, token: true, version: 3 });
      expect((await run('user', 'disable', 'nobody@example.com')).code).toBe(1);
      expect((await audited()).slice(-2)).toEqual(['user.disable', 'user.enable']);
    } finally {
      await db.$disconnect();
    }
  });

  it('U-3: leaves one administrator when two are demoted at once, and forgets failed sign-ins', async () => {
    const db = createPrisma(fixture.database.url);
    const emails = ['ann@disable.test', 'bob@disable.test'] as const;
    try {
      const users = createUserAdmin(db);
      const results = await Promise.all(emails.map((email) => users.setRole(email, 'VIEWER', 'cli:test')));
      expect(results.toSorted()).toEqual(['DONE', 'LAST_ADMIN']);
      const last = emails[results.indexOf('LAST_ADMIN')] ?? '';
      expect(await run('user', 'role', last, 'OPERATOR')).toMatchObject({
        code: 1,
        err: expect.stringContaining('last enabled ADMIN'),
      });
      for (const email of emails) expect((await run('user', 'role', email, 'ADMIN')).code).toBe(0);
      const access = createAccessStore(db);
      for (let n = 0; n <= MAX_FAILURES; n += 1) await checkPassword(access, last, 'wrong');
      expect(await checkPassword(access, last, 'wrong')).toMatchObject({ code: 'THROTTLED' });
      expect((await run('user', 'unlock', last)).code).toBe(0);
      expect(await checkPassword(access, last, 'wrong')).toMatchObject({ code: 'WRONG' });
      expect((await run('user', 'unlock', 'nobody@example.com')).code).toBe(1);
      expect((await audited()).at(-1)).toBe('user.unlock');
    } finally {
      await db.$disconnect();
    }
  });

  it('leaves one administrator when two are disabled at once', async () => {
    const db = createPrisma(fixture.database.url);
    try {
      const users = createUserAdmin(db);
      const results = await Promise.all(
        ['ann@disable.test', 'bob@disable.test'].map((email) => users.setDisabled(email, true, 'cli:test')),
      );
      expect(results.toSorted()).toEqual(['DONE', 'LAST_ADMIN']);
    } finally {
      await db.$disconnect();
    }
  });
});

describe('breaks', () => {
  it('are listed with both sides, and resolved once, with a reason in the audit', async () => {
    const id = '0198f2a0-0000-4000-8000-00000000b001';
    await fixture.pool.query(
      `INSERT INTO breaks (id, symbol, cause, ours, theirs, opened_at)
       VALUES ($1, 'AAPL', 'EXTERNAL_ORDER', '{"qty": "5"}', '{"qty": "7"}', now())`,
      [id],
    );
    expect((await run('break', 'list')).out).toMatch(/AAPL +EXTERNAL_ORDER .* qty 5 +qty 7/);
    expect(JSON.parse((await run('break', 'list', '--json')).out)).toMatchObject([{ id, theirs: { qty: '7' } }]);
    expect((await run('break', 'resolve', id)).code).toBeGreaterThan(0);
    expect((await run('break', 'resolve', id, '--reason', 'bought by phone')).code).toBe(0);
    expect(await run('break', 'resolve', id, '--reason', 'again')).toMatchObject({
      code: 1,
      err: expect.stringContaining('no such open break'),
    });
    expect((await run('break', 'list')).out).toBe('No break is open.');
    expect((await audited()).at(-1)).toBe('break.resolve');
  });
});

describe('audit verify', () => {
  /** Does what the database forbids its users: changes what was appended. */
  async function tamper(sql: string) {
    const client = await fixture.pool.connect();
    try {
      await client.query('BEGIN');
      await client.query('ALTER TABLE audit_log DISABLE TRIGGER USER');
      await client.query(sql);
      await client.query('ALTER TABLE audit_log ENABLE TRIGGER USER');
      await client.query('COMMIT');
    } finally {
      client.release();
    }
  }
  const verify = async () => {
    const result = await run('audit', 'verify', '--json');
    return { code: result.code, ...verifiedSchema.parse(JSON.parse(result.out)) };
  };

  it('D-7: compares with what was signed, and says by which key', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'countersign-checkpoints-'));
    try {
      const none = await run('audit', 'verify', '--checkpoints', folder);
      expect(none).toMatchObject({ code: 0, out: expect.stringContaining('no checkpoints were found') });
      const { rows } = await fixture.pool.query<{ hash: string }>('SELECT hash FROM audit_log ORDER BY audit_log.id');
      const checkpoints = createAuditCheckpoints(folder);
      const hashes = rows.map(({ hash }) => hash);
      await checkpoints.append({ from: 1, to: hashes.length, hashes, at: '2026-01-05T15:00:00.000Z' });
      const [stored] = await checkpoints.read();
      const keyId = stored?.keyId ?? '';
      const signed = await run('audit', 'verify', '--checkpoints', folder, '--key-id', keyId);
      expect(signed).toMatchObject({ code: 0, out: expect.stringContaining(`Signed: ${hashes.length} row(s)`) });
      const other = await run('audit', 'verify', '--checkpoints', folder, '--key-id', 'another');
      expect(other).toMatchObject({ code: 1, out: expect.stringContaining(`signed by another key: ${keyId}`) });
      await checkpoints.append({ from: 2, to: 2, hashes: ['x'], at: '2026-01-05T15:01:00.000Z' });
      const file = path.join(folder, 'audit-checkpoints.jsonl');
      writeFileSync(file, readFileSync(file, 'utf8').replace('"x"', '"y"'));
      const forged = await run('audit', 'verify', '--checkpoints', folder);
      expect(forged).toMatchObject({
        code: 1,
        out: expect.stringContaining('line 2 of the checkpoints is not signed'),
      });
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  it('recomputes every row and names the first that was changed, added or taken out', async () => {
    // More than one page.
    await fixture.pool.query(
      `SELECT audit_append('cli:test', 'test', 'row:' || n, NULL, '{"a": 1.50}', NULL) FROM generate_series(1, 2100) AS n`,
    );
    const { rows } = await fixture.pool.query<{ id: string; hash: string }>(
      'SELECT id::text, hash FROM audit_log ORDER BY audit_log.id DESC LIMIT 1',
    );
    const [head] = rows;
    expect(await verify()).toEqual({ code: 0, intact: true, count: Number(head?.id), head, broken: null });
    expect((await run('audit', 'verify')).out).toContain(`Head ${head?.id} ${head?.hash}`);

    await tamper(`UPDATE audit_log SET actor = 'someone else' WHERE id = 5`);
    expect(await verify()).toMatchObject({ code: 1, count: 4, head: { id: '4' }, broken: { id: '5' } });
    expect((await run('audit', 'verify')).out).toContain('Broken at row 5: its content');
    await tamper(`UPDATE audit_log SET hash = audit_hash(prev_hash, id, at, actor, action, target, before, after,
                    correlation_id) WHERE id = 5`);
    expect(await verify()).toMatchObject({ code: 1, broken: { id: '6', why: expect.stringContaining('continue') } });
    await tamper('DELETE FROM audit_log WHERE id = 3');
    expect(await verify()).toMatchObject({ code: 1, broken: { id: '4', why: expect.stringContaining('row 3 is') } });
  });
});

describe('status and halt', () => {
  it('is healthy with a worker and fresh data, and says what is not', async () => {
    await fixture.pool.query(
      `INSERT INTO worker_heartbeats (id, roles, started_at, beat_at) VALUES ('w', '{}', now(), now())`,
    );
    expect(await run('status')).toMatchObject({ code: 0, out: expect.stringMatching(/^Healthy/) });
    await fixture.refresh({ portfolioAgeSeconds: 60 });
    const json = await run('status', '--json');
    expect(json.code).toBe(1);
    expect(JSON.parse(json.out)).toMatchObject({
      healthy: false,
      attention: [expect.stringContaining('portfolio')],
      trading: { state: 'ACTIVE' },
    });
  });

  it('names the cause of each open alert', async () => {
    await fixture.refresh();
    const open = (kind: string, subject: string, message: string) =>
      fixture.pool.query('SELECT alert_open(gen_random_uuid(), $1, $2, $3, $4)', [kind, subject, message, '{}']);
    await open(
      'MARKET_STREAM',
      'stream',
      'no market data: the market data stream refused: connection limit exceeded (406)',
    );
    await open('ENGINE', 'Redis', 'Redis does not answer (ECONNREFUSED)');
    // Another role of a worker may be alive all the same.
    await open('WORKER', 'worker', 'The worker has sent no heartbeat for 17 s.');
    const status = await run('status');
    expect(status.code).toBe(1);
    expect(status.out).toMatch(
      /- WARNING alert Market data stream since .*Z: no market data: the market data stream refused: connection limit exceeded \(406\)\n/,
    );
    expect(status.out).toMatch(/- WARNING alert Engine since .*Z: Redis does not answer \(ECONNREFUSED\)\n/);
    expect(status.out).toMatch(/- CRITICAL alert Worker down since .*Z: The worker has sent no heartbeat for 17 s\.\n/);
    const json = await run('status', '--json');
    expect(JSON.parse(json.out).openAlerts).toMatchObject([
      { kind: 'MARKET_STREAM' },
      { kind: 'ENGINE' },
      { kind: 'WORKER' },
    ]);
    await fixture.pool.query(`SELECT alert_resolve(kind, subject) FROM alerts`);
  });

  it('halts with nothing else running, shows each step, and status needs attention', async () => {
    const halted = await run('halt', '--reason', 'drill', '--wait', '0');
    expect(halted.code).toBe(0);
    expect(halted.out).toMatch(/requested .*Z\nacknowledged .*Z\nverified {6}not yet/);
    const status = await run('status');
    expect(status).toMatchObject({ code: 1, out: expect.stringContaining('trading is HALTED: drill') });
    expect(status.out).toMatch(/\nCause {6}Stopped by a person since .*Z by .*: drill\. Ended by a release\n/);
    expect(await audited()).toContain('trading.halt');
  });
});

describe('a database that is not there', () => {
  it.each([
    ['', 'npm start'],
    ['postgresql://a:secret@127.0.0.1:1/x', '127.0.0.1:1 does not answer'],
  ])('is one line and exit code 2 (%j)', async (url, line) => {
    process.env['DATABASE_URL'] = url;
    const result = await run('status');
    expect(result.code).toBe(2);
    expect(result.err).toContain(line);
    expect(result.err).not.toContain('secret');
  });
});
