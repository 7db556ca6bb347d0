import type { Pool } from 'pg';
import type { BrokerAsset, BrokerClock, VenueInfo } from '@/server/application/ports/broker';
import type { MarketStore } from '@/server/application/ports/market-store';
import type { Quote } from '@/server/domain/exchange/types';
import { formatUnits, parseUnits } from '@/server/domain/money/decimal';

interface BarRow {
  at: number;
  open: string;
  high: string;
  low: string;
  close: string;
  volume: string;
}

const iso = (ms: number) => new Date(ms).toISOString();

const quoteJson = (quotes: readonly Quote[]) =>
  JSON.stringify(
    quotes.map(({ symbol, bid, ask, bidSize, askSize, atMs }) => ({
      symbol,
      bid: formatUnits(bid),
      ask: formatUnits(ask),
      bid_size: formatUnits(bidSize),
      ask_size: formatUnits(askSize),
      at: iso(atMs),
    })),
  );

/** Only a newer quote takes an older one's place, whoever writes. */
const WRITE_QUOTES = `
  INSERT INTO quotes AS q (symbol, bid, ask, bid_size, ask_size, quoted_at, received_at)
  SELECT r.symbol, r.bid, r.ask, r.bid_size, r.ask_size, r.at, clock_timestamp()
  FROM jsonb_to_recordset($1::jsonb) AS r(symbol text, bid numeric, ask numeric, bid_size numeric, ask_size numeric, at timestamptz)
  ORDER BY r.symbol
  ON CONFLICT (symbol) DO UPDATE SET bid = excluded.bid, ask = excluded.ask, bid_size = excluded.bid_size, ask_size = excluded.ask_size,
    quoted_at = excluded.quoted_at, received_at = excluded.received_at
  WHERE q.quoted_at < excluded.quoted_at`;

const WRITE_BARS = `
  WITH stored AS (
    INSERT INTO bars (symbol, start_at, open, high, low, close, volume)
    SELECT r.symbol, r.at, r.open, r.high, r.low, r.close, r.volume
    FROM jsonb_to_recordset($1::jsonb) AS r(symbol text, at timestamptz, open numeric, high numeric, low numeric, close numeric, volume numeric)
    ON CONFLICT DO NOTHING RETURNING symbol, start_at, close)
  INSERT INTO outbox (id, topic, subject, data)
  SELECT gen_random_uuid(), 'market.bar.closed', symbol, jsonb_build_object('symbol', symbol, 'start_at', start_at, 'close', close::text) FROM stored WHERE $2`;

const WRITE_CLOCK = `
  INSERT INTO market_clock (id, is_open, market_time, observed_at, next_open, next_close, speed, environment, source)
  VALUES (1, $1, $2, clock_timestamp() - $3 * interval '1 millisecond', $4, $5, $6, $7, $8)
  ON CONFLICT (id) DO UPDATE SET is_open = excluded.is_open, market_time = excluded.market_time, observed_at = excluded.observed_at,
    next_open = excluded.next_open, next_close = excluded.next_close, speed = excluded.speed, environment = excluded.environment, source = excluded.source`;

/** Latest quotes, bars and the broker's clock in Postgres. */
export function createMarketStore(pool: Pool): MarketStore {
  return {
    async writeQuotes(quotes) {
      if (quotes.length > 0) await pool.query(WRITE_QUOTES, [quoteJson(quotes)]);
    },

    async announceQuotes(payloads) {
      await pool.query(`SELECT pg_notify('quotes', p) FROM unnest($1::text[]) p`, [payloads]);
    },

    async writeBars(bars, announce) {
      if (bars.length === 0) return;
      const rows = bars.map(({ symbol, startMs, open, high, low, close, volume }) => ({
        symbol,
        at: iso(startMs),
        open: formatUnits(open),
        high: formatUnits(high),
        low: formatUnits(low),
        close: formatUnits(close),
        volume: formatUnits(volume),
      }));
      await pool.query(WRITE_BARS, [JSON.stringify(rows), announce]);
    },

    async lastBarStartMs() {
      const { rows } = await pool.query<{ at: number | null }>(
        'SELECT epoch_ms(max(start_at))::float8 AS at FROM bars',
      );
      return rows[0]?.at ?? null;
    },

    async barsAfter(symbol, startMs, limit) {
      const { rows } = await pool.query<BarRow>(
        `SELECT * FROM (SELECT epoch_ms(start_at)::float8 AS at, open::text, high::text, low::text, close::text, volume::text FROM bars
           WHERE symbol = $1 AND ($2::float8 IS NULL OR start_at > to_timestamp($2::float8 / 1000))
           ORDER BY start_at ${startMs === null ? 'DESC' : 'ASC'} LIMIT $3) b ORDER BY at`,
        [symbol, startMs, limit],
      );
      return rows.map((row) => ({
        symbol,
        startMs: row.at,
        endMs: row.at + 60_000,
        open: parseUnits(row.open),
        high: parseUnits(row.high),
        low: parseUnits(row.low),
        close: parseUnits(row.close),
        volume: parseUnits(row.volume),
      }));
    },

    async writeClock(clock: BrokerClock, venue: VenueInfo, ageMs: number) {
      await pool.query(WRITE_CLOCK, [
        clock.isOpen,
        iso(clock.marketTimeMs),
        ageMs,
        clock.nextOpenMs === null ? null : iso(clock.nextOpenMs),
        clock.nextCloseMs === null ? null : iso(clock.nextCloseMs),
        venue.speed,
        venue.environment,
        venue.source,
      ]);
    },

    async writeAssets(assets: readonly BrokerAsset[]) {
      await pool.query(
        `INSERT INTO assets (symbol, tradable, fractionable, read_at)
         SELECT symbol, tradable, fractionable, clock_timestamp() FROM jsonb_to_recordset($1::jsonb) AS a(symbol text, tradable boolean, fractionable boolean)
         ON CONFLICT (symbol) DO UPDATE SET tradable = excluded.tradable, fractionable = excluded.fractionable, read_at = excluded.read_at`,
        [JSON.stringify(assets)],
      );
    },

    async wantedSymbols() {
      const { rows } = await pool.query<{ symbol: string }>(
        `SELECT jsonb_array_elements_text(coalesce(v.body->'allowlist', '[]')) AS symbol FROM settings s JOIN policy_versions v ON v.version = s.active_policy_version
         UNION SELECT symbol FROM positions WHERE qty <> 0`,
      );
      return rows.map(({ symbol }) => symbol);
    },
  };
}
