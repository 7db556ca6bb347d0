import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createSignalTasks } from '@/server/adapters/postgres/signals/signal-tasks';
import type { MemoService } from '@/server/application/ports/memo-service';
import type { ProposedSignal, SignalTasks } from '@/server/application/ports/signal-tasks';
import { systemClock } from '@/server/composition/worker';
import { orderRequestSchema } from '@/server/contracts/order';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { factsOf } from '@/test-support/placements';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';
import { SignalWorker, type SignalWorkerParts } from './signal-worker';

let fixture: TradingFixture;
let tasks: SignalTasks;
const running: { stop: AbortController; over: Promise<void> }[] = [];

beforeAll(async () => {
  fixture = await createTradingFixture();
  tasks = createSignalTasks(fixture.pool);
});
afterAll(() => fixture.close());
beforeEach(() => fixture.refresh());
afterEach(async () => {
  for (const { stop } of running) stop.abort();
  await Promise.all(running.splice(0).map(({ over }) => over));
});

function startWorker(holder: string, parts: Partial<SignalWorkerParts> = {}): SignalWorker {
  return new SignalWorker({
    tasks,
    commands: fixture.otherProcess(),
    readiness: async () => ({ state: 'ACTIVE', reconciledAgeMs: 0, portfolioMaxAgeMs: 15_000 }),
    clock: systemClock,
    holder,
    note: () => undefined,
    warn: (facts, what) => warnings.push({ ...facts, what }),
    onFault: (what, error) => faults.push(`${what}: ${String(error)}`),
    ...parts,
  });
}
let faults: string[] = [];
let warnings: object[] = [];
beforeEach(() => {
  faults = [];
  warnings = [];
});

function start(holder: string, parts: Partial<SignalWorkerParts> = {}): SignalWorker {
  const started = startWorker(holder, parts);
  const stop = new AbortController();
  running.push({ stop, over: started.run(stop.signal) });
  return started;
}

const proposal = (more: Partial<ProposedSignal> = {}): ProposedSignal => ({
  id: randomUUID(),
  source: 'STRATEGY',
  strategy: `strategy ${randomUUID()}`,
  modelVersion: '1',
  symbol: 'AAPL',
  action: 'BUY',
  confidence: 0.8,
  sizePct: 0.01,
  stopDistancePct: null,
  principalId: SYSTEM_PRINCIPAL_ID,
  features: null,
  atMs: null,
  ttlMs: 60_000,
  requestHash: null,
  ...more,
});

async function outcome(id: string): Promise<string | null> {
  const { rows } = await fixture.pool.query<{ outcome: string | null }>(
    'SELECT outcome FROM signal_tasks WHERE signal_id = $1',
    [id],
  );
  return rows[0]?.outcome ?? null;
}

async function until(what: string, holds: () => Promise<boolean>): Promise<void> {
  const endMs = performance.now() + 30_000;
  while (!(await holds())) {
    if (performance.now() > endMs) throw new Error(`waited for ${what}\n${faults.join('\n')}`);
    await new Promise((wake) => setTimeout(wake, 20));
  }
}
/** Waits for the end of the task. */
async function ends(id: string, as: string): Promise<void> {
  await until(`the end of ${id}`, async () => (await outcome(id)) !== null);
  const { rows } = await fixture.pool.query('SELECT outcome, detail FROM signal_tasks WHERE signal_id = $1', [id]);
  expect(rows).toMatchObject([{ outcome: as }]);
}

async function count(table: 'orders' | 'policy_evaluations', id: string): Promise<number> {
  return (await fixture.pool.query(`SELECT 1 FROM ${table} WHERE signal_id = $1`, [id])).rowCount ?? 0;
}

describe('a candidate', () => {
  it('is stored once with its task and its event, and becomes an order', async () => {
    const signal = proposal();
    const here = start('one');
    expect(await here.propose(signal)).toBe(true);
    expect(await here.propose(signal)).toBe(false);
    await ends(signal.id, 'PLACED');
    expect(await count('orders', signal.id)).toBe(1);
    const events = await fixture.pool.query(
      `SELECT data->>'symbol' AS symbol FROM outbox WHERE topic = 'signal.candidate.created' AND subject = $1`,
      [signal.id],
    );
    expect(events.rows).toEqual([{ symbol: 'AAPL' }]);
  });

  it('whose id a client has taken is left out with a warning; one of its own that is there already, without', async () => {
    const [own, taken] = [proposal(), proposal()];
    const here = startWorker('one');
    await tasks.propose(own, null, false);
    await tasks.propose({ ...taken, source: 'REST' }, null, false);
    expect(await here.propose(own)).toBe(false);
    expect(warnings).toEqual([]);
    expect(await here.propose(taken)).toBe(false);
    expect(warnings).toMatchObject([{ signalId: taken.id, strategy: taken.strategy, symbol: 'AAPL' }]);
    await fixture.pool.query('DELETE FROM signal_tasks WHERE signal_id = ANY ($1::uuid[])', [[own.id, taken.id]]);
  });

  it.each([
    ['REVIEW', { confidence: 0.5 }],
    ['REJECTED', { symbol: 'TSLA' }],
    ['NO_SHARES', { sizePct: 0.0001 }],
    // Proposed at a bar that ended five minutes ago by the market's clock.
    ['EXPIRED', { atMs: Date.now() - 300_000 }],
  ] as const)('ends as %s with %j', async (end, more) => {
    const signal = proposal(more);
    await start('one').propose(signal);
    await ends(signal.id, end);
    expect(await count('orders', signal.id)).toBe(0);
    expect(await count('policy_evaluations', signal.id)).toBe(end === 'REVIEW' || end === 'REJECTED' ? 1 : 0);
  });

  it('waits while the books were not compared with the broker, and goes on when they are', async () => {
    let reconciledAgeMs: number | null = null;
    const signal = proposal();
    await start('one', {
      readiness: async () => ({ state: 'ACTIVE', reconciledAgeMs, portfolioMaxAgeMs: 15_000 }),
    }).propose(signal);
    await until('its claim to be given back', async () => {
      const { rows } = await fixture.pool.query(
        'SELECT 1 FROM signal_tasks WHERE signal_id = $1 AND claimed_by IS NULL',
        [signal.id],
      );
      return rows.length === 1;
    });
    expect(await outcome(signal.id)).toBeNull();
    reconciledAgeMs = 0;
    await ends(signal.id, 'PLACED');
  });
});

