import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Actor } from '@/server/kernel/actor';
import { Stack, type WorkerChild } from '../testing/stack';

let stack: Stack;
let worker: WorkerChild;

beforeEach(async () => {
  stack = await Stack.start();
  worker = await stack.worker();
  await stack.reconciled();
});

afterEach(async () => {
  await stack.stop();
});

async function person(role: 'VIEWER' | 'OPERATOR' = 'OPERATOR'): Promise<Actor> {
  const id = randomUUID();
  await stack.pool.query(
    `INSERT INTO users (id, email, name, role, password_hash) VALUES ($1, $2, 'Ann', $3::"Role", '')`,
    [id, `${id}@example.com`, role],
  );
  return { kind: 'user', principalId: id, name: 'ann@example.com', correlationId: 'click' };
}

async function finished() {
  await stack.until(
    'the drill',
    async () => (await stack.pool.query('SELECT 1 FROM kill_drills WHERE finished_at IS NOT NULL')).rowCount === 1,
    60_000,
  );
  return (await stack.pool.query('SELECT * FROM kill_drills')).rows[0];
}

test('a drill places through the gate, halts, measures and stays halted', { timeout: 180_000 }, async () => {
  const asked = await stack.commands.requestDrill(await person(), { orders: 8, symbol: 'MSFT' });
  expect(asked.ok).toBe(true);
  expect(await finished()).toMatchObject({
    status: 'PASSED',
    fault: null,
    symbol: 'MSFT',
    working: 8,
    cancelled: 8,
    filled: 0,
    fills_after_halt: 0,
    environment: 'SIM',
  });
  const { rows } = await stack.pool.query(
    `SELECT count(*)::int AS orders, count(DISTINCT o.evaluation_id)::int AS judged FROM orders o
     JOIN policy_evaluations e ON e.id = o.evaluation_id AND e.decision = 'APPROVE' WHERE o.strategy = 'kill-drill' AND o.kind = 'GATED'`,
  );
  expect(rows).toEqual([{ orders: 8, judged: 8 }]);
  expect(await stack.commands.tradingState()).toMatchObject({ state: 'HALTED', changedBy: 'ann@example.com' });
  const refused = await stack.commands.requestDrill(await person(), { orders: 8 });
  expect(refused).toMatchObject({ ok: false, code: 'CONFLICT', message: expect.stringContaining('HALTED') });
});

test('bounds, unknown symbols and a live account are refused', async () => {
  const ann = await person();
  for (const orders of [0, 501, 1.5])
    expect(await stack.commands.requestDrill(ann, { orders })).toMatchObject({ ok: false, code: 'INVALID' });
  expect(await stack.commands.requestDrill(ann, { orders: 1, symbol: 'ZZZZ' })).toMatchObject({ ok: false });
  await worker.end('SIGKILL');
  await stack.pool.query(`UPDATE market_clock SET environment = 'LIVE'`);
  expect(await stack.commands.requestDrill(ann, { orders: 1 })).toMatchObject({
    ok: false,
    message: expect.stringContaining('live'),
  });
});

test('a worker that dies in the middle: the next one cancels what it placed and stores the drill as failed', {
  timeout: 180_000,
}, async () => {
  await stack.commands.requestDrill(await person(), { orders: 400 });
  await stack.until('some orders to work', async () => {
    const found = await stack.pool.query(`SELECT 1 FROM orders WHERE strategy = 'kill-drill' AND status = 'ACCEPTED'`);
    return (found.rowCount ?? 0) >= 10;
  });
  await worker.end('SIGKILL');
  await stack.worker();
  expect(await finished()).toMatchObject({ status: 'FAILED', fault: 'the worker that carried it out stopped' });
  await stack.until(
    'its orders to be cancelled',
    async () => (await stack.sim<unknown[]>('GET', '/v2/orders?status=open&limit=500')).length === 0,
    40_000,
  );
  expect((await stack.commands.tradingState()).state).toBe('ACTIVE');
});

test('where the stage wants a person for every trade, only one who may approve can start it: in their name', {
  timeout: 180_000,
}, async () => {
  // The sandbox's stage under a running worker, and a venue that it allows as far as the database can tell.
  await stack.pool.query(`
    CREATE FUNCTION as_paper() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.environment := ''PAPER''; RETURN NEW; END';
    CREATE TRIGGER as_paper BEFORE INSERT OR UPDATE ON market_clock FOR EACH ROW EXECUTE FUNCTION as_paper();
    UPDATE market_clock SET environment = 'PAPER';
    UPDATE settings SET stage = 'M2_SANDBOX', version = version + 1`);
  const viewer = await person('VIEWER');
  await stack.commands.requestDrill(viewer, { orders: 2 });
  expect(await finished()).toMatchObject({
    status: 'FAILED',
    working: null,
    fault: expect.stringContaining('approve'),
  });
  await stack.pool.query('DELETE FROM kill_drills');
  await stack.commands.requestDrill(await person(), { orders: 2 });
  expect(await finished()).toMatchObject({ status: 'PASSED', fault: null, working: 2 });
  const { rows } = await stack.pool.query('SELECT status, decided_by FROM approvals');
  expect(rows).toEqual(Array(2).fill({ status: 'APPROVED', decided_by: 'ann@example.com' }));
});
