import { createHash, randomUUID } from 'node:crypto';
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSignalTasks } from '@/server/adapters/postgres/signals/signal-tasks';
import { createSubmitSignal } from '@/server/application/signals/submit-signal';
import { createSignalSchema } from '@/server/contracts/signals';
import { STRATEGIES } from '@/server/domain/strategy';
import { chooseStrategies, SymbolRun } from '@/server/domain/strategy/symbol-run';
import { Stack, TESTER, type WorkerChild } from '../testing/stack';

const MINUTE_MS = 60_000;
const MINUTES = 70;
const SYMBOLS = ['ZZA', 'ZZB', 'ZZC', 'ZZD', 'ZZE', 'ZZF'];
const FIRST_MS = Math.floor(Date.now() / MINUTE_MS - MINUTES) * MINUTE_MS;
const SETTINGS = { 'ema-cross': { fast: 3, slow: 8 }, 'donchian-breakout': { entry: 5, exit: 3 } };

let stack: Stack;
let first: WorkerChild;
let second: WorkerChild;

beforeAll(async () => {
  stack = await Stack.start();
  // Before anything runs: a change is followed within a second, not at once.
  for (const symbol of SYMBOLS) {
    for (const [strategy, params] of Object.entries(SETTINGS)) {
      const set = await stack.commands.setStrategy(TESTER, { strategy, symbol }, { enabled: true, params }, 0);
      expect(set.ok).toBe(true);
    }
  }
  first = await stack.worker({ COUNTERSIGN_FAILPOINTS_FILE: path.join(stack.folder, 'armed') });
  second = await stack.worker({}, ['--roles', 'pipeline']);
  await stack.reconciled();
});
afterAll(() => stack.stop());

const priceOf = (symbol: string, minute: number) => (100 + 10 * Math.sin(minute / 3 + symbol.charCodeAt(2))).toFixed(2);

/** Closes a minute of every symbol, as ingest does: with their events, in one statement. */
async function closeMinute(minute: number): Promise<void> {
  await stack.pool.query(
    `WITH b AS (SELECT s.symbol, s.price, to_timestamp($1::float8 / 1000) AS at FROM unnest($2::text[], $3::numeric[]) AS s(symbol, price)),
       bar AS (INSERT INTO bars (symbol, start_at, open, high, low, close, volume) SELECT symbol, at, price, price, price, price, 100 FROM b)
     INSERT INTO outbox (id, topic, subject, data)
     SELECT gen_random_uuid(), 'market.bar.closed', symbol, jsonb_build_object('symbol', symbol, 'start_at', at) FROM b`,
    [FIRST_MS + minute * MINUTE_MS, SYMBOLS, SYMBOLS.map((symbol) => priceOf(symbol, minute))],
  );
}

/** What one process that never stops would propose. */
function expected(): string[] {
  const rows = SYMBOLS.flatMap((symbol) =>
    Object.entries(SETTINGS).map(([strategy, params]) => ({ strategy, symbol, enabled: true, params })),
  );
  return SYMBOLS.flatMap((symbol) => {
    const run = new SymbolRun(symbol, chooseStrategies(STRATEGIES, rows, [], symbol).enabled);
    return Array.from({ length: MINUTES }, (_, minute) => {
      const price = Number(priceOf(symbol, minute));
      const endMs = FIRST_MS + (minute + 1) * MINUTE_MS;
      return run.next({ symbol, endMs, open: price, high: price, low: price, close: price, volume: 100 });
    }).flatMap((candidates) => candidates.map(({ signalId, confidence }) => `${signalId} ${confidence}`));
  }).sort();
}

async function found(): Promise<string[]> {
  const { rows } = await stack.pool.query<{ text: string }>(
    `SELECT id || ' ' || trim_scale(confidence) AS text FROM signals WHERE symbol = ANY ($1) ORDER BY 1`,
    [SYMBOLS],
  );
  return rows.map(({ text }) => text);
}

