import type { Pool } from 'pg';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createMarketStore } from '@/server/adapters/postgres/market/market-store';
import { readMarketHealth } from '@/server/adapters/postgres/market/read-market-health';
import { createPool } from '@/server/adapters/postgres/pool';
import { createPrisma } from '@/server/adapters/postgres/prisma';
import { MarketTally } from '@/server/application/market/tally';
import type { Bar } from '@/server/domain/exchange/types';
import { parseUnits } from '@/server/kernel/money';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';

const START_MS = Date.UTC(2026, 0, 5, 15);

let database: TestDatabase;
let pool: Pool;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 4 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

function bar(symbol: string, minute: number, close = '100'): Bar {
  const startMs = START_MS + minute * 60_000;
  const price = parseUnits(close);
  return { symbol, startMs, endMs: startMs + 60_000, open: price, high: price, low: price, close: price, volume: 0n };
}
const source = (each: Bar) => ({ bar: each, source: 'SOURCE' as const });

const events = async () =>
  (
    await pool.query<{ line: string }>(
      `SELECT topic || ' ' || subject || ' ' || to_char((data->>'start_at')::timestamptz AT TIME ZONE 'UTC', 'HH24:MI') || ' ' ||
         trim_scale((data->>'close')::numeric) || ' ' || (data->>'source') AS line FROM outbox ORDER BY seq`,
    )
  ).rows.map(({ line }) => line);

test('a bar is stored and announced once, oldest first; a correction takes its place and is announced only when it changes something', async () => {
  const market = createMarketStore(pool);
  await market.writeBars([source(bar('SPY', 0)), source(bar('AAPL', 0))], false);
  await market.writeBars(
    [
      source(bar('SPY', 1)),
      source(bar('AAPL', 1)),
      { bar: bar('SPY', 2), source: 'CLOCK' },
      source(bar('SPY', 0, '7')),
    ],
    true,
  );
  await market.writeBars([source(bar('SPY', 1, '9'))], true);
  expect(await market.correctBars([bar('SPY', 0), bar('SPY', 2, '101'), bar('SPY', 2, '102')])).toEqual([
    { symbol: 'SPY' },
  ]);
  expect(await market.correctBars([bar('SPY', 2, '102')])).toEqual([]);
  expect(await events()).toEqual([
    'market.bar.closed AAPL 15:01 100 SOURCE',
    'market.bar.closed SPY 15:01 100 SOURCE',
    'market.bar.closed SPY 15:02 100 CLOCK',
    'market.bar.corrected SPY 15:02 102 SOURCE',
  ]);
  const last = await market.lastBars(['SPY', 'AAPL', 'MSFT'], START_MS + 90_000);
  expect([...last].map(([symbol, { startMs }]) => [symbol, startMs - START_MS]).sort()).toEqual([
    ['AAPL', 60_000],
    ['SPY', 60_000],
  ]);
  expect((await market.barsAfter('SPY', START_MS, 10)).map(({ close }) => close)).toEqual(
    ['100', '102'].map(parseUnits),
  );
});

test('how market data comes in reads as it was written, and a symbol that is gone is gone', async () => {
  const market = createMarketStore(pool);
  const tally = new MarketTally();
  tally.refuse('SPY', 'crossed');
  tally.refuse(null, 'bad_symbol');
  Object.assign(tally.of('SPY'), { quotes: 3, lastQuoteMs: START_MS, staleSinceMs: START_MS, missing: 2 });
  const rows = (symbols: string[]) =>
    symbols.map((symbol) => ({ symbol, subscribed: symbol !== '*', tally: tally.of(symbol) }));
  await market.writeHealth(rows(['SPY', 'AAPL', '*']), START_MS, []);
  await market.writeHealth(rows(['SPY', '*']), START_MS, []);
  const prisma = createPrisma(database.url);
  const read = await readMarketHealth(prisma);
  await prisma.$disconnect();
  expect(read.map(({ symbol }) => symbol)).toEqual(['*', 'SPY']);
  expect(read[1]).toMatchObject({
    subscribed: true,
    quotes: 3,
    refused: { crossed: 1 },
    lastQuoteAt: '2026-01-05T15:00:00.000Z',
    staleSince: '2026-01-05T15:00:00.000Z',
    lastBarAt: null,
    missing: 2,
  });
});

test('market health and the alerts that follow from it are stored together or not at all', async () => {
  const market = createMarketStore(pool);
  const tally = new MarketTally();
  const rows = (...symbols: string[]) =>
    symbols.map((symbol) => ({ symbol, subscribed: true, tally: tally.of(symbol) }));
  const alert = (subject: string, open: boolean) => ({
    kind: 'DATA_STALE_SYMBOL' as const,
    subject,
    open: open ? { message: `no quote of ${subject}`, data: { since: START_MS } } : null,
  });
  const stored = async () => {
    const { rows: found } = await pool.query<{ line: string }>(
      `SELECT h.symbol || CASE WHEN h.stale_since IS NULL THEN ' fresh' ELSE ' stale' END || coalesce(' ' || a.kind, '') AS line
       FROM market_health h LEFT JOIN alerts a ON a.subject = h.symbol AND a.resolved_at IS NULL ORDER BY h.symbol`,
    );
    return found.map(({ line }) => line);
  };
  tally.of('SPY').staleSinceMs = START_MS;
  await market.writeHealth(rows('AAPL', 'SPY'), START_MS, [alert('SPY', true)]);
  expect(await stored()).toEqual(['AAPL fresh', 'SPY stale DATA_STALE_SYMBOL']);
  tally.of('SPY').staleSinceMs = null;
  // The second alert can't be stored: its message is missing.
  const broken = { ...alert('AAPL', true), open: { message: JSON.parse('null'), data: {} } };
  await expect(market.writeHealth(rows('AAPL', 'SPY'), START_MS, [alert('SPY', false), broken])).rejects.toThrow();
  expect(await stored()).toEqual(['AAPL fresh', 'SPY stale DATA_STALE_SYMBOL']);
  await market.writeHealth(rows('AAPL', 'SPY'), START_MS, [alert('SPY', false)]);
  expect(await stored()).toEqual(['AAPL fresh', 'SPY fresh']);
});
