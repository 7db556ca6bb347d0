import type { Pool } from 'pg';
import type { AlertChange } from '@/server/application/ports/alert-store';
import type { SymbolHealth } from '@/server/application/ports/market-store';
import { writeAlerts } from '../ops/alert-store';
import { inTransaction } from '../transaction';

const WRITE = `
  WITH given AS (
    SELECT * FROM jsonb_to_recordset($1::jsonb) AS r(symbol text, subscribed boolean, last_quote_at timestamptz, last_trade_at timestamptz,
      last_bar_at timestamptz, quotes bigint, trades bigint, bars bigint, refused jsonb, gaps bigint, empty bigint, corrected bigint, missing bigint, stale_since timestamptz)),
  gone AS (DELETE FROM market_health h WHERE NOT EXISTS (SELECT 1 FROM given g WHERE g.symbol = h.symbol))
  INSERT INTO market_health (symbol, subscribed, last_quote_at, last_trade_at, last_bar_at, quotes, trades, bars, refused, gaps, empty, corrected, missing,
    stale_since, since, updated_at)
  SELECT symbol, subscribed, last_quote_at, last_trade_at, last_bar_at, quotes, trades, bars, refused, gaps, empty, corrected, missing, stale_since,
    to_timestamp($2::float8 / 1000), clock_timestamp() FROM given ORDER BY symbol
  ON CONFLICT (symbol) DO UPDATE SET subscribed = excluded.subscribed, last_quote_at = excluded.last_quote_at, last_trade_at = excluded.last_trade_at,
    last_bar_at = excluded.last_bar_at, quotes = excluded.quotes, trades = excluded.trades, bars = excluded.bars, refused = excluded.refused,
    gaps = excluded.gaps, empty = excluded.empty, corrected = excluded.corrected, missing = excluded.missing, stale_since = excluded.stale_since,
    since = excluded.since, updated_at = excluded.updated_at`;

const iso = (ms: number | null) => (ms === null ? null : new Date(ms).toISOString());

export async function writeHealth(
  pool: Pool,
  symbols: readonly SymbolHealth[],
  sinceMs: number,
  alerts: readonly AlertChange[],
): Promise<void> {
  const rows = symbols.map(({ symbol, subscribed, tally }) => ({
    symbol,
    subscribed,
    last_quote_at: iso(tally.lastQuoteMs),
    last_trade_at: iso(tally.lastTradeMs),
    last_bar_at: iso(tally.lastBarMs),
    quotes: tally.quotes,
    trades: tally.trades,
    bars: tally.bars,
    refused: tally.refused,
    gaps: tally.gaps,
    empty: tally.empty,
    corrected: tally.corrected,
    missing: tally.missing,
    stale_since: iso(tally.staleSinceMs),
  }));
  await inTransaction(pool, async (client) => {
    await client.query(WRITE, [JSON.stringify(rows), sinceMs]);
    await writeAlerts(client, alerts);
  });
}
