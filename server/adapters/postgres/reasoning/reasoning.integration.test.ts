import type { Pool } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createReasoningCommands } from '@/server/application/reasoning/settings';
import type { ReasoningLimits } from '@/server/contracts/reasoning';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { parseUnits } from '@/server/kernel/money';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createPool } from '../pool';
import { createReasoningStore } from './reasoning-store';
import { createReasoningSettingsStore } from './settings-store';

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 12 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

const ANN: Actor = { kind: 'user', principalId: SYSTEM_PRINCIPAL_ID, name: 'ann@desk', correlationId: 'c-1' };
const OPEN: ReasoningLimits = {
  tokens_per_day: null,
  dollars_per_day: null,
  tokens_per_signal: null,
  dollars_per_signal: null,
};

const commands = () => createReasoningCommands(createReasoningSettingsStore(pool));
const limit = (limits: Partial<ReasoningLimits>) => commands().setReasoningLimits(ANN, { ...OPEN, ...limits });
const audits = async (target: string) =>
  (await pool.query('SELECT actor, action, before, after FROM audit_log WHERE target = $1 ORDER BY id', [target])).rows;

describe("a day's budget", () => {
  beforeEach(() => pool.query('DELETE FROM reasoning_days'));

  const store = () => createReasoningStore(pool);
  const used = async () => {
    const { tokens, dollars } = (await commands().reasoningSettings()).today;
    return { tokens, dollars };
  };

  it.each<[string, Partial<ReasoningLimits>]>([
    ['tokens', { tokens_per_day: 1_050 }],
    ['dollars', { dollars_per_day: '0.0000105' }],
  ])('in %s is not overshot by callers at once, the first of the day among them', async (_, limits) => {
    await limit(limits);
    const each = { tokens: 100, dollars: parseUnits('0.000001') };
    const results = await Promise.all(Array.from({ length: 40 }, () => store().reserve(each)));
    expect(results.filter(({ ok }) => ok)).toHaveLength(10);
    expect(await used()).toEqual({ tokens: 1_000, dollars: '0.00001' });
    expect(results.find(({ ok }) => !ok)).toMatchObject({
      reason: expect.stringContaining("the day's budget is used up"),
    });
  });

  it('takes what was used instead of what was reserved, also when it was more', async () => {
    await limit({ tokens_per_day: 100, dollars_per_day: '1' });
    const first = await store().reserve({ tokens: 100, dollars: parseUnits('1') });
    if (!first.ok) throw new Error(first.reason);
    expect(await store().reserve({ tokens: 1, dollars: 0n })).toMatchObject({ ok: false });
    await store().settle(first.reservation, { tokens: 40, dollars: parseUnits('0.25') });
    expect(await used()).toEqual({ tokens: 40, dollars: '0.25' });
    const second = await store().reserve({ tokens: 60, dollars: parseUnits('0.75') });
    if (!second.ok) throw new Error(second.reason);
    await store().settle(second.reservation, { tokens: 80, dollars: parseUnits('0.75') });
    expect(await used()).toEqual({ tokens: 120, dollars: '1' });
  });

  it('of nothing holds nothing, and without a limit everything', async () => {
    await limit({ tokens_per_day: 0 });
    expect(await store().reserve({ tokens: 1, dollars: 0n })).toMatchObject({
      ok: false,
      reason: expect.stringContaining('0 of 0 tokens'),
    });
    await limit({});
    expect(await store().reserve({ tokens: 10_000_000, dollars: parseUnits('1000') })).toMatchObject({ ok: true });
    await pool.query('DELETE FROM reasoning_limits');
    expect(await store().reserve({ tokens: 10_000_000, dollars: 0n })).toMatchObject({ ok: true });
    expect(await store().terms('nobody')).toEqual({
      limits: { tokensPerDay: null, dollarsPerDay: null, tokensPerSignal: null, dollarsPerSignal: null },
      price: null,
    });
    await limit({});
  });
});

