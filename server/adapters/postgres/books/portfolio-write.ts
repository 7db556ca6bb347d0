import type { Pool } from 'pg';
import { z } from 'zod';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import type { DayState, PortfolioRow } from '@/server/application/ports/reconciliation-store';
import { readStoredPolicy } from '@/server/contracts/policy-body';
import { compilePolicy } from '@/server/domain/policy';
import { divideHalfAway, formatMoney, formatUnits, type Money, ONE, parseMoney } from '@/server/kernel/money';
import { rolloutStageSchema, tradingCauseSchema, tradingStateSchema } from '@/server/kernel/vocabulary';
import { baselineSql } from './baseline';
import { OPENING_MUST_GO } from './cancel-opening';

/** A snapshot is written at least this often, and whenever cash, equity or the day's result changed: a new day begins at zero. */
const SNAPSHOT_EVERY = '1 minute';

/** Our ledger's cash is added up to this long ago; what was booked since is added when it is read. No transaction that books lasts longer. */
const LEDGER_MARGIN = '5 seconds';

/** The broker's closing equity is taken when the day changes, then kept; on the first day it is the equity a person signed for (P-13). */
const SAVE = `
  WITH lease AS (SELECT 1 FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp()),
  closing AS (
    SELECT CASE WHEN keeps THEN close_equity ELSE $6::numeric END AS equity, CASE WHEN keeps THEN close_at ELSE $12::timestamptz END AS at
    FROM (SELECT close_equity, close_at, close_equity IS NOT NULL AND coalesce(trading_day, $7) = $7 AS keeps FROM accounts WHERE id = 1) a),
  account AS (
    UPDATE accounts SET cash = $3::numeric, equity = $4::numeric, buying_power = $5::numeric, buying_power_cash = $13::numeric, trading_day = $7,
      close_equity = closing.equity, close_at = closing.at, last_equity = ${baselineSql('closing.equity', 'closing.at')},
      ledger_cash_at = clock_timestamp() - interval '${LEDGER_MARGIN}',
      ledger_cash = (SELECT coalesce(sum(p.amount), 0) FROM ledger_postings p JOIN ledger_entries e ON e.id = p.entry_id
                     WHERE p.account = 'CASH' AND e.booked_at <= clock_timestamp() - interval '${LEDGER_MARGIN}'),
      activity_cursor = $8, portfolio_at = clock_timestamp(), reconciled_at = clock_timestamp(), round_started_at = $9::timestamptz, failed_rounds = 0
    FROM closing WHERE id = 1 AND EXISTS (SELECT 1 FROM lease) RETURNING id, last_equity),
  held AS (
    UPDATE positions p SET broker_qty = coalesce(b.qty, 0), market_price = coalesce(b.price, p.market_price)
    FROM account, positions o LEFT JOIN jsonb_to_recordset($10::jsonb) AS b(symbol text, qty numeric, price numeric) ON b.symbol = o.symbol
    WHERE p.symbol = o.symbol AND (p.broker_qty IS DISTINCT FROM coalesce(b.qty, 0) OR p.market_price IS DISTINCT FROM coalesce(b.price, p.market_price))),
  day AS (
    INSERT INTO pnl_history (trading_day, open_equity, close_equity, realised, fees, updated_at)
    SELECT $7, last_equity, $4::numeric, 0, 0, clock_timestamp() FROM account
    ON CONFLICT (trading_day) DO UPDATE SET open_equity = excluded.open_equity, close_equity = excluded.close_equity, updated_at = excluded.updated_at),
  last AS (SELECT at, equity, cash, day_pnl FROM portfolio_snapshots ORDER BY at DESC LIMIT 1),
  snapshot AS (
    INSERT INTO portfolio_snapshots (at, equity, cash, gross_exposure, day_pnl, drawdown_pct)
    SELECT clock_timestamp(), $4::numeric, $3::numeric, $11::numeric, $4::numeric - last_equity,
           CASE WHEN last_equity > 0 THEN greatest(0, round((last_equity - $4::numeric) / last_equity, 12)) ELSE 0 END FROM account
    WHERE NOT EXISTS (SELECT 1 FROM last l WHERE l.equity = $4::numeric AND l.cash = $3::numeric AND l.day_pnl = $4::numeric - account.last_equity
      AND l.at > clock_timestamp() - interval '${SNAPSHOT_EVERY}')
    RETURNING day_pnl),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'portfolio.updated', 'account', jsonb_build_object('equity', $4::text, 'cash', $3::text, 'day_pnl', trim_scale(day_pnl)::text)
    FROM snapshot)
  SELECT trim_scale(account.last_equity)::text AS baseline, s.stage, p.version, p.body,
    (SELECT coalesce(jsonb_agg(to_jsonb(c)), '[]') FROM (
       SELECT DISTINCT ON (cause) cause, state, ended_at IS NULL AS open, trading_day, until_next_session, rearmed_at IS NOT NULL AS rearmed
       FROM trading_causes ORDER BY cause, id DESC) c) AS causes,
    t.state <> 'ACTIVE' OR EXISTS (SELECT 1 FROM breaks b WHERE ${OPENING_MUST_GO('b', '$9::timestamptz')}) AS cancels_opening
  FROM account, trading_state t, settings s JOIN policy_versions p ON p.version = s.active_policy_version`;

const dayRow = z.object({
  baseline: z.string(),
  stage: rolloutStageSchema,
  version: z.int(),
  body: z.unknown(),
  causes: z.array(
    z.object({
      cause: tradingCauseSchema,
      state: tradingStateSchema.exclude(['ACTIVE']),
      open: z.boolean(),
      trading_day: z.string().nullable(),
      until_next_session: z.boolean(),
      rearmed: z.boolean(),
    }),
  ),
  cancels_opening: z.boolean(),
});

function toDayState(row: unknown): DayState {
  const { baseline, stage, version, body, causes, cancels_opening } = dayRow.parse(row);
  return {
    stage,
    policy: compilePolicy(readStoredPolicy(body), version),
    baseline: parseMoney(baseline),
    causes: causes.map(({ trading_day, until_next_session, ...rest }) => ({
      ...rest,
      tradingDay: trading_day,
      untilNextSession: until_next_session,
    })),
    cancelsOpening: cancels_opening,
  };
}

const ratio = (part: Money, whole: Money) => (whole <= 0n ? 0n : divideHalfAway(part * ONE, whole));

/** Ends a good round in one statement. @throws SupersededError when the lease was lost, ZodError for an unreadable active policy */
export async function savePortfolio(pool: Pool, fence: Fence, row: PortfolioRow): Promise<DayState> {
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
  const { rows } = await pool.query<object>(SAVE, [
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
    new Date(row.closeBeforeMs).toISOString(),
    formatMoney(row.buyingPowerCash),
  ]);
  const [saved] = rows;
  if (saved === undefined) throw new SupersededError(`the ${fence.name} lease has a new holder`);
  return toDayState(saved);
}
