import type { Pool } from 'pg';
import type { BrokerAsset, BrokerClock, VenueInfo } from '@/server/application/ports/broker';
import type { MarketStore } from '@/server/application/ports/market-store';
import type { Quote } from '@/server/domain/exchange/types';
import { formatUnits } from '@/server/kernel/money';
import { BAR_COLUMNS, type BarRow, correctBars, lastBars, toBar, writeBars } from './bars';
import { writeHealth } from './market-health';

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

/** Only a newer quote replaces an older one, whichever process writes. */
const WRITE_QUOTES = `
  INSERT INTO quotes AS q (symbol, bid, ask, bid_size, ask_size, quoted_at, received_at)
  SELECT r.symbol, r.bid, r.ask, r.bid_size, r.ask_size, r.at, clock_timestamp()
  FROM jsonb_to_recordset($1::jsonb) AS r(symbol text, bid numeric, ask numeric, bid_size numeric, ask_size numeric, at timestamptz)
  ORDER BY r.symbol
  ON CONFLICT (symbol) DO UPDATE SET bid = excluded.bid, ask = excluded.ask, bid_size = excluded.bid_size, ask_size = excluded.ask_size,
    quoted_at = excluded.quoted_at, received_at = excluded.received_at
  WHERE q.quoted_at < excluded.quoted_at`;

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

    writeBars: (bars, announce) => writeBars(pool, bars, announce),
    correctBars: (bars) => correctBars(pool, bars),
    lastBars: (symbols, beforeMs) => lastBars(pool, symbols, beforeMs),
    writeHealth: (symbols, sinceMs, alerts) => writeHealth(pool, symbols, sinceMs, alerts),

    async barsAfter(symbol, startMs, limit) {
      const { rows } = await pool.query<BarRow>(
        `SELECT * FROM (SELECT ${BAR_COLUMNS} FROM bars
           WHERE symbol = $1 AND ($2::float8 IS NULL OR start_at > to_timestamp($2::float8 / 1000))
           ORDER BY start_at ${startMs === null ? 'DESC' : 'ASC'} LIMIT $3) b ORDER BY at`,
        [symbol, startMs, limit],
      );
      return rows.map(toBar);
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
        `INSERT INTO assets (symbol, tradable, fractionable, exchange, name, read_at)
         SELECT symbol, tradable, fractionable, exchange, name, clock_timestamp()
           FROM jsonb_to_recordset($1::jsonb) AS a(symbol text, tradable boolean, fractionable boolean, exchange text, name text)
         ON CONFLICT (symbol) DO UPDATE SET tradable = excluded.tradable, fractionable = excluded.fractionable,
           exchange = excluded.exchange, name = excluded.name, read_at = excluded.read_at`,
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
