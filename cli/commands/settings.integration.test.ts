import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runCli as run } from '@/cli/testing/run-cli';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';

let fixture: TradingFixture;
let databaseUrl: string | undefined;

beforeAll(async () => {
  fixture = await createTradingFixture();
  databaseUrl = process.env['DATABASE_URL'];
  process.env['DATABASE_URL'] = fixture.database.url;
});
afterAll(async () => {
  if (databaseUrl === undefined) delete process.env['DATABASE_URL'];
  else process.env['DATABASE_URL'] = databaseUrl;
  await fixture.close();
});

const lastAudit = async () => {
  const { rows } = await fixture.pool.query<{ actor: string; action: string; before: object; after: object }>(
    'SELECT actor, action, before, after FROM audit_log ORDER BY id DESC LIMIT 1',
  );
  return rows[0];
};

it('D-6: publishes a policy as the next version, audited with before and after', async () => {
  const shown = await run('policy', 'show');
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'policy-')), 'policy.json');
  const body = JSON.parse(shown.out);
  writeFileSync(file, JSON.stringify({ ...body, max_order_qty: 7 }));
  expect(await run('policy', 'publish', file, '--reason', 'smaller')).toMatchObject({ code: 0 });
  expect(JSON.parse((await run('policy', 'show')).out)).toMatchObject({ max_order_qty: 7 });
  expect(JSON.parse((await run('policy', 'show', '1')).out)).toEqual(body);
  expect((await run('policy', 'versions')).out).toMatch(/2 +active .*cli:.* smaller/);
  expect(await lastAudit()).toMatchObject({
    actor: expect.stringMatching(/^cli:/),
    action: 'policy.publish',
    before: { version: 1, body: { max_order_qty: body.max_order_qty } },
    after: { version: 2, body: { max_order_qty: 7 }, reason: 'smaller' },
  });
  writeFileSync(file, JSON.stringify({ ...body, max_order_qty: -1 }));
  expect(await run('policy', 'publish', file, '--reason', 'x')).toMatchObject({ code: 1 });
  expect(await run('policy', 'show', '99')).toMatchObject({ code: 1 });
  expect(await run('policy', 'show', 'x')).toMatchObject({ code: 2 });
});

it('moves the stage one step at a time, audited, and never to live trading', async () => {
  expect((await run('stage', 'show')).out).toContain('M0_LOCAL');
  expect(await run('stage', 'demote', '--reason', 'x')).toMatchObject({ code: 1 });
  expect(await run('stage', 'promote', '--reason', 'ready')).toMatchObject({ code: 0 });
  expect(await lastAudit()).toMatchObject({
    action: 'stage.change',
    before: { stage: 'M0_LOCAL' },
    after: { stage: 'M1_PAPER', reason: 'ready' },
  });
  expect(await run('stage', 'promote', '--reason', 'ready')).toMatchObject({ code: 0 });
  expect(await run('stage', 'promote', '--reason', 'ready')).toMatchObject({ code: 1 });
  expect((await run('stage', 'show')).out).toContain('M2_SANDBOX');
  const shown = await run('policy', 'show');
  const file = path.join(mkdtempSync(path.join(tmpdir(), 'policy-')), 'policy.json');
  writeFileSync(file, shown.out);
  expect(await run('policy', 'publish', file, '--reason', 'x')).toMatchObject({
    code: 1,
    err: expect.stringContaining('second person'),
  });
  expect(await run('stage', 'demote', '--reason', 'look')).toMatchObject({ code: 0 });
});

it('A-9: chooses between team and solo, audited', async () => {
  expect((await run('mode', 'show')).out).toContain('team');
  expect(await run('mode', 'solo', '--reason', 'I work alone')).toMatchObject({ code: 0 });
  expect((await run('mode', 'show')).out).toContain('solo');
  expect(await lastAudit()).toMatchObject({ action: 'mode.change', before: { mode: 'TEAM' }, after: { mode: 'SOLO' } });
  expect(await run('mode', 'team')).not.toMatchObject({ code: 0 });
});