test('processes share the symbols: one killed among them, the signals are those of a process that was never stopped', async () => {
  await stack.until('the consumer', async () => {
    const { rowCount } = await stack.pool.query(`SELECT 1 FROM bus_cursors WHERE consumer = 'pipeline'`);
    return rowCount === 8;
  });
  const handled = async (minutes: number) => {
    const { rowCount } = await stack.pool.query(
      `SELECT 1 FROM inbox i JOIN outbox o ON o.id = i.event_id WHERE i.consumer = 'pipeline' AND o.subject = ANY ($1)`,
      [SYMBOLS],
    );
    return rowCount === minutes * SYMBOLS.length;
  };
  for (let minute = 0; minute < 40; minute++) await closeMinute(minute);
  await stack.until('bars to be under way', async () => (await found()).length > 0);
  await second.end('SIGKILL');
  for (let minute = 40; minute < MINUTES; minute++) await closeMinute(minute);
  await stack.until('every bar to be handled', () => handled(MINUTES), 60_000);
  expect(expected().length).toBeGreaterThan(50);
  expect(await found()).toEqual(expected());
  await stack.until('every signal to be at its end', async () => {
    const { rowCount } = await stack.pool.query(`SELECT 1 FROM signal_tasks WHERE state = 'QUEUED'`);
    return rowCount === 0;
  });
}, 180_000);

test('features of the market’s symbols are there, from history', async () => {
  await stack.until('features', async () => {
    const { rowCount } = await stack.pool.query(
      `SELECT 1 FROM features WHERE symbol IN ('AAPL', 'SPY') AND (snapshot->'bars'->>'count')::int > 30`,
    );
    return rowCount === 2;
  });
});

async function send(confidence: number, symbol: string): Promise<string> {
  const submit = createSubmitSignal(createSignalTasks(stack.pool), {
    newId: randomUUID,
    sha256: (text) => createHash('sha256').update(text).digest('hex'),
  });
  const request = { symbol, candidate_action: 'BUY', confidence, size_pct: 0.01, model_version: 'v1' };
  const outcome = await submit(TESTER, createSignalSchema.parse(request));
  return outcome.ok ? outcome.signalId : '';
}

const filled = (signalId: string) =>
  stack.until('the fill', async () => {
    const { rowCount } = await stack.pool.query(`SELECT 1 FROM orders WHERE signal_id = $1 AND status = 'FILLED'`, [
      signalId,
    ]);
    return rowCount === 1;
  });

test('a candidate from outside is filled, or waits for a person, whose yes is an order', async () => {
  const [sure, unsure] = [await send(0.9, 'AAPL'), await send(0.3, 'SPY')];
  await filled(sure);
  const approval = async () => {
    const { rows } = await stack.pool.query<{ id: string; shown_hash: string }>(
      'SELECT id, shown_hash FROM approvals WHERE signal_id = $1',
      [unsure],
    );
    return rows[0];
  };
  await stack.until('the approval', async () => (await approval()) !== undefined);
  const { id = '', shown_hash: shown = '' } = (await approval()) ?? {};
  expect((await stack.commands.approve(TESTER, id, shown)).ok).toBe(true);
  await filled(unsure);
  // The outcome of a task is stored after the order or approval that it led to.
  let outcomes: { source: string; outcome: string | null }[] = [];
  await stack.until('the end of both tasks', async () => {
    const { rows } = await stack.pool.query<{ source: string; outcome: string | null }>(
      'SELECT s.source, t.outcome FROM signals s JOIN signal_tasks t ON t.signal_id = s.id WHERE s.id = ANY ($1::uuid[]) ORDER BY t.seq',
      [[sure, unsure]],
    );
    outcomes = rows;
    return rows.every(({ outcome }) => outcome !== null);
  });
  expect(outcomes).toEqual([
    { source: 'REST', outcome: 'PLACED' },
    { source: 'REST', outcome: 'REVIEW' },
  ]);
}, 180_000);

test('a process killed after placing: the next one ends the task with what was placed', async () => {
  const armed = path.join(stack.folder, 'armed');
  writeFileSync(armed, 'signal-placed');
  const signalId = await send(0.9, 'MSFT');
  const task = async () => {
    const { rows } = await stack.pool.query<{ outcome: string | null; orders: number }>(
      'SELECT t.outcome, (SELECT count(*)::int FROM orders o WHERE o.signal_id = t.signal_id) AS orders FROM signal_tasks t WHERE t.signal_id = $1',
      [signalId],
    );
    return rows[0];
  };
  await stack.until('the order', async () => (await task())?.orders === 1);
  await first.ended;
  expect(await task()).toEqual({ outcome: null, orders: 1 });
  rmSync(armed);
  await stack.worker();
  await filled(signalId);
  await stack.until('its end', async () => (await task())?.outcome !== null, 40_000);
  expect(await task()).toEqual({ outcome: 'PLACED', orders: 1 });
}, 180_000);
