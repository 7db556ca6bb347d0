import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createPrisma, type PrismaClient } from '@/server/adapters/postgres/prisma';
import type { Actor } from '@/server/kernel/actor';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';
import { readSignal, readSignals } from './read-signals';
import { getSignal } from './signals-read';

const VIEWER: Actor = { ...ACTOR, principalId: randomUUID(), name: 'token:a viewer' };

let fixture: TradingFixture;
let db: PrismaClient;
beforeAll(async () => {
  fixture = await createTradingFixture();
  db = createPrisma(fixture.database.url);
});
afterAll(async () => {
  await db.$disconnect();
  await fixture.close();
});

/** Better inputs than the server knows, for another principal's signal. */
const advise = (signalId: string) =>
  fixture.commands.evaluateCandidate(VIEWER, {
    ...{ signal_id: signalId, symbol: 'AAPL', candidate_action: 'BUY', confidence: 0.5, size_pct: 0.02 },
    market_context: { data_age_seconds: 1, market_open: true, event_blackout_active: false },
    portfolio_context: { gross_exposure_pct: 0, daily_drawdown_pct: 0 },
  });

test('M1: advice is not stored beside the decisions on a signal of another principal', async () => {
  const signalId = await fixture.signal({ confidence: 0.5 });
  await fixture.pool.query('UPDATE signals SET principal_id = $2 WHERE id = $1', [signalId, SYSTEM_PRINCIPAL_ID]);
  expect(await advise(signalId)).toMatchObject({ ok: false, code: 'CONFLICT' });
});

test('M1: where both are stored, lists and the signal show what the gate said', async () => {
  const signalId = await fixture.signal({ confidence: 0.5 });
  expect(await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId))).toMatchObject({ kind: 'REVIEW' });
  expect(await advise(signalId)).toMatchObject({ ok: true });
  await fixture.pool.query(
    `UPDATE policy_evaluations SET decision = 'APPROVE', created_at = created_at + interval '1 second' WHERE signal_id = $1 AND kind = 'ADVISORY'`,
    [signalId],
  );
  const filter = { strategy: '', symbol: '', decision: 'REVIEW', cursor: null, limit: 10 } as const;
  expect((await readSignals(db, filter)).rows.map((row) => [row.signal.id, row.decision])).toContainEqual([
    signalId,
    'REVIEW',
  ]);
  expect((await readSignals(db, { ...filter, decision: 'APPROVE' })).rows.map((row) => row.signal.id)).not.toContain(
    signalId,
  );
  expect(await readSignal(db, signalId)).toMatchObject({ row: { decision: 'REVIEW' } });
  expect(await getSignal(db, signalId)).toMatchObject({ decision: { decision: 'REVIEW' } });
});