it('a candidate that awaits a memo counts as one whose memo failed, whichever client orders it before there is one', async () => {
  const signal = proposal();
  await tasks.propose(signal, null, true);
  const order = {
    signal_id: signal.id,
    symbol: 'AAPL',
    side: 'BUY',
    qty: '1',
    order_type: 'MARKET',
    time_in_force: 'DAY',
  };
  const actor = { kind: 'token', principalId: SYSTEM_PRINCIPAL_ID, name: 'hasty', correlationId: 'hasty' } as const;
  const answer = await fixture.otherProcess().placeOrder(actor, `hasty:${signal.id}`, orderRequestSchema.parse(order));
  expect(answer.kind).toBe('REVIEW');
  expect(factsOf(answer).codes).toContain('REASONING_FAILED');
});

describe('a process that dies', () => {
  it('after storing leaves the task to another', async () => {
    const signal = proposal();
    await tasks.propose(signal, { holder: 'the dead', claimMs: 300 }, false);
    start('another');
    await ends(signal.id, 'PLACED');
    expect(await count('orders', signal.id)).toBe(1);
  });

  it('after placing has placed: another learns it, though it would now size the order otherwise', async () => {
    const signal = proposal();
    const stuck: SignalTasks = { ...tasks, finish: () => Promise.reject(new Error('died')) };
    const first = startWorker('the dead', { tasks: { ...stuck, release: async () => undefined } });
    await first.propose(signal);
    await until('the order', async () => (await count('orders', signal.id)) === 1);
    await fixture.pool.query('UPDATE accounts SET equity = 50000, last_equity = 50000');
    await fixture.pool.query('UPDATE signal_tasks SET claimed_until = clock_timestamp() WHERE signal_id = $1', [
      signal.id,
    ]);
    start('another');
    await ends(signal.id, 'PLACED');
    expect(await count('orders', signal.id)).toBe(1);
  });
});

it('two processes share what waits, and each candidate has one effect', async () => {
  const signals = Array.from({ length: 20 }, (_, n) =>
    proposal({ symbol: ['AAPL', 'MSFT', 'SPY'][n % 3] ?? 'AAPL', sizePct: 0.002 }),
  );
  for (const signal of signals) await tasks.propose(signal, null, false);
  start('one');
  start('two');
  for (const { id } of signals) {
    // As the worker does: what is older than ten seconds counts as not known.
    await fixture.refresh();
    await ends(id, 'PLACED');
  }
  for (const { id } of signals) expect(await count('orders', id)).toBe(1);
});

it('candidates of one symbol go to the gate as they were stored, whatever their memos take; others do not wait for them', async () => {
  const answers = new Map<string, () => Promise<void>>();
  const asked: string[] = [];
  const memos: MemoService = {
    consider: ({ signalId }) => {
      asked.push(signalId);
      return new Promise((done) =>
        answers.set(signalId, async () => {
          const verdict = { status: 'OK', recommendation: 'ALLOW' } as const;
          await fixture.pool.query('UPDATE signals SET reasoning = $2 WHERE id = $1', [signalId, verdict]);
          done(verdict);
        }),
      );
    },
  };
  const [first, second, other] = [proposal(), proposal(), proposal({ symbol: 'MSFT' })];
  const here = start('one', { memos });
  for (const signal of [first, second, other]) await here.propose(signal);
  expect(asked).toEqual([first.id, second.id, other.id]);
  await answers.get(other.id)?.();
  await answers.get(second.id)?.();
  await ends(other.id, 'PLACED');
  expect(await outcome(second.id)).toBeNull();
  await answers.get(first.id)?.();
  await ends(second.id, 'PLACED');
  const { rows } = await fixture.pool.query<{ signal_id: string }>(
    'SELECT signal_id FROM orders WHERE signal_id = ANY ($1::uuid[]) ORDER BY created_at',
    [[first.id, second.id]],
  );
  expect(rows.map((row) => row.signal_id)).toEqual([first.id, second.id]);
});
