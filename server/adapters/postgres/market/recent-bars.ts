import type { Pool } from 'pg';
import { SupersededError } from '@/server/application/ports/lease';
import type { RecentBars, RecentDay } from '@/server/application/ports/recent-bars';
import type { Bar } from '@/server/domain/exchange/types';
import { formatUnits, parseUnits } from '@/server/kernel/money';

const MINUTE_MS = 60_000;

interface Row {
  at: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
}

const FIGURES = `epoch_ms(start_at)::float8 AS at, open::text, high::text, low::text, close::text, volume::text`;
const NEW_YORK_DATE = `(start_at AT TIME ZONE 'America/New_York')::date`;

const rangeSql = (order: 'ASC' | 'DESC') => `
  SELECT * FROM (
    SELECT ${FIGURES} FROM bars
    WHERE symbol = $1 AND start_at >= coalesce(to_timestamp($2::float8 / 1000), '-infinity') AND start_at < coalesce(to_timestamp($3::float8 / 1000), 'infinity')
    ORDER BY start_at ${order} LIMIT $4) b ORDER BY at`;

const DAYS = `
  SELECT symbol, date::text, bars, (count(*) OVER (PARTITION BY symbol ORDER BY date DESC) - 1)::int AS later
  FROM (SELECT symbol, ${NEW_YORK_DATE} AS date, count(*)::int AS bars FROM bars GROUP BY 1, 2) d ORDER BY symbol, date`;

/** A day and a bit on either side, so that the index finds it; then exactly the date. */
const DAY = `
  SELECT ${FIGURES} FROM bars
  WHERE symbol = $1 AND start_at >= $2::date - interval '1 day' AND start_at < $2::date + interval '3 days' AND ${NEW_YORK_DATE} = $2::date
  ORDER BY start_at`;

/** A bar that was corrected since it was read stays. */
const REMOVE = `
  WITH held AS (SELECT 1 FROM leases WHERE name = $2 AND token = $3::bigint AND expires_at > clock_timestamp()),
  gone AS (
    DELETE FROM bars b USING jsonb_to_recordset($1::jsonb) AS r(symbol text, at timestamptz, open numeric, high numeric, low numeric, close numeric, volume numeric)
    WHERE b.symbol = r.symbol AND b.start_at = r.at AND b.open = r.open AND b.high = r.high AND b.low = r.low AND b.close = r.close AND b.volume = r.volume
      AND EXISTS (SELECT 1 FROM held)
    RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM held) AS held, (SELECT count(*)::int FROM gone) AS gone`;

const toBar =
  (symbol: string) =>
  ({ at, open, high, low, close, volume }: Row): Bar => ({
    symbol,
    startMs: at,
    endMs: at + MINUTE_MS,
    open: parseUnits(open),
    high: parseUnits(high),
    low: parseUnits(low),
    close: parseUnits(close),
    volume: parseUnits(volume),
  });

const toRow = ({ symbol, startMs, open, high, low, close, volume }: Bar) => ({
  symbol,
  at: new Date(startMs).toISOString(),
  open: formatUnits(open),
  high: formatUnits(high),
  low: formatUnits(low),
  close: formatUnits(close),
  volume: formatUnits(volume),
});

/** Minutes in the table `bars`. */
export function createRecentBars(pool: Pool): RecentBars {
  return {
    async read({ symbol, fromMs, toMs, limit }) {
      const sql = rangeSql(limit.of === 'oldest' ? 'ASC' : 'DESC');
      const { rows } = await pool.query<Row>(sql, [symbol, fromMs, toMs, limit.bars]);
      return rows.map(toBar(symbol));
    },

    async knows(symbol) {
      const { rows } = await pool.query<{ known: boolean }>(
        'SELECT EXISTS (SELECT 1 FROM bars WHERE symbol = $1) OR EXISTS (SELECT 1 FROM quotes WHERE symbol = $1) AS known',
        [symbol],
      );
      return rows[0]?.known === true;
    },

    async days() {
      const { rows } = await pool.query<RecentDay>(DAYS);
      return rows;
    },

    async day(symbol, date) {
      const { rows } = await pool.query<Row>(DAY, [symbol, date]);
      return rows.map(toBar(symbol));
    },

    async remove(bars, fence) {
      const values = [JSON.stringify(bars.map(toRow)), fence.name, fence.token];
      const { rows } = await pool.query<{ held: boolean; gone: number }>(REMOVE, values);
      if (rows[0]?.held !== true) throw new SupersededError(`the ${fence.name} lease has a new holder`);
      return rows[0].gone;
    },

    async marketTimeMs() {
      const { rows } = await pool.query<{ at: number }>(
        'SELECT epoch_ms(market_time)::float8 AS at FROM market_clock WHERE id = 1',
      );
      return rows[0]?.at ?? null;
    },
  };
}
