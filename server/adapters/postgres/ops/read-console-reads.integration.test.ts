import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAccessStore } from '@/server/adapters/postgres/access/access';
import { createPrisma, type PrismaClient } from '@/server/adapters/postgres/prisma';
import { CursorError } from '@/server/application/page';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import { approvalDetailSchema, approvalListSchema } from '@/server/contracts/console/approvals';
import { overviewSchema } from '@/server/contracts/console/overview';
import {
  activePolicySchema,
  decisionListInputSchema,
  signalDetailSchema,
  signalListInputSchema,
} from '@/server/contracts/console/policy';
import { curveSchema, portfolioSchema } from '@/server/contracts/console/portfolio';
import { auditListSchema, statusSchema, systemDetailSchema } from '@/server/contracts/console/system';
import { orderDetailSchema, orderListInputSchema, orderListSchema } from '@/server/contracts/order';
import { factsOf } from '@/test-support/placements';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';
import { createConsoleReads } from './read-console-reads';

describe("the console's reads", () => {
  let fixture: TradingFixture;
  let db: PrismaClient;
  let reads: ConsoleReads;
  let orderId = '';
  let approvalId = '';
  let reviewSignal = '';

  beforeAll(async () => {
    fixture = await createTradingFixture();
    db = createPrisma(fixture.database.url);
    reads = createConsoleReads(db);
    const place = async (symbol: string, confidence: number) => {
      const signalId = await fixture.signal({ symbol, confidence });
      const answer = await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId, { symbol }));
      return { signalId, ...factsOf(answer) };
    };
    orderId = (await place('AAPL', 0.9)).orderId;
    const review = await place('MSFT', 0.5);
    approvalId = review.approvalId;
    reviewSignal = review.signalId;
  });
  afterAll(async () => {
    await db.$disconnect();
    await fixture.close();
  });

  const list = (changes: Record<string, unknown> = {}) => reads.orders(orderListInputSchema.parse(changes));

  it('lists orders by what the filter says', async () => {
    expect(orderListSchema.parse(await list()).rows.map((row) => row.id)).toEqual([orderId]);
    expect((await list({ group: 'working', symbol: 'aapl' })).total).toBe(1);
    expect((await list({ group: 'filled' })).total).toBe(0);
    expect((await list({ symbol: 'MSFT' })).rows).toEqual([]);
  });

  it('takes what looks like a pattern in a symbol for plain text', async () => {
    expect((await list({ symbol: '%' })).total).toBe(0);
    expect((await list({ symbol: '_APL' })).total).toBe(0);
  });

  describe('paging through more orders than one page holds', () => {
    const ALL = 25;
    beforeAll(async () => {
      // Instants, symbols and quantities repeat, so that pages end between equal values.
      await fixture.pool.query(
        `INSERT INTO orders (id, kind, strategy, symbol, side, qty, order_type, time_in_force, status, external_order_id, reference_price, created_at, updated_at)
         SELECT gen_random_uuid(), 'EXTERNAL', 'paging', (ARRAY['ZA', 'ZB', 'ZC'])[1 + n % 3], 'BUY', 1 + n % 4, 'MARKET', 'DAY', 'CANCELLED',
                'paging-' || n, 0, now() - (n / 3) * interval '1 second', now() - (n / 5) * interval '1 second'
           FROM generate_series(0, $1) AS n`,
        [ALL - 1],
      );
    });

    it.each(
      (['createdAt', 'symbol', 'qty', 'updatedAt'] as const).flatMap((sort) =>
        (['asc', 'desc'] as const).map((direction) => [sort, direction] as const),
      ),
    )('by %s %s gives each once, in the order of the whole list', async (sort, direction) => {
      const view = { strategy: 'paging', sort, direction };
      const whole = await list({ ...view, limit: 1_000 });
      expect(whole).toMatchObject({ total: ALL, nextCursor: null });
      const paged: string[] = [];
      let cursor: string | null = null;
      do {
        const page: Awaited<ReturnType<typeof list>> = await list({ ...view, limit: 7, cursor });
        expect(page.total).toBe(ALL);
        const again = await reads.ordersPage(orderListInputSchema.parse({ ...view, limit: 7, cursor }));
        expect(again).toEqual({ rows: page.rows, nextCursor: page.nextCursor });
        paged.push(...page.rows.map((row) => row.id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(paged).toEqual(whole.rows.map((row) => row.id));
    });

    it('refuses a cursor of another sort, and text that is no cursor', async () => {
      const { nextCursor } = await list({ strategy: 'paging', limit: 7 });
      await expect(list({ strategy: 'paging', sort: 'qty', cursor: nextCursor })).rejects.toBeInstanceOf(CursorError);
      await expect(list({ cursor: 'x' })).rejects.toBeInstanceOf(CursorError);
      const foreign = Buffer.from('["password","x","x"]').toString('base64url');
      await expect(list({ cursor: foreign })).rejects.toBeInstanceOf(CursorError);
    });
  });

  it('pages through signals and decisions', async () => {
    const read = {
      signals: (input: object) => reads.signals(signalListInputSchema.parse(input)),
      decisions: (input: object) => reads.decisions(decisionListInputSchema.parse(input)),
    };
    for (const page of [read.signals, read.decisions]) {
      const first = await page({ limit: 1 });
      expect(first.rows).toHaveLength(1);
      const second = await page({ limit: 1, cursor: first.nextCursor });
      expect([...first.rows, ...second.rows]).toEqual((await page({})).rows);
      expect(second.nextCursor).toBeNull();
    }
  });

  it('tells the story of an order from its signal on', async () => {
    const detail = orderDetailSchema.parse(await reads.order(orderId));
    expect(detail.signal?.symbol).toBe('AAPL');
    expect(detail.evaluations.map((evaluation) => [evaluation.kind, evaluation.decision])).toEqual([
      ['GATE', 'APPROVE'],
    ]);
    expect(detail.events[0]?.type).toBe('created');
  });

  it('shows an approver what will be sent and every rule that was hit', async () => {
    const detail = approvalDetailSchema.parse(await reads.approval(approvalId));
    expect(detail.approval).toMatchObject({ status: 'PENDING', symbol: 'MSFT', qty: '1', codes: ['CONFIDENCE_LOW'] });
    expect(detail.reasons[0]).toMatchObject({ code: 'CONFIDENCE_LOW', observed: '0.5', threshold: '0.6' });
    expect(detail.quote?.symbol).toBe('MSFT');
    expect(detail.shownHash).not.toBe('');
    expect(approvalListSchema.parse(await reads.approvals()).pending.map((row) => row.id)).toEqual([approvalId]);
  });

  it('follows a signal to what it became', async () => {
    const detail = signalDetailSchema.parse(await reads.signal(reviewSignal));
    expect(detail.row).toMatchObject({ decision: 'REVIEW', approvalId, orderId: null });
  });

  it('counts in the status what waits, and says when data and books were last read', async () => {
    const status = statusSchema.omit({ trading: true }).parse(await reads.status());
    expect(status.approvals).toMatchObject({ pending: 1, newestId: approvalId });
    expect(status.newestQuote).not.toBeNull();
    expect(status.maxDataAgeSeconds).toBe(30);
    expect(BigInt(status.outboxSeq)).toBeGreaterThan(0n);
  });

  it('puts an approval whose time is up among the decided, though nobody wrote it down yet', async () => {
    await fixture.pool.query(`UPDATE approvals SET expires_at = now() - interval '1 second' WHERE id = $1`, [
      approvalId,
    ]);
    const { pending, decided } = await reads.approvals();
    expect(pending).toEqual([]);
    expect(decided.map((row) => [row.id, row.status])).toEqual([[approvalId, 'EXPIRED']]);
    expect((await reads.status()).approvals.pending).toBe(0);
  });

  it('samples the curve to a few hundred points, the last of each step', async () => {
    await fixture.pool.query(
      `INSERT INTO portfolio_snapshots (at, equity, cash, gross_exposure, day_pnl, drawdown_pct)
       SELECT now() - n * interval '1 second', 100000 + n, 100000, 0, 0, 0 FROM generate_series(0, 3599) AS n`,
    );
    const curve = curveSchema.parse(await reads.curve('1h'));
    expect(curve.stepSeconds).toBe(10);
    expect(curve.points.length).toBeGreaterThanOrEqual(360);
    expect(curve.points.length).toBeLessThanOrEqual(362);
    expect(curve.points.at(-1)?.equity).toBe('100000.000000000000000000000000');
  });

  it('answers each of the other pages in the form that the router declares', async () => {
    portfolioSchema.parse(await reads.portfolio());
    overviewSchema.parse(await reads.overview());
    activePolicySchema.parse(await reads.activePolicy());
    systemDetailSchema.parse(await reads.system());
    auditListSchema.parse(await reads.audit(null, 10));
    expect(await reads.order(randomUUID())).toBeNull();
    expect(await reads.approval(randomUUID())).toBeNull();
    expect(await reads.signal(randomUUID())).toBeNull();
  });

  it('pages through the audit log, newest first', async () => {
    for (const reason of ['one', 'two', 'three']) await fixture.commands.reduce(ACTOR, reason);
    await fixture.commands.halt(ACTOR, 'four');
    const first = await reads.audit(null, 1);
    const second = await reads.audit(first.nextBefore, 1);
    expect(BigInt(second.rows[0]?.id ?? 0)).toBeLessThan(BigInt(first.rows[0]?.id ?? 0));
  });

  it('counts failed sign-ins since the last success', async () => {
    const access = createAccessStore(db);
    const first = await access.beginAttempt('ann@example.test', 900);
    expect((await access.beginAttempt('ann@example.test', 900)).failures).toBe(2);
    await access.succeedAttempt(first.id);
    expect((await access.beginAttempt('bob@example.test', 900)).failures).toBe(1);
    const dropped = await access.beginAttempt('bob@example.test', 900);
    await access.dropAttempt(dropped.id);
    expect((await access.beginAttempt('bob@example.test', 900)).failures).toBe(2);
  });
});
