import { hash, randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createNewsStore } from '@/server/adapters/postgres/market/news-store';
import { createMemoStore } from '@/server/adapters/postgres/reasoning/memo-store';
import { createReasoningStore } from '@/server/adapters/postgres/reasoning/reasoning-store';
import { createSignalTasks } from '@/server/adapters/postgres/signals/signal-tasks';
import { createRulesReasoner } from '@/server/adapters/reasoner/rules';
import type { MemoService } from '@/server/application/ports/memo-service';
import type { Reasoner } from '@/server/application/ports/reasoner';
import { SignalWorker } from '@/server/application/signals/signal-worker';
import { systemClock } from '@/server/composition/worker';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { ACTOR, createTradingFixture, orderFor, SYMBOLS, type TradingFixture } from '@/test-support/trading-fixture';
import { createMemoService } from './memo-service';
import { memo1 } from './prompts/memo-1';
import { createReasoningService } from './service';

/** 1: the reasoner takes 5 s, and the limits are the real ones. In CI everything takes a tenth of it. */
const SCALE = Number(process.env['MEMO_SCALE'] ?? '0.1');
const SIGNALS = 200;
const BESIDE = 40;

let fixture: TradingFixture;
let fresh: NodeJS.Timeout;

beforeAll(async () => {
  fixture = await createTradingFixture();
  // The account's figures stay fresh, as the worker keeps them.
  fresh = setInterval(() => void fixture.refresh().catch(() => undefined), 3_000);
});
afterAll(async () => {
  clearInterval(fresh);
  await fixture.close();
});

/** Rules that think for 5 s. */
function slow(): Reasoner {
  const rules = createRulesReasoner();
  return {
    ...rules,
    provider: 'slow',
    model: 'gpt-4o-mini',
    local: false,
    async ask(request) {
      await systemClock.sleep(5_000 * SCALE, request.signal);
      return rules.ask(request);
    },
  };
}

function memos(reasoner: Reasoner | null, signal: AbortSignal): MemoService {
  const { pool } = fixture;
  const service = createReasoningService({
    reasoner,
    store: createReasoningStore(pool),
    template: memo1,
    sha256: (text) => hash('sha256', text),
    nowMs: () => performance.now(),
    signal,
    concurrency: 64,
    maxWaiting: SIGNALS,
    limits: { softMs: 8_000 * SCALE, hardMs: 15_000 * SCALE },
  });
  const parts = { service, store: createMemoStore(pool), news: createNewsStore(pool), clock: systemClock, signal };
  return createMemoService({ ...parts, onFault: () => undefined });
}

const quantile = (values: readonly number[], q: number) =>
  Math.round([...values].sort((a, b) => a - b)[Math.floor((values.length - 1) * q)] ?? 0);

/** Orders of clients, placed one after the other. @returns the time of each, ms */
async function placeBeside(n: number): Promise<number[]> {
  const times: number[] = [];
  for (let k = 0; k < n; k += 1) {
    const signalId = await fixture.signal({ confidence: 0.5, strategy: `client ${k}` });
    const startedMs = performance.now();
    const { kind } = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId));
    times.push(performance.now() - startedMs);
    expect(kind).toBe('REVIEW');
  }
  return times;
}

const left = async () => {
  const { rows } = await fixture.pool.query<{ n: number }>(
    `SELECT count(*)::int AS n FROM signal_tasks WHERE state = 'QUEUED'`,
  );
  return rows[0]?.n ?? 0;
};

/** Brings 200 candidates of five symbols to their end. */
async function run(reasoner: Reasoner | null | undefined) {
  const stop = new AbortController();
  // As the worker has it: everything under way hears of its end.
  setMaxListeners(0, stop.signal);
  const worker = new SignalWorker({
    tasks: createSignalTasks(fixture.pool),
    commands: fixture.otherProcess(),
    memos: reasoner === undefined ? undefined : memos(reasoner, stop.signal),
    readiness: async () => ({ state: 'ACTIVE', reconciledAgeMs: 0, portfolioMaxAgeMs: 15_000 }),
    clock: systemClock,
    holder: randomUUID(),
    note: () => undefined,
    warn: () => undefined,
    onFault: () => undefined,
  });
  const over = worker.run(stop.signal);
  const ids = Array.from({ length: SIGNALS }, () => randomUUID());
  const startedMs = performance.now();
  for (const [n, id] of ids.entries()) {
    await worker.propose({
      id,
      source: 'STRATEGY',
      strategy: `strategy ${n}`,
      modelVersion: '1',
      symbol: SYMBOLS[n % SYMBOLS.length] ?? 'AAPL',
      action: 'BUY',
      // Reviews: approvals are bounded by nothing that one of them uses up.
      confidence: 0.5,
      sizePct: 0.005 + n / 1e6,
      stopDistancePct: null,
      principalId: SYSTEM_PRINCIPAL_ID,
      features: null,
      atMs: null,
      ttlMs: 600_000,
      requestHash: null,
    });
  }
  const besideMs = await placeBeside(BESIDE);
  const waiting = await left();
  await expect.poll(left, { timeout: 120_000, interval: 20 }).toBe(0);
  const totalMs = performance.now() - startedMs;
  stop.abort();
  await over;
  const { rows } = await fixture.pool.query<{ outcome: string; memo: string | null; n: number }>(
    `SELECT t.outcome, m.status AS memo, count(*)::int AS n FROM signal_tasks t LEFT JOIN memos m USING (signal_id)
      WHERE signal_id = ANY ($1) GROUP BY 1, 2 ORDER BY 1, 2`,
    [ids],
  );
  return { totalMs, besideMs, waiting, ends: rows };
}

it('200 candidates wait for a slow reasoner side by side, and nobody else waits with them', async () => {
  const alone = await placeBeside(BESIDE);
  const none = await run(undefined);
  const slowed = await run(slow());
  const line = (name: string, { totalMs, besideMs, waiting, ends }: typeof none) =>
    `${name}: ${SIGNALS} signals in ${Math.round(totalMs)} ms; ${BESIDE} orders placed beside p50 ${quantile(besideMs, 0.5)} ms, p95 ${quantile(besideMs, 0.95)} ms, ${waiting} signals still waiting then; ${JSON.stringify(ends)}`;
  console.log(
    [
      `orders placed alone: p50 ${quantile(alone, 0.5)} ms, p95 ${quantile(alone, 0.95)} ms`,
      line('without memos', none),
      line(`with a reasoner of ${5_000 * SCALE} ms`, slowed),
    ].join('\n'),
  );
  for (const { ends } of [none, slowed]) {
    expect(ends.every(({ outcome }) => outcome === 'REVIEW')).toBe(true);
    expect(ends.reduce((sum, { n }) => sum + n, 0)).toBe(SIGNALS);
  }
  expect(slowed.ends.some(({ memo }) => memo === 'OK')).toBe(true);
  expect(slowed.ends.every(({ memo }) => memo !== null)).toBe(true);
  // One after the other they would have taken this long: side by side it is a small part of it.
  expect(slowed.totalMs).toBeLessThan((SIGNALS * 5_000 * SCALE) / 2);
}, 240_000);
