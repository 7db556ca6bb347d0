import { Command } from 'commander';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';
import { haltCommand } from './halt';
import { statusCommand } from './status';
import { tokenCommand } from './token';
import { userCommand } from './user';

let fixture: TradingFixture;
let databaseUrl: string | undefined;

beforeAll(async () => {
  fixture = await createTradingFixture();
  databaseUrl = process.env['DATABASE_URL'];
});
beforeEach(async () => {
  process.env['DATABASE_URL'] = fixture.database.url;
  await fixture.refresh();
});
afterEach(() => {
  vi.restoreAllMocks();
  process.exitCode = undefined;
});
afterAll(async () => {
  if (databaseUrl === undefined) delete process.env['DATABASE_URL'];
  else process.env['DATABASE_URL'] = databaseUrl;
  await fixture.close();
});

/** Runs `countersign …` in this process. */
async function run(...args: readonly string[]) {
  const out: string[] = [];
  const err: string[] = [];
  vi.spyOn(console, 'log').mockImplementation((line: string) => void out.push(line));
  vi.spyOn(console, 'error').mockImplementation((line: string) => void err.push(line));
  const program = new Command('countersign').configureOutput({
    writeErr: (text) => void err.push(text),
    writeOut: (text) => void out.push(text),
  });
  for (const register of [userCommand, tokenCommand, haltCommand, statusCommand]) register(program);
  const failures: number[] = [];
  const exitOverride = (command: Command): void => {
    command.exitOverride((error) => {
      failures.push(error.exitCode);
      throw error;
    });
    for (const child of command.commands) exitOverride(child);
  };
  exitOverride(program);
  process.exitCode = undefined;
  await program.parseAsync(args, { from: 'user' }).catch((error: unknown) => {
    if (failures.length === 0) throw error;
  });
  return { code: failures[0] ?? process.exitCode, out: out.join('\n'), err: err.join('\n') };
}

async function audited(): Promise<readonly string[]> {
  const { rows } = await fixture.pool.query<{ action: string }>(
    `SELECT action FROM audit_log WHERE actor LIKE 'cli:%' ORDER BY id`,
  );
  return rows.map(({ action }) => action);
}

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

  it.each([
    [['user', 'add', 'not-an-address']],
    [['user', 'add', 'a@example.com', '--role', 'boss']],
    [['token', 'create', '--user', 'a@example.com', '--name', 'x']],
    [['token', 'create', '--user', 'a@example.com', '--name', 'x', '--scopes', 'everything']],
    [['token', 'create', '--user', 'a@example.com', '--name', 'x', '--scopes', 'all', '--expires', 'soon']],
    [['token', 'revoke', '1']],
    [['halt', '--reason', ' ']],
    [['halt', '--reason', 'x', '--wait', 'long']],
  ])('wrong usage is told and changes nothing: %j', async (args) => {
    const result = await run(...args);
    expect(result.code).toBeGreaterThan(0);
    expect(result.err).toContain('error:');
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

  it('halts with nothing else running, shows each step, and status needs attention', async () => {
    const halted = await run('halt', '--reason', 'drill', '--wait', '0');
    expect(halted.code).toBe(0);
    expect(halted.out).toMatch(/requested .*Z\nacknowledged .*Z\nverified {6}not yet/);
    expect(await run('status')).toMatchObject({ code: 1, out: expect.stringContaining('trading is HALTED: drill') });
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
