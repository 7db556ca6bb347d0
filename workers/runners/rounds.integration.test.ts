import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { afterEach, expect, test } from 'vitest';
import { figures } from '@/e2e/system/support/figures';
import { Stack, type WorkerChild } from '../testing/stack';

let stack: Stack;

afterEach(async () => {
  await stack.stop();
});

const HISTORY = 100_000;
const PAGE = 500;
/** Rounds that are looked at: the first of a worker is left aside, it looks at everything. */
const STEADY = 3;

interface Round {
  readonly at: string;
  readonly ok: boolean;
  readonly ms: number;
  readonly statements: number;
  readonly requests: number;
  readonly open_orders: number | null;
  readonly waited_ms: number;
  readonly every_ms: number;
}

async function lastRound(): Promise<Round | null> {
  const { rows } = await stack.pool.query<{ round: Round }>(`SELECT round FROM accounts WHERE round <> '{}'`);
  return rows[0]?.round ?? null;
}

/** Filled orders with their fills and ledger, bought and sold again at one price: they leave no position and no cash. */
async function seedHistory(): Promise<void> {
  const client = await stack.pool.connect();
  try {
    // Constraint triggers, a check for each of the rows, are no matter here.
    await client.query('SET session_replication_role = replica; SET statement_timeout = 0');
    await client.query(
      `WITH history AS (
         INSERT INTO orders (id, kind, symbol, side, qty, order_type, time_in_force, status, pending, reference_price, cum_qty, cum_notional,
                             external_order_id, claimed_at, created_at, updated_at, accepted_at, closed_at)
         SELECT gen_random_uuid(), 'FLATTEN', 'SPY', CASE n % 2 WHEN 0 THEN 'BUY' ELSE 'SELL' END, 1, 'MARKET', 'DAY', 'FILLED', 'NONE', 100, 1, 100,
                'history-' || n, at, at, at, at, at
         FROM generate_series(1, ${HISTORY}) n, LATERAL (SELECT now() - interval '1 hour' - n * interval '1 minute' AS at) t
         RETURNING id, side, external_order_id, created_at)
       INSERT INTO fills (order_id, execution_id, symbol, side, qty, price, at, source)
       SELECT id, external_order_id, 'SPY', side, 1, 100, created_at, 'REST' FROM history`,
    );
    await client.query(
      `WITH entries AS (INSERT INTO ledger_entries (ref, kind, at) SELECT 'fill:' || execution_id, 'FILL', at FROM fills RETURNING id, ref)
       INSERT INTO ledger_postings (entry_id, account, qty, amount)
       SELECT e.id, p.account, p.shares * s.sign, p.money * s.sign
       FROM entries e JOIN fills f ON 'fill:' || f.execution_id = e.ref,
            LATERAL (SELECT CASE f.side WHEN 'BUY' THEN 1 ELSE -1 END AS sign) s, (VALUES ('CASH', 0, -100), ('POSITION:SPY', 1, 100)) p(account, shares, money)`,
    );
    await client.query('ANALYZE');
  } finally {
    client.release(true);
  }
}

/** Orders that rest far below the market, at the broker and here, as if this stack had sent them. */
async function seedOpen(count: number): Promise<void> {
  const orders: { id: string; external: string }[] = [];
  for (let n = 0; n < count; n += 1) {
    const id = randomUUID();
    const placed = await stack.sim<{ id: string }>('POST', '/v2/orders', {
      ...{ symbol: 'AAPL', side: 'buy', qty: '1', type: 'limit', limit_price: '1', time_in_force: 'gtc' },
      client_order_id: id,
    });
    orders.push({ id, external: placed.id });
  }
  await stack.pool.query(
    `INSERT INTO orders (id, kind, symbol, side, qty, order_type, limit_price, time_in_force, status, pending, reference_price, external_order_id,
                         claimed_at, created_at, updated_at, accepted_at)
     SELECT o.id, 'FLATTEN', 'AAPL', 'BUY', 1, 'LIMIT', 1, 'GTC', 'ACCEPTED', 'NONE', 1, o.external, now(), now(), now() - interval '1 minute', now()
     FROM jsonb_to_recordset($1::jsonb) AS o(id uuid, external text)`,
    [JSON.stringify(orders)],
  );
}

