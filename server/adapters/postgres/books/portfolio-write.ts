import type { Pool } from 'pg';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import type { PortfolioRow } from '@/server/application/ports/reconciliation-store';
import { divideHalfAway, formatMoney, formatUnits, type Money, ONE } from '@/server/kernel/money';

/** A snapshot is written at least this often, and whenever cash or equity changed. */
const SNAPSHOT_EVERY = '1 minute';

/** The day's figures are measured from the equity before its session: taken from the broker when the day changes, then kept. */
const SAVE = `
  WITH lease AS (SELECT 1 FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp()),
  account AS (
    UPDATE accounts SET cash = $3::numeric, equity = $4::numeric, buying_power = $5::numeric, trading_day = $7,
      last_equity = CASE WHEN trading_day IS DISTINCT FROM $7 THEN $6::numeric ELSE last_equity END,
      activity_cursor = $8, portfolio_at = clock_timestamp(), reconciled_at = clock_timestamp(), round_started_at = $9::timestamptz, failed_rounds = 0
    WHERE id = 1 AND EXISTS (SELECT 1 FROM lease) RETURNING id, last_equity),
  held AS (
    UPDATE positions p SET broker_qty = coalesce(b.qty, 0), market_price = coalesce(b.price, p.market_price)
    FROM account, positions o LEFT JOIN jsonb_to_recordset($10::jsonb) AS b(symbol text, qty numeric, price numeric) ON b.symbol = o.symbol
    WHERE p.symbol = o.symbol AND (p.broker_qty IS DISTINCT FROM coalesce(b.qty, 0) OR p.market_price IS DISTINCT FROM coalesce(b.price, p.market_price))),
  day AS (
    INSERT INTO pnl_history (trading_day, open_equity, close_equity, realised, fees, updated_at)
    SELECT $7, last_equity, $4::numeric, 0, 0, clock_timestamp() FROM account
    ON CONFLICT (trading_day) DO UPDATE SET open_equity = excluded.open_equity, close_equity = excluded.close_equity, updated_at = excluded.updated_at),
  last AS (SELECT at, equity, cash FROM portfolio_snapshots ORDER BY at DESC LIMIT 1),
  snapshot AS (
    INSERT INTO portfolio_snapshots (at, equity, cash, gross_exposure, day_pnl, drawdown_pct)
    SELECT clock_timestamp(), $4::numeric, $3::numeric, $11::numeric, $4::numeric - last_equity,
           CASE WHEN last_equity > 0 THEN greatest(0, round((last_equity - $4::numeric) / last_equity, 12)) ELSE 0 END FROM account
    WHERE NOT EXISTS (SELECT 1 FROM last WHERE equity = $4::numeric AND cash = $3::numeric AND at > clock_timestamp() - interval '${SNAPSHOT_EVERY}')
    RETURNING day_pnl),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'portfolio.updated', 'account', jsonb_build_object('equity', $4::text, 'cash', $3::text, 'day_pnl', trim_scale(day_pnl)::text)
    FROM snapshot)
  SELECT id FROM account`;

const ratio = (part: Money, whole: Money) => (whole <= 0n ? 0n : divideHalfAway(part * ONE, whole));

/** Ends a good round in one statement. @throws SupersededError when the lease was lost */
export async function savePortfolio(pool: Pool, fence: Fence, row: PortfolioRow): Promise<void> {
  const { account } = row;
  let gross = 0n;
  for (const { qty, marketPrice, cost } of row.positions) {
    gross += marketPrice === null ? cost : (qty < 0n ? -qty : qty) * marketPrice;
  }
  const held = row.positions.map(({ symbol, qty, marketPrice }) => ({
    symbol,
    qty: formatUnits(qty),
    price: marketPrice === null ? null : formatUnits(marketPrice),
  }));
  const { rowCount } = await pool.query(SAVE, [
    fence.name,
    fence.token,
    formatMoney(account.cash),
    formatMoney(account.equity),
    formatMoney(row.buyingPower),
    formatMoney(account.lastEquity),
    row.tradingDay,
    String(row.activityCursorMs),
    new Date(row.roundStartedAtMs).toISOString(),
    JSON.stringify(held),
    formatUnits(ratio(gross, account.equity)),
  ]);
  if (rowCount !== 1) throw new SupersededError(`the ${fence.name} lease has a new holder`);
}
