import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  openBreak,
  seedAlerts,
  seedBreaks,
  seedDrills,
  seedOddOrders,
  seedOpening,
  seedTieOuts,
  setBrokerHealth,
  setRound,
} from '@/e2e/fixtures/seed-execution';
import { createConsoleReads } from '@/server/adapters/postgres/ops/read-console-reads';
import { createPrisma, type PrismaClient } from '@/server/adapters/postgres/prisma';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import { alertListSchema, drillDetailSchema } from '@/server/contracts/console/execution';
import { breakDetailSchema, reconciliationSchema, tieOutDetailSchema } from '@/server/contracts/console/reconciliation';
import { statusSchema, systemDetailSchema } from '@/server/contracts/console/system';
import { orderListInputSchema } from '@/server/contracts/order';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';

describe("the console's reads of execution", () => {
  let fixture: TradingFixture;
  let db: PrismaClient;
  let reads: ConsoleReads;
  let aapl = '';

  beforeAll(async () => {
    fixture = await createTradingFixture();
    db = createPrisma(fixture.database.url);
    reads = createConsoleReads(db);
    const { pool } = fixture;
    await pool.query(
      `UPDATE accounts SET broker_account_id = 'SIM-1', cash = 71034.5, round_started_at = clock_timestamp()`,
    );
    await pool.query(
      `INSERT INTO positions (symbol, qty, cost, broker_qty, updated_at) VALUES
         ('AAPL', 210, 9770.25, 210, now() - interval '1 hour'), ('SPY', 150, 19180.5, 150, now() - interval '1 hour'),
         ('MSFT', 0, 0, 0, now() - interval '1 hour'), ('NVDA', 3, 300, 2, now() + interval '1 second')`,
    );
    await seedOddOrders(pool);
    aapl = await seedBreaks(pool);
    await pool.query(
      `INSERT INTO worker_heartbeats (id, roles, started_at, beat_at, info) VALUES ('w1', '{execution}', now(), now(), '{}'), ('w2', '{ingest}', now(), now(), '{"brokerHealth":{"state":"OK"}}'), ('dog', '{watchdog}', now(), now(), '{}')`,
    );
  });
  afterAll(async () => {
    await db.$disconnect();
    await fixture.close();
  });

  const reconciliation = async () => reconciliationSchema.parse(await reads.reconciliation());
  const status = async () => statusSchema.omit({ trading: true }).parse(await reads.status());

  it('puts both sides of every symbol beside each other, what differs first, what nobody holds left out', async () => {
    const { positions, cash } = await reconciliation();
    expect(
      positions.map(({ symbol, ours, broker, difference, agreement }) => [symbol, ours, broker, difference, agreement]),
    ).toEqual([
      ['AAPL', '210', '200', '10', 'DIFFERS'],
      ['NVDA', '3', '2', '1', 'NEWER'],
      ['SPY', '150', '150', '0', 'AGREED'],
    ]);
    expect(cash).toMatchObject({ ours: '71034.5', broker: '71046.750000000001', agreement: 'DIFFERS' });
    expect(cash?.difference).toMatch(/^-12\.25/);
  });

  it('shows a position that only the broker holds', async () => {
    const seed = {
      symbol: 'AMZN',
      cause: 'POSITION_MISMATCH',
      ours: { qty: '0' },
      theirs: { qty: '4' },
      openMinutes: 1,
    };
    const id = await openBreak(fixture.pool, seed);
    const { positions } = await reconciliation();
    expect(positions.find((line) => line.symbol === 'AMZN')).toMatchObject({ ours: '0', broker: '4', breakId: id });
    await fixture.pool.query(
      `UPDATE breaks SET resolved_at = now(), resolved_by = 'agreement', reason = 'r' WHERE id = $1`,
      [id],
    );
  });

  it('lists working orders with what the broker says of them, and orders that the broker alone has', async () => {
    const { orders, ordersTotal } = await reconciliation();
    expect(ordersTotal).toBe(3);
    expect(orders.map(({ symbol, agreement, order }) => [symbol, agreement, order?.kind ?? null])).toEqual([
      ['TSLA', 'DIFFERS', null],
      ['SPY', 'DIFFERS', 'EXTERNAL'],
      ['SPY', 'UNSENT', 'FLATTEN'],
    ]);
  });

  it('says why a cancel was refused', async () => {
    const { rows } = await reads.orders(orderListInputSchema.parse({ symbol: 'SPY' }));
    const odd = rows.map(({ kind, cancelAttempts, cancelFault }) => [kind, cancelAttempts, cancelFault]);
    expect(odd).toContainEqual(['EXTERNAL', 3, 'order is pending replace']);
    expect(odd).toContainEqual(['FLATTEN', 0, null]);
  });

  it('keeps the history of a break: opened, changed, with the figures as they were', async () => {
    const detail = breakDetailSchema.parse(await reads.break(aapl));
    expect(detail.events.map(({ kind, theirs }) => [kind, theirs['qty']])).toEqual([
      ['OPENED', '195.5'],
      ['CHANGED', '200'],
    ]);
    const resolved = await reads.breaks({ state: 'resolved', symbol: 'MSFT', limit: 10 });
    expect(resolved.rows.map((row) => [row.cause, row.resolvedBy])).toEqual([['LATE_FILL', 'operator@example.test']]);
  });

  it('lists open breaks by age, and takes a pattern in a symbol for plain text', async () => {
    const { rows } = await reads.breaks({ state: 'open', symbol: '', limit: 10 });
    expect(rows.map((row) => row.symbol)).toEqual(['AAPL', '$CASH', 'SPY', 'TSLA']);
    expect((await reads.breaks({ state: 'open', symbol: '%', limit: 10 })).total).toBe(0);
  });

  it('shows balances that wait for a signature exactly, until they are booked', async () => {
    const id = await seedOpening(fixture.pool);
    expect((await status()).openings).toBe(1);
    expect((await reconciliation()).openings).toMatchObject([{ id, cash: '25000.123456', shownHash: 'shown-hash' }]);
    await fixture.pool.query(`UPDATE account_openings SET signed_by = 'a', signed_at = now(), booked_at = now()`);
    expect((await reconciliation()).openings).toEqual([]);
    expect((await status()).openings).toBe(0);
  });

  it('gives what the last round took', async () => {
    expect((await reconciliation()).round).toBeNull();
    await setRound(fixture.pool, 20_000, 14_300);
    expect((await reconciliation()).round).toMatchObject({ ms: 412, requests: 4, everyMs: 20_000, waitedMs: 14_300 });
  });

  it('shows the worst that a living worker says of the broker, and counts no watchdog as a worker', async () => {
    expect(await status()).toMatchObject({ broker: { state: 'OK' }, workers: { alive: 2 } });
    await setBrokerHealth(fixture.pool, 'KEYS_REFUSED', 'check the keys');
    expect((await status()).broker).toMatchObject({ state: 'KEYS_REFUSED', detail: 'check the keys', tokensLeft: 184 });
    const { broker } = systemDetailSchema.parse(await reads.system());
    expect(broker).toMatchObject({ openBreaks: 4, health: { state: 'KEYS_REFUSED' }, round: { everyMs: 20_000 } });
    await fixture.pool.query(`UPDATE worker_heartbeats SET beat_at = now() - interval '1 minute'`);
    expect((await status()).broker).toBeNull();
  });

  it('takes a record that it cannot read for none', async () => {
    await fixture.pool.query(
      `UPDATE worker_heartbeats SET beat_at = now(), info = '{"brokerHealth":{"state":"SOMETHING_NEW"}}'`,
    );
    await fixture.pool.query(`UPDATE accounts SET round = '{"ms":"soon"}'`);
    expect((await status()).broker).toBeNull();
    expect((await reconciliation()).round).toBeNull();
  });

  it('lists tie-outs and drills newest first, and keeps their records', async () => {
    await seedTieOuts(fixture.pool);
    await seedDrills(fixture.pool);
    const tieOuts = await reads.tieOuts({ status: null, limit: 10 });
    expect(tieOuts.map((row) => row.status)).toEqual(['WAITING', 'DIFFERENT', 'FAILED', 'CLEAN']);
    const [different] = await reads.tieOuts({ status: 'DIFFERENT', limit: 10 });
    const report = tieOutDetailSchema.parse(await reads.tieOut(different?.id ?? '')).report;
    expect(report['cash']).toEqual({ ours: '71034.500000', theirs: '71046.75', difference: '-12.25' });
    const drills = await reads.drills({ limit: 10 });
    expect(drills.map((row) => [row.status, row.verifiedMs])).toEqual([
      ['PASSED', 2894],
      ['FAILED', null],
    ]);
    expect(drillDetailSchema.parse(await reads.drill(drills[0]?.id ?? '')).report['cancel_all']).toBe(1);
  });

  it('lists alerts by what is open, and the newest of them in the status', async () => {
    // The seeded breaks have opened alerts of their own.
    await fixture.pool.query('DELETE FROM alerts');
    await seedAlerts(fixture.pool);
    expect((await status()).alerts).toMatchObject({ open: 1, newest: { kind: 'BROKER' } });
    const kinds = async (state: 'open' | 'resolved' | 'all') =>
      alertListSchema.parse(await reads.alerts({ state, limit: 10 })).rows.map((row) => row.kind);
    expect(await kinds('open')).toEqual(['BROKER']);
    expect(await kinds('resolved')).toEqual(['RECONCILIATION', 'DEAD_MAN']);
    expect(await kinds('all')).toEqual(['BROKER', 'RECONCILIATION', 'DEAD_MAN']);
  });

  it('finds nothing where there is nothing', async () => {
    expect(await reads.break(randomUUID())).toBeNull();
    expect(await reads.tieOut(randomUUID())).toBeNull();
    expect(await reads.drill(randomUUID())).toBeNull();
  });
});