/** The rounds of a fresh worker once nothing is new to it. */
async function steadyRounds(open: number): Promise<{ rounds: readonly Round[]; peakMb: number }> {
  const before = (await lastRound())?.at;
  const worker: WorkerChild = await stack.worker();
  const seen = new Map<string, Round>();
  await stack.until(
    `${STEADY + 1} rounds`,
    async () => {
      const round = await lastRound();
      if (round !== null && round.at !== before) seen.set(round.at, round);
      return seen.size > STEADY;
    },
    90_000,
  );
  const status = readFileSync(`/proc/${worker.process.pid}/status`, 'utf8');
  await worker.end('SIGTERM');
  const rounds = [...seen.values()].slice(1);
  expect(rounds.map(({ ok, open_orders }) => ({ ok, open_orders }))).toEqual(
    rounds.map(() => ({ ok: true, open_orders: open })),
  );
  return { rounds, peakMb: Math.round(Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1]) / 1_024) };
}

const one = (values: readonly number[]) => [...new Set(values)];

test('a round asks as much with 500 open orders as with 10, in front of 100,000 historical ones', {
  timeout: 300_000,
}, async () => {
  stack = await Stack.start({ SIMULATOR_CASH: '1000000' });
  await seedHistory();
  await seedOpen(10);
  const few = await steadyRounds(10);
  await seedOpen(PAGE - 10);
  const many = await steadyRounds(PAGE);
  const statements = one([...few.rounds, ...many.rounds].map((round) => round.statements));
  expect(statements).toHaveLength(1);
  const [requests] = one(few.rounds.map((round) => round.requests));
  // A full page is followed by another: only that one tells that there are no more.
  expect(one(many.rounds.map((round) => round.requests))).toEqual([(requests ?? 0) + 1]);
  expect(many.peakMb).toBeLessThan(300);
  const { rows } = await stack.pool.query(
    'SELECT (SELECT count(*) FROM breaks)::int AS breaks, (SELECT count(*) FROM orders)::int AS orders',
  );
  expect(rows).toEqual([{ breaks: 0, orders: HISTORY + PAGE }]);
  figures('reconciliation round', {
    historical_orders: HISTORY,
    statements: statements[0] ?? 0,
    requests_with_10: requests ?? 0,
    requests_with_500: (requests ?? 0) + 1,
    ms_with_10: Math.max(...few.rounds.map(({ ms }) => ms)),
    ms_with_500: Math.max(...many.rounds.map(({ ms }) => ms)),
    worker_peak_mb: many.peakMb,
  });
});

test('where the broker allows few requests rounds come less often and say so', {
  timeout: 240_000,
}, async () => {
  stack = await Stack.start({ SIMULATOR_RATE_LIMIT: '60' });
  await stack.worker();
  const alertText = async () => {
    const { rows } = await stack.pool.query<{ text: string }>(
      `SELECT info->>'reconciliation' AS text FROM worker_heartbeats`,
    );
    return rows[0]?.text ?? '';
  };
  await stack.until('longer rounds', async () => ((await lastRound())?.every_ms ?? 0) > 5_000, 120_000);
  await stack.until(
    'the worker to say so',
    async () => (await alertText()).includes("the broker's rate limit"),
    30_000,
  );
  const longest = (await lastRound())?.every_ms ?? 0;
  expect(longest).toBeLessThanOrEqual(60_000);
  figures('rounds under 60 requests a minute', { every_ms: longest });
});

test('rounds that fail are counted, past three an alert is open, and the next good one closes it', {
  timeout: 180_000,
}, async () => {
  stack = await Stack.start();
  await stack.worker();
  await stack.reconciled();
  const alerts = async () => {
    const { rows } = await stack.pool.query<{ open: boolean }>(
      `SELECT resolved_at IS NULL AS open FROM alerts WHERE kind = 'RECONCILIATION' ORDER BY opened_at`,
    );
    return rows.map(({ open }) => open);
  };
  await stack.sim('PUT', '/sim/v1/faults', { answer: { status: 503, body: {} }, only: [' /v2/account/activities'] });
  await stack.until('an alert', async () => (await alerts()).length > 0, 90_000);
  const { rows } = await stack.pool.query<{ failed: number }>('SELECT failed_rounds AS failed FROM accounts');
  expect(rows[0]?.failed).toBeGreaterThan(3);
  expect((await lastRound())?.ok).toBe(false);
  await stack.sim('DELETE', '/sim/v1/faults');
  await stack.until('its end', async () => (await alerts()).join() === 'false', 60_000);
  await stack.until('a good round', async () => (await lastRound())?.ok === true, 30_000);
});