describe('limits and prices', () => {
  it('are set by an administrator, with an audit of before and after', async () => {
    const before = (await audits('reasoning:limits')).length;
    expect(await limit({ tokens_per_day: 5, dollars_per_signal: '0.25' })).toMatchObject({
      ok: true,
      settings: {
        limits: { tokens_per_day: 5, dollars_per_day: null, dollars_per_signal: '0.25', updated_by: 'ann@desk' },
      },
    });
    await limit({ tokens_per_day: 6 });
    const entries = (await audits('reasoning:limits')).slice(before);
    expect(entries).toMatchObject([
      { actor: 'ann@desk', action: 'reasoning.limits', after: { tokens_per_day: 5 } },
      {
        before: { tokens_per_day: 5, dollars_per_signal: '0.25' },
        after: { tokens_per_day: 6, dollars_per_signal: null },
      },
    ]);
    expect(await createReasoningStore(pool).terms('x')).toMatchObject({ limits: { tokensPerDay: 6 } });
  });

  it('of a model are added, changed and removed', async () => {
    const price = { model: 'qwen3:8b', input_per_million: '0.5', output_per_million: '1.5' };
    expect(await commands().setModelPrice(ANN, price)).toMatchObject({ ok: true });
    const changed = await commands().setModelPrice(ANN, { ...price, output_per_million: '2' });
    expect(changed.ok && changed.settings.prices.find(({ model }) => model === 'qwen3:8b')).toMatchObject({
      input_per_million: '0.5',
      output_per_million: '2',
    });
    expect(await createReasoningStore(pool).terms('qwen3:8b')).toMatchObject({
      price: { inputPerMillion: parseUnits('0.5'), outputPerMillion: parseUnits('2') },
    });
    expect(await commands().removeModelPrice(ANN, 'qwen3:8b')).toMatchObject({ ok: true });
    expect(await commands().removeModelPrice(ANN, 'qwen3:8b')).toMatchObject({ ok: false, code: 'NOT_FOUND' });
    expect(await audits('model:qwen3:8b')).toMatchObject([
      { before: null, after: { output_per_million: '1.5' } },
      { before: { output_per_million: '1.5' }, after: { output_per_million: '2' } },
      { before: { output_per_million: '2' }, after: null },
    ]);
  });

  it('are there from the start', async () => {
    expect(await createReasoningStore(pool).terms('gpt-4o-mini')).toMatchObject({
      price: { inputPerMillion: parseUnits('0.15') },
    });
  });
});

describe('a memo for the same input', () => {
  it('is the newest one that was written and is not too old', async () => {
    const signals = ['01', '02', '03', '04'].map((n) => `018f2b1e-7c3a-7d00-8a00-0000000000${n}`);
    const rows = [
      [signals[0], 'OK', '20 minutes', null],
      [signals[1], 'OK', '5 minutes', null],
      [signals[2], 'OK', '1 minute', signals[1]],
      [signals[3], 'FAILED', '1 minute', null],
    ];
    for (const [id, status, age, from] of rows) {
      await pool.query(
        `INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, created_at, expires_at)
         VALUES ($1, 'STRATEGY', 'fake', 'AAPL', 'BUY', 0.9, 0.02, clock_timestamp(), clock_timestamp() + interval '1 minute')`,
        [id],
      );
      await pool.query(
        `INSERT INTO memos (signal_id, status, recommendation, memo, fault, provider, model, input_hash, cached_from, decided_at, created_at)
         VALUES ($1, $2::text, CASE WHEN $2 = 'OK' THEN 'ALLOW' END, CASE WHEN $2 = 'OK' THEN '{}'::jsonb END,
                 CASE WHEN $2 <> 'OK' THEN 'x' END, 'p', 'm', 'h', $4, clock_timestamp(), clock_timestamp() - $3::interval)`,
        [id, status, age, from],
      );
    }
    const store = createReasoningStore(pool);
    expect(await store.memoOf('h', 10 * 60_000)).toEqual({ signalId: signals[1], memo: {} });
    expect(await store.memoOf('h', 60_000)).toBeNull();
    expect(await store.memoOf('other', 10 * 60_000)).toBeNull();
  });
});
