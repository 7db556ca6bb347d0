import { afterAll, beforeAll, expect, test } from 'vitest';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import type { Fence } from '@/server/application/ports/lease';
import type { PortfolioRow } from '@/server/application/ports/reconciliation-store';
import { parseMoney } from '@/server/kernel/money';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';
import { savePortfolio } from './portfolio-write';

let fixture: TradingFixture;
let fence: Fence;

beforeAll(async () => {
  fixture = await createTradingFixture();
  const taken = await createLeaseStore(fixture.pool).acquire('reconciliation', 'test', 600_000);
  if (taken === null) throw new Error('no lease');
  fence = taken;
});
afterAll(() => fixture.close());

const CLOSE_MS = Date.parse('2026-01-05T21:00:00Z');

/** @param lastEquity at the close before the day */
function save(tradingDay: string, equity: string, lastEquity: string) {
  const cash = parseMoney('500');
  const row: PortfolioRow = {
    account: {
      accountId: 'a1',
      cash,
      equity: parseMoney(equity),
      buyingPower: cash,
      lastEquity: parseMoney(lastEquity),
      tradingBlocked: false,
    },
    buyingPower: cash,
    positions: [],
    buyingPowerCash: cash,
    tradingDay,
    closeBeforeMs: CLOSE_MS,
    activityCursorMs: CLOSE_MS,
    roundStartedAtMs: Date.now(),
  };
  return savePortfolio(fixture.pool, fence, row);
}

const results = async () =>
  (
    await fixture.pool.query<{ day_pnl: string }>(
      'SELECT trim_scale(day_pnl)::text AS day_pnl FROM portfolio_snapshots ORDER BY at',
    )
  ).rows.map(({ day_pnl }) => day_pnl);

test("P-13: a new day's result begins at zero at once, though the equity is that of the close", async () => {
  await save('2026-01-05', '1000', '1000');
  await save('2026-01-05', '1004.9', '1000');
  const before = await results();
  await save('2026-01-05', '1004.9', '1000');
  expect(await results()).toEqual(before);
  await save('2026-01-06', '1004.9', '1004.9');
  expect((await results()).at(-1)).toBe('0');
  expect(await results()).toHaveLength(before.length + 1);
});
