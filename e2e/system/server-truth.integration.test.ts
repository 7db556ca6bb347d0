import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import type { Side } from '@/server/kernel/vocabulary';
import { haveShared, sharedFile } from '@/test-support/shared';
import { figures } from './support/figures';
import { type Answer, System } from './support/system';

/** The 13 cases: one for each rule of the specification, and its bounds. */
const CASES_FILE = sharedFile('vectors/policy/spec-rules.jsonl');

const PERFECT = { data_age_seconds: 0, market_open: true, event_blackout_active: false };
const NOTHING_HELD = { gross_exposure_pct: 0, daily_drawdown_pct: 0 };

const codesOf = ({ body }: Answer): string[] =>
  z
    .array(z.object({ code: z.string() }))
    .parse(body['reasons'])
    .map(({ code }) => code);

let system: System;

afterAll(async () => {
  await system.stop();
});

async function control(body: Record<string, unknown>): Promise<void> {
  await system.stack.sim('POST', '/sim/v1/control', body);
  await system.stack.reconciled();
}

/** What the candidate's own statement is worth, and what the order then gets. */
async function stateAndPlace(
  stated: Parameters<System['evaluate']>[0],
  order: { side?: Side; qty?: string } = {},
): Promise<{ advisory: Answer; placed: Answer }> {
  const signal_id = crypto.randomUUID();
  const advisory = await system.evaluate({ signal_id, ...stated });
  return { advisory, placed: await system.place({ signal_id, ...order }) };
}

describe('what a client states is advice; the server judges by what it knows itself', () => {
  beforeAll(async () => {
    system = await System.start();
    await system.stack.worker();
    await system.stack.reconciled();
  });

  async function expectNothingSent(): Promise<void> {
    expect(await system.stack.brokerOrders()).toEqual([]);
    expect(await system.scalar('SELECT count(*) FROM orders')).toBe('0');
  }

  test.each([
    ['market_open: true', {}, {}],
    [
      'a trade that closes',
      {
        candidate_action: 'SELL' as const,
        portfolio_context: { ...NOTHING_HELD, position_effect: 'REDUCE' as const },
      },
      { side: 'SELL' as const },
    ],
    ['fresh data', { market_context: PERFECT }, {}],
    ['a small size', { size_pct: 0.001 }, { qty: '9000' }],
  ])(
    'while its market is closed, a claim of %s is approved as advice and rejected as an order',
    async (_, stated, order) => {
      await control({ set_open: false });
      const { advisory, placed } = await stateAndPlace(stated, order);
      expect(advisory.body).toMatchObject({ decision: 'APPROVE', reasons: [] });
      expect(placed.status).toBe(422);
      expect(placed.body['code']).toBe('MARKET_CLOSED');
      await expectNothingSent();
    },
  );

  test('a false claim that a sale closes something is rejected: nothing is held', async () => {
    await control({ set_open: null });
    const stated = {
      candidate_action: 'SELL' as const,
      portfolio_context: { gross_exposure_pct: 1, daily_drawdown_pct: 0.9, position_effect: 'REDUCE' as const },
    };
    const { advisory, placed } = await stateAndPlace(stated, { side: 'SELL' });
    expect(advisory.body).toMatchObject({ decision: 'APPROVE', reasons: [] });
    expect([placed.status, codesOf(placed)]).toEqual([422, ['SHORT_NOT_ALLOWED']]);
    await expectNothingSent();
  });

  test('more shares than the approved size buys are rejected', async () => {
    const { advisory, placed } = await stateAndPlace({ size_pct: 0.02 }, { qty: '400' });
    expect(advisory.body).toMatchObject({ decision: 'APPROVE', approved_size_pct: 0.01 });
    expect([placed.status, codesOf(placed)]).toEqual([422, ['SIZE_EXCEEDED']]);
    await expectNothingSent();
  });

  test('while trading is reducing, a purchase that claims to reduce is rejected', async () => {
    expect(
      (await system.call('POST', '/v1/trading-state', { body: { action: 'reduce', reason: 'test' } })).status,
    ).toBe(200);
    const portfolio_context = { ...NOTHING_HELD, position_effect: 'REDUCE' as const };
    const { advisory, placed } = await stateAndPlace({ portfolio_context });
    expect(advisory.body).toMatchObject({ decision: 'APPROVE', reasons: [] });
    expect([placed.status, codesOf(placed)]).toEqual([422, ['TRADING_REDUCING']]);
    await expectNothingSent();
    const released = await (await system.console()).trading.release.mutate({
      reason: 'test over',
      password: 'correct horse battery staple',
    });
    expect(released.ok).toBe(true);
  });

  test('data that has stopped is stale whatever age is claimed', async () => {
    await system.stop();
    // One quote at the start and then none: the market moves on without it.
    system = await System.start({ simulator: { SIMULATOR_QUOTE_MS: '86400000' } });
    await system.stack.worker();
    await system.stack.reconciled();
    await control({ advance_ms: 60_000 });
    const { advisory, placed } = await stateAndPlace({ market_context: PERFECT });
    expect(advisory.body).toMatchObject({ decision: 'APPROVE', reasons: [] });
    expect([placed.status, codesOf(placed)]).toEqual([422, ['DATA_STALE']]);
    await expectNothingSent();
    figures('false claims', { cases: 8, rejected: 8, orders_at_broker: 0 });
  });

  const caseSchema = z.object({
    type: z.string().optional(),
    signal_id: z.string().optional(),
    decision: z.string().optional(),
    codes: z.array(z.string()).optional(),
    approved_size_pct: z.string().optional(),
  });

  test.skipIf(!haveShared)("the specification's 13 cases of ../shared/vectors get their codes over HTTP", async () => {
    const lines = readFileSync(CASES_FILE, 'utf8').trim().split('\n');
    const got: unknown[] = [];
    const wanted: unknown[] = [];
    for (const line of lines) {
      const parsed = caseSchema.parse(JSON.parse(line));
      if (parsed.type === 'signal') {
        const { at: _at, type: _type, ...body } = JSON.parse(line);
        const answer = await system.call('POST', '/v1/policy/evaluate', { body });
        got.push([answer.status, answer.body['decision'], codesOf(answer), String(answer.body['approved_size_pct'])]);
      } else if (parsed.type === 'expect') wanted.push([200, parsed.decision, parsed.codes, parsed.approved_size_pct]);
    }
    expect(wanted).toHaveLength(13);
    expect(got).toEqual(wanted);
    figures('policy cases over HTTP', { cases: got.length, equal: got.length });
  });
});
