import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createUserAdmin } from '@/server/adapters/postgres/access/users';
import { createPrisma } from '@/server/adapters/postgres/prisma';
import { hashPassword } from '@/server/auth/passwords';
import { signIn } from '@/test-support/console-client';
import { expectBooksEqual } from './support/books';
import { ADMIN, System } from './support/system';

const OPERATOR = { email: 'operator@example.com', password: 'another horse battery staple' };

let system: System;

beforeAll(async () => {
  system = await System.start();
  await system.stack.worker();
  await system.stack.reconciled();
});

afterAll(async () => {
  await system.stop();
});

const verified = async () => (await system.stack.commands.tradingState()).halt?.verifiedAt != null;

async function addOperator(): Promise<void> {
  const db = createPrisma(system.stack.databaseUrl);
  const passwordHash = await hashPassword(OPERATOR.password);
  const user = { id: randomUUID(), email: OPERATOR.email, name: 'Op', role: 'OPERATOR', passwordHash } as const;
  await createUserAdmin(db).add(user, 'test');
  await db.$disconnect();
}

async function buy(symbol: string, limit_price?: string): Promise<string> {
  const signal_id = await system.signal({ symbol });
  const answer = await system.place({ signal_id, symbol, ...(limit_price === undefined ? {} : { limit_price }) });
  expect(answer.status).toBe(201);
  return String(answer.body['order_id']);
}

test('a halt cancels what rests, lets a flatten through, and is released only when everything is clean', {
  timeout: 240_000,
}, async () => {
  const { stack } = system;
  await addOperator();
  const [held, resting] = [await buy('AAPL'), await buy('MSFT', (await system.restingPrices()).get('MSFT') ?? '1')];
  await stack.until('the position', async () => (await stack.status(held)) === 'FILLED');
  await stack.until('the resting order', async () => (await stack.status(resting)) === 'ACCEPTED');
  const operator = await signIn(system.web().url, OPERATOR.email, OPERATOR.password);
  const admin = await system.console();

  // Without a worker nothing is verified, and so nothing released.
  await stack.endWorkers('SIGKILL');
  expect(await operator.trading.halt.mutate({ reason: 'quotes look wrong' })).toMatchObject({ ok: true });
  const password = ADMIN.password;
  const early = await admin.trading.release.mutate({ reason: 'too early', password });
  expect(early).toMatchObject({ ok: false, code: 'NOT_CLEAN', message: expect.stringContaining('not verified') });
  await stack.worker();
  await stack.until('the verification', verified, 30_000);
  expect(await stack.status(resting)).toBe('CANCELLED');

  // A flatten leaves while trading is halted.
  const flattened = await operator.trading.flatten.mutate({ reason: 'close all', confirm: 'FLATTEN' });
  if (!flattened.ok) throw new Error(flattened.message);
  expect(flattened.exitIds).toHaveLength(1);
  const closed = async () =>
    (await stack.pool.query(`SELECT 1 FROM exits WHERE id = $1 AND outcome = 'CLOSED'`, [flattened.exitIds[0]]))
      .rowCount === 1;
  await stack.until('the exit', closed, 30_000);
  const { trading } = operator;
  await expect(trading.release.mutate({ reason: 'an operator', password: OPERATOR.password })).rejects.toThrow();
  await expect(admin.trading.release.mutate({ reason: 'wrong password', password: 'no' })).rejects.toThrow();
  await expect(admin.trading.release.mutate({ reason: '  ', password })).rejects.toThrow();
  const api = await system.call('POST', '/v1/trading-state', { body: { action: 'release', reason: 'by token' } });
  expect(api.status).toBeGreaterThanOrEqual(400);

  // An order that nobody here placed opens a break: a person answers for it first.
  await stack.pool.query(
    `INSERT INTO breaks (id, symbol, cause, opened_at) VALUES ($1, 'NVDA', 'EXTERNAL_ORDER', now())`,
    [randomUUID()],
  );
  const broken = await admin.trading.release.mutate({ reason: 'with a break', password });
  expect(broken).toMatchObject({ ok: false, code: 'NOT_CLEAN', message: expect.stringContaining('unresolved') });
  await stack.pool.query(`UPDATE breaks SET resolved_at = now(), resolved_by = 'test', reason = 'test'`);

  // Without a recent clean round.
  await stack.sim('PUT', '/sim/v1/faults', { fail_5xx: 1, only: [' /v2/positions'] });
  await stack.until(
    'a failed round',
    async () => Number(await system.scalar('SELECT failed_rounds FROM accounts')) > 0,
  );
  await stack.sim('PUT', '/sim/v1/faults', { fail_5xx: 1_000, only: [' /v2/positions'] });
  const unclean = await admin.trading.release.mutate({ reason: 'unclean', password });
  expect(unclean).toMatchObject({ ok: false, message: expect.stringContaining('clean reconciliation') });
  await stack.sim('DELETE', '/sim/v1/faults');
  expect((await stack.commands.tradingState()).state).toBe('HALTED');

  await stack.until('a clean reconciliation', async () => {
    return (await admin.trading.release.mutate({ reason: 'all is well', password })).ok;
  });
  expect((await stack.commands.tradingState()).state).toBe('ACTIVE');
  const { rows } = await stack.pool.query(
    `SELECT requested_by, released_by, release_reason FROM halts WHERE verified_at IS NOT NULL AND released_at IS NOT NULL`,
  );
  expect(rows).toEqual([{ requested_by: OPERATOR.email, released_by: ADMIN.email, release_reason: 'all is well' }]);
  await expectBooksEqual(system);
});
