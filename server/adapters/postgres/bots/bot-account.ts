import type { Pool } from 'pg';
import { z } from 'zod';
import { LIVE } from '@/server/adapters/postgres/sets';
import type { BotAccount, BotAccountReads, BotAsset, BotPosition } from '@/server/application/ports/bot-account';
import { tradingStateSchema } from '@/server/kernel/vocabulary';

const ACCOUNT = {
  name: 'bot_account',
  text: `SELECT a.broker_account_id AS "brokerAccountId", trim_scale(a.cash)::text AS cash, trim_scale(a.equity)::text AS equity,
      trim_scale(a.buying_power)::text AS "buyingPower", trim_scale(a.last_equity)::text AS "lastEquity", a.trading_day AS "tradingDay",
      epoch_ms(a.portfolio_at)::float8 AS "readAtMs", t.state AS "tradingState", t.reason AS "tradingReason"
    FROM accounts a CROSS JOIN trading_state t WHERE a.id = 1`,
};
const accountSchema = z.object({
  brokerAccountId: z.string().nullable(),
  cash: z.string(),
  equity: z.string(),
  buyingPower: z.string(),
  lastEquity: z.string(),
  tradingDay: z.string().nullable(),
  readAtMs: z.number().nullable(),
  tradingState: tradingStateSchema,
  tradingReason: z.string(),
}) satisfies z.ZodType<BotAccount>;

const POSITIONS = {
  name: 'bot_positions',
  text: `SELECT p.symbol, trim_scale(p.qty)::text AS qty, trim_scale(p.cost)::text AS cost, s.exchange,
      trim_scale(greatest(p.qty - coalesce(w.leaves, 0), 0))::text AS "availableQty",
      trim_scale(coalesce((q.bid + q.ask) / 2, p.market_price))::text AS price,
      (SELECT trim_scale(b.close)::text FROM bars b WHERE b.symbol = p.symbol AND b.start_at < a.close_at ORDER BY b.start_at DESC LIMIT 1) AS "lastDayPrice"
    FROM positions p CROSS JOIN accounts a LEFT JOIN quotes q USING (symbol) LEFT JOIN assets s ON s.symbol = p.symbol
    LEFT JOIN (SELECT symbol, sum(qty - cum_qty) AS leaves FROM orders
                WHERE status IN ${LIVE} AND side = 'SELL' AND kind <> 'PROTECTIVE' GROUP BY symbol) w ON w.symbol = p.symbol
    WHERE p.qty <> 0 ORDER BY p.symbol`,
};
const positionSchema = z.object({
  symbol: z.string(),
  qty: z.string(),
  availableQty: z.string(),
  cost: z.string(),
  price: z.string().nullable(),
  lastDayPrice: z.string().nullable(),
  exchange: z.string().nullable(),
}) satisfies z.ZodType<BotPosition>;

const ASSETS = {
  name: 'bot_assets',
  text: 'SELECT symbol, tradable, fractionable, exchange, name FROM assets ORDER BY symbol',
};
const assetSchema = z.object({
  symbol: z.string(),
  tradable: z.boolean(),
  fractionable: z.boolean(),
  exchange: z.string().nullable(),
  name: z.string().nullable(),
}) satisfies z.ZodType<BotAsset>;

const POLICY = {
  name: 'bot_policy',
  text: 'SELECT p.version, p.body FROM settings s JOIN policy_versions p ON p.version = s.active_policy_version',
};

const CLOCK = {
  name: 'bot_clock',
  text: `SELECT epoch_ms(market_time)::float8 AS market_time, epoch_ms(observed_at)::float8 AS observed_at, epoch_ms(clock_timestamp())::float8 AS now,
      speed, is_open, epoch_ms(next_open)::float8 AS next_open, epoch_ms(next_close)::float8 AS next_close
    FROM market_clock`,
};
const clockSchema = z.object({
  market_time: z.number(),
  observed_at: z.number(),
  now: z.number(),
  speed: z.number(),
  is_open: z.boolean(),
  next_open: z.number().nullable(),
  next_close: z.number().nullable(),
});

const POINTS = 360;
const EQUITY = {
  name: 'bot_equity',
  text: `SELECT DISTINCT ON (bucket) epoch_ms(at)::float8 AS "atMs", trim_scale(equity)::text AS equity
    FROM (SELECT at, equity, floor(epoch_ms(at) / greatest(($2::float8 - $1::float8) / ${POINTS}, 1)) AS bucket
            FROM portfolio_snapshots WHERE at >= to_timestamp($1 / 1000) AND at <= to_timestamp($2 / 1000)) each
    ORDER BY bucket, at DESC`,
};

/** What bots ask of the account, in Postgres: one statement each. */
export function createBotAccountReads(pool: Pool): BotAccountReads {
  return {
    async account() {
      const { rows } = await pool.query(ACCOUNT);
      return rows[0] === undefined ? null : accountSchema.parse(rows[0]);
    },
    async positions() {
      return z.array(positionSchema).parse((await pool.query(POSITIONS)).rows);
    },
    async assets() {
      return z.array(assetSchema).parse((await pool.query(ASSETS)).rows);
    },
    async policy() {
      const { rows } = await pool.query<{ version: number; body: unknown }>(POLICY);
      if (rows[0] === undefined) throw new Error('the database has no settings: run the migrations and the seed');
      return rows[0];
    },
    async clock() {
      const { rows } = await pool.query(CLOCK);
      if (rows[0] === undefined) return null;
      const row = clockSchema.parse(rows[0]);
      return {
        marketNowMs: row.market_time + (row.now - row.observed_at) * row.speed,
        isOpen: row.is_open,
        nextOpenMs: row.next_open,
        nextCloseMs: row.next_close,
      };
    },
    async equity(fromMs, toMs) {
      const { rows } = await pool.query<{ atMs: number; equity: string }>({ ...EQUITY, values: [fromMs, toMs] });
      return rows;
    },
  };
}
