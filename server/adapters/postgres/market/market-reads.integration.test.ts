import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type SeededMarket, seedMarket, seedSignal } from '@/e2e/fixtures/seed-market';
import { createConsoleReads } from '@/server/adapters/postgres/ops/read-console-reads';
import { createPrisma, type PrismaClient } from '@/server/adapters/postgres/prisma';
import type { BarReader } from '@/server/application/history/read-bars';
import type { ConsoleReads } from '@/server/application/ports/console-reads';
import { barsSchema, marketDetailSchema, marketListSchema } from '@/server/contracts/console/market';
import { signalDetailSchema, signalListInputSchema } from '@/server/contracts/console/policy';
import { newYorkDate } from '@/server/domain/calendar';
import { parseUnits } from '@/server/kernel/money';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';

describe("the console's reads of the market", () => {
  let fixture: TradingFixture;
  let db: PrismaClient;
  let reads: ConsoleReads;
  let seeded: SeededMarket;

  beforeAll(async () => {
    fixture = await createTradingFixture();
    db = createPrisma(fixture.database.url);
    reads = createConsoleReads(db);
    await fixture.refresh();
    seeded = await seedMarket(fixture.pool, 'SPY');
  });
  afterAll(async () => {
    await db.$disconnect();
    await fixture.close();
  });

  /** Whether all seeded minutes are of one New York date. */
  const wholeDay = () => {
    const { fromMs, toMs } = seeded.features.bars;
    return newYorkDate(fromMs - 60_000) === newYorkDate(toMs);
  };

  it('lists every symbol that may trade or is quoted, with its newest figures', async () => {
    const rows = marketListSchema.parse(await reads.market());
    const spy = rows.find(({ symbol }) => symbol === 'SPY');
    expect(rows.map(({ symbol }) => symbol)).toEqual([...rows.map(({ symbol }) => symbol)].sort());
    expect(spy).toMatchObject({
      allowed: true,
      held: '0',
      quote: { bid: '99.99', ask: '100.01' },
      close: String(seeded.features.close),
      closeAt: new Date(seeded.features.atMs).toISOString(),
      // In the night some of the seeded minutes are of the day before.
      previousClose: wholeDay() ? '99' : expect.any(String),
      health: { refused: { crossed: 3, out_of_order: 12 } },
    });
    expect(rows.find(({ symbol }) => symbol === 'AAPL')).toMatchObject({ close: null, health: null });
  });

  it('knows the features of a symbol, its liquidity as the gate has it, the calendar and what is to come', async () => {
    const startsAt = new Date(Date.now() + 86_400_000).toISOString();
    const endsAt = new Date(Date.now() + 90_000_000).toISOString();
    await fixture.commands.addMarketEvent(ACTOR, { kind: 'OTHER', symbol: 'SPY', title: 'x', startsAt, endsAt });
    const detail = marketDetailSchema.parse(await reads.marketSymbol('SPY'));
    expect(detail.features).toMatchObject({ rsi14: seeded.features.rsi14, bars: seeded.features.bars.count });
    expect(detail.liquidity).toBeGreaterThan(0.3);
    expect(detail.calendar?.holidays).toHaveLength(3);
    expect(detail.events.map(({ title }) => title)).toEqual(['x']);
    expect(await reads.marketSymbol('NONE')).toBeNull();
  });

  it('takes features that are old for none, as the gate does', async () => {
    await fixture.pool.query(`UPDATE features SET at = at - interval '1 hour' WHERE symbol = 'SPY'`);
    const detail = marketDetailSchema.parse(await reads.marketSymbol('SPY'));
    await fixture.pool.query(`UPDATE features SET at = at + interval '1 hour' WHERE symbol = 'SPY'`);
    expect(detail).toMatchObject({ liquidity: null, correlation: null });
    expect(detail.features).not.toBeNull();
  });

  it('gives the stored minutes and no others, with fills, events and halts on the same clock', async () => {
    const { pool, commands } = fixture;
    const newest = seeded.features.atMs - 60_000;
    const at = (minutes: number) => new Date(newest + minutes * 60_000).toISOString();
    // The gate knows no clock that was last seen ten seconds ago.
    await fixture.refresh();
    const signalId = await fixture.signal({ symbol: 'SPY' });
    const answer = await commands.placeOrder(ACTOR, 'chart', orderFor(signalId, { symbol: 'SPY' }));
    const { rows } = await pool.query<{ id: string }>(`SELECT id FROM orders WHERE signal_id = $1`, [signalId]);
    const orderId = rows[0]?.id;
    expect(answer).toMatchObject({ kind: 'PLACED' });
    await pool.query(
      `INSERT INTO fills (order_id, execution_id, symbol, side, qty, price, at, source) VALUES ($1, 'e1', 'SPY', 'BUY', 1, 100.25, $2, 'STREAM')`,
      [orderId, at(-3)],
    );
    await commands.addMarketEvent(ACTOR, {
      kind: 'ECONOMIC',
      symbol: null,
      title: 'CPI',
      startsAt: at(-30),
      endsAt: at(-20),
    });
    await pool.query(
      `INSERT INTO halts (id, requested_by, reason, requested_at, released_at) VALUES (gen_random_uuid(), 'x', 'x', clock_timestamp() - interval '5 minutes', clock_timestamp())`,
    );
    const chart = barsSchema.parse(await reads.chart('SPY', 'day'));
    const starts = chart.bars.map(([startMs]) => startMs);
    const widest = Math.max(...starts.slice(1).map((ms, index) => ms - (starts[index] ?? 0)));
    expect(starts.at(-1)).toBe(newest);
    expect(chart.bars.filter((bar) => !bar[6]).length).toBeLessThanOrEqual(1);
    if (wholeDay()) expect(widest).toBe((seeded.missing + 1) * 60_000);
    const week = barsSchema.parse(await reads.chart('SPY', 'week'));
    expect(week.fills).toEqual([{ orderId, side: 'BUY', qty: '1', price: '100.25', at: at(-3) }]);
    expect(week.shades.map(({ kind, label }) => [kind, label])).toEqual([
      ['EVENT', 'CPI'],
      ['HALT', 'Halted'],
    ]);
  });

  it('joins minutes for a week, and reads a month from the history', async () => {
    const week = await reads.chart('SPY', 'week');
    expect(week.stepSeconds).toBe(300);
    expect(week.bars.every(([startMs]) => startMs % 300_000 === 0)).toBe(true);
    const [open, high, low, close, volume] = ['10', '12', '9', '11', '500'].map(parseUnits);
    const reader: BarReader = {
      read: async ({ symbol, period }) => {
        const startMs = Date.parse('2026-01-05T15:00:00Z');
        const bar = { symbol, startMs, endMs: startMs + 60_000, open, high, low, close, volume };
        return period === '1m'
          ? [{ ...bar, open: open ?? 0n, high: high ?? 0n, low: low ?? 0n, close: close ?? 0n, volume: volume ?? 0n }]
          : [];
      },
    };
    const month = barsSchema.parse(await createConsoleReads(db, reader).chart('OLD', 'month'));
    expect(month.bars).toEqual([[Date.parse('2026-01-05T15:00:00Z'), '10', '12', '9', '11', '500', true]]);
    expect((await reads.chart('NONE', 'year')).bars).toEqual([]);
  });

  it('finds signals by strategy, symbol and decision, with what they arose from and what became of them', async () => {
    const id = await seedSignal(fixture.pool, seeded.features);
    const find = async (input: object) =>
      (await reads.signals(signalListInputSchema.parse(input))).rows.map(({ signal }) => signal.id);
    expect(await find({ strategy: 'ema-cross', symbol: 'spy' })).toEqual([id]);
    expect(await find({ strategy: 'ema-cross', decision: 'NONE' })).toEqual([id]);
    expect(await find({ strategy: 'ema-cross', decision: 'APPROVE' })).toEqual([]);
    expect(await find({ symbol: 'SPY', decision: 'APPROVE' })).toHaveLength(1);
    expect((await find({}))[0]).toBe(id);
    const detail = signalDetailSchema.parse(await reads.signal(id));
    expect(detail.features).toMatchObject({ close: seeded.features.close, sma20: seeded.features.sma20 });
    expect(detail.row.task).toMatchObject({ state: 'DONE', outcome: 'REJECTED', detail: 'SYMBOL_NOT_ALLOWED' });
  });
});
