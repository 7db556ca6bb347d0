import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBreakGlassJournal } from '@/server/adapters/files/break-glass-journal';
import { breakGlass } from '@/server/application/halt/break-glass';
import { openDirect } from '@/server/composition/direct';
import { KEY_ID, SECRET_KEY } from '../simulator/testing/harness';
import { Stack, TESTER } from '../testing/stack';

let stack: Stack;

beforeEach(async () => {
  stack = await Stack.start();
  await stack.worker();
  await stack.reconciled();
});

afterEach(async () => {
  await stack.stop();
});

async function rest(count: number): Promise<string[]> {
  const { rows } = await stack.pool.query<{ price: string }>(
    `SELECT trim_scale(round(bid * 0.9, 2))::text AS price FROM quotes WHERE symbol = 'AAPL'`,
  );
  const placed = await Promise.all(
    Array.from({ length: count }, () => stack.place({ symbol: 'AAPL', limitPrice: rows[0]?.price ?? '1' })),
  );
  const ids = placed.map(({ orderId }) => orderId);
  await stack.until('the orders to work', async () => {
    const statuses = await Promise.all(ids.map((id) => stack.status(id)));
    return statuses.every((status) => status === 'ACCEPTED');
  });
  return ids;
}

const openAtBroker = async () => (await stack.sim<unknown[]>('GET', '/v2/orders?status=open')).length;
const suspended = async () =>
  (await stack.sim<{ trade_suspended_by_user: boolean }>('GET', '/v2/account')).trade_suspended_by_user;
const audit = async (like: string) =>
  (
    await stack.pool.query<{ actor: string; action: string }>(
      'SELECT actor, action FROM audit_log WHERE action LIKE $1 ORDER BY id',
      [like],
    )
  ).rows;
const alerts = async () =>
  (await stack.pool.query('SELECT kind, resolved_at IS NULL AS open FROM alerts ORDER BY opened_at')).rows;

test('with the worker gone: stopped at the broker, booked once when a worker is back, lifted by a release', {
  timeout: 180_000,
}, async () => {
  await rest(3);
  await stack.endWorkers('SIGKILL');
  // As the command line opens it: no database address, keys from the environment.
  const direct = openDirect({
    DATA_DIR: stack.folder,
    BROKER_URL: stack.simulator.url,
    BROKER_KEY_ID: KEY_ID,
    BROKER_SECRET_KEY: SECRET_KEY,
  });
  const lines: string[] = [];
  const act = { kind: 'BREAK_GLASS', actor: 'cli:ann', reason: 'the database is gone', limitMs: 20_000 } as const;
  const result = await breakGlass({ ...direct, say: (line) => void lines.push(line) }, act);
  await direct.close();
  expect(result).toMatchObject({ working: 0, suspended: true, recorded: true });
  expect(lines.join('\n')).not.toContain(SECRET_KEY);
  expect([await openAtBroker(), await suspended()]).toEqual([0, true]);
  expect((await stack.commands.tradingState()).state).toBe('ACTIVE');

  // Two workers come back at once: each step is booked by one of them.
  await Promise.all([stack.worker(), stack.worker()]);
  await stack.until('the halt', async () => (await stack.commands.tradingState()).state === 'HALTED');
  expect(await stack.commands.tradingState()).toMatchObject({ changedBy: 'cli:ann', reason: 'the database is gone' });
  await stack.until(
    'the verification',
    async () => (await stack.commands.tradingState()).halt?.verifiedAt != null,
    30_000,
  );
  expect(await audit('break_glass.%')).toEqual([
    { actor: 'cli:ann', action: 'break_glass.begun' },
    { actor: 'cli:ann', action: 'break_glass.suspending' },
    { actor: 'cli:ann', action: 'break_glass.ended' },
  ]);
  expect(await alerts()).toContainEqual({ kind: 'BREAK_GLASS', open: true });
  expect(await suspended()).toBe(true);

  await stack.until(
    'the release',
    async () => (await stack.commands.release(TESTER, 'the database is back')).ok,
    30_000,
  );
  await stack.until('the suspension to be lifted', async () => !(await suspended()), 30_000);
  await stack.until('the alert to be resolved', async () => (await audit('break_glass.lifted')).length === 1, 10_000);
  expect(await alerts()).toContainEqual({ kind: 'BREAK_GLASS', open: false });
  await stack.reconciled();
  const after = await stack.place({ symbol: 'AAPL' });
  await stack.until('trading to go on', async () => (await stack.status(after.orderId)) === 'FILLED');
  expect(await audit('break_glass.%')).toHaveLength(4);
});

test('a dead worker with working orders: an alert; with the switch everything is cancelled and audited', {
  timeout: 180_000,
}, async () => {
  await rest(2);
  await stack.worker({ DEADMAN_SECONDS: '3' }, ['--roles', 'watchdog']);
  const beats = async () =>
    (await stack.pool.query<{ info: unknown }>(`SELECT info FROM worker_heartbeats WHERE roles = '{watchdog}'`)).rows;
  await stack.until('the watchdog’s own heartbeat', async () => (await beats()).length === 1);
  expect((await beats())[0]?.info).toEqual({ lastLookMs: expect.any(Number), cancels: 'off', afterSeconds: 3 });
  await stack.endWorkers('SIGKILL');
  const watchdog = await stack.worker({ DEADMAN_SECONDS: '3' }, ['--roles', 'watchdog']);
  await stack.until(
    'the alert',
    async () => (await alerts()).some(({ kind, open }) => kind === 'DEAD_MAN' && open),
    20_000,
  );
  expect(await openAtBroker()).toBe(2);
  await watchdog.end('SIGTERM');

  await stack.worker({ DEADMAN_SECONDS: '3', DEADMAN_CANCEL: '1' }, ['--roles', 'watchdog']);
  await stack.until('the cancel', async () => (await openAtBroker()) === 0, 20_000);
  await stack.until('the audit', async () => (await audit('dead_man.%')).length >= 2, 10_000);
  expect((await audit('dead_man.%')).slice(0, 2)).toEqual([
    { actor: 'system (watchdog)', action: 'dead_man.begun' },
    { actor: 'system (watchdog)', action: 'dead_man.ended' },
  ]);
  expect((await stack.commands.tradingState()).state).toBe('ACTIVE');

  await stack.worker();
  await stack.until('the alert to be resolved', async () => (await alerts()).every(({ open }) => !open), 30_000);
});

test('without a database too the watchdog cancels, and the next worker audits it', { timeout: 180_000 }, async () => {
  await rest(2);
  await stack.endWorkers('SIGKILL');
  const unreachable = 'postgresql://nobody:nothing@127.0.0.1:1/none';
  const settings = { DATABASE_URL: unreachable, DEADMAN_SECONDS: '2', DEADMAN_CANCEL: '1' };
  await stack.worker(settings, ['--roles', 'watchdog']);
  await stack.until('the cancel', async () => (await openAtBroker()) === 0, 30_000);
  const journal = createBreakGlassJournal(stack.folder);
  await stack.until('the record', async () => (await journal.read()).some(({ phase }) => phase === 'ENDED'), 10_000);
  expect(await audit('dead_man.%')).toEqual([]);
  await stack.worker();
  await stack.until('the audit', async () => (await audit('dead_man.ended')).length === 1, 20_000);
});
