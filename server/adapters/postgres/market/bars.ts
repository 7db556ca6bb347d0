import type { Pool } from 'pg';
import type { SequencedBar } from '@/server/application/market/bar-sequence';
import type { Bar } from '@/server/domain/exchange/types';
import { formatUnits, parseUnits } from '@/server/kernel/money';

export interface BarRow {
  symbol: string;
  at: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
}

export const BAR_COLUMNS =
  'symbol, epoch_ms(start_at)::float8 AS at, open::text, high::text, low::text, close::text, volume::text';

export const toBar = (row: BarRow): Bar => ({
  symbol: row.symbol,
  startMs: row.at,
  endMs: row.at + 60_000,
  open: parseUnits(row.open),
  high: parseUnits(row.high),
  low: parseUnits(row.low),
  close: parseUnits(row.close),
  volume: parseUnits(row.volume),
});

const json = (bars: readonly SequencedBar[]) =>
  JSON.stringify(
    bars.map(({ bar, source }, n) => ({
      n,
      symbol: bar.symbol,
      at: new Date(bar.startMs).toISOString(),
      open: formatUnits(bar.open),
      high: formatUnits(bar.high),
      low: formatUnits(bar.low),
      close: formatUnits(bar.close),
      volume: formatUnits(bar.volume),
      source,
    })),
  );

const GIVEN = `jsonb_to_recordset($1::jsonb) AS r(n int, symbol text, at timestamptz, open numeric, high numeric, low numeric, close numeric, volume numeric, source text)`;
const EVENT = `jsonb_build_object('symbol', symbol, 'start_at', start_at, 'close', close::text, 'source', source)`;

/** Announced in the order given: oldest first within a symbol. A repetition inserts nothing. */
const WRITE = `
  WITH r AS (SELECT * FROM ${GIVEN}),
  stored AS (
    INSERT INTO bars (symbol, start_at, open, high, low, close, volume, source)
    SELECT symbol, at, open, high, low, close, volume, source FROM r ORDER BY symbol, at
    ON CONFLICT (symbol, start_at) DO NOTHING RETURNING symbol, start_at, close, source)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'market.bar.closed', symbol, ${EVENT} FROM stored WHERE $2 ORDER BY start_at, symbol`;

const CORRECT = `
  WITH stored AS (
    INSERT INTO bars AS b (symbol, start_at, open, high, low, close, volume, source)
    SELECT symbol, at, open, high, low, close, volume, 'SOURCE' FROM ${GIVEN} ORDER BY symbol, at
    ON CONFLICT (symbol, start_at) DO UPDATE SET open = excluded.open, high = excluded.high, low = excluded.low, close = excluded.close,
      volume = excluded.volume, source = 'SOURCE'
    WHERE (b.open, b.high, b.low, b.close, b.volume, b.source) IS DISTINCT FROM (excluded.open, excluded.high, excluded.low, excluded.close, excluded.volume, 'SOURCE')
    RETURNING symbol, start_at, close, source),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'market.bar.corrected', symbol, ${EVENT} FROM stored ORDER BY start_at, symbol)
  SELECT symbol FROM stored`;

/** Of a statement: a week of minutes of five symbols is ten of them. */
const BATCH = 5_000;

export async function writeBars(pool: Pool, bars: readonly SequencedBar[], announce: boolean): Promise<void> {
  for (let n = 0; n < bars.length; n += BATCH) await pool.query(WRITE, [json(bars.slice(n, n + BATCH)), announce]);
}

export async function correctBars(pool: Pool, bars: readonly Bar[]): Promise<{ symbol: string }[]> {
  if (bars.length === 0) return [];
  // The last report of a minute counts.
  const newest = new Map(bars.map((bar) => [`${bar.symbol} ${bar.startMs}`, { bar, source: 'SOURCE' as const }]));
  return (await pool.query<{ symbol: string }>(CORRECT, [json([...newest.values()])])).rows;
}

export async function lastBars(pool: Pool, symbols: readonly string[], beforeMs: number): Promise<Map<string, Bar>> {
  const { rows } = await pool.query<BarRow>(
    `SELECT b.* FROM unnest($1::text[]) AS s(name) CROSS JOIN LATERAL (SELECT ${BAR_COLUMNS} FROM bars
       WHERE symbol = s.name AND start_at <= to_timestamp($2::float8 / 1000) ORDER BY start_at DESC LIMIT 1) b`,
    [symbols, beforeMs],
  );
  return new Map(rows.map((row) => [row.symbol, toBar(row)]));
}
