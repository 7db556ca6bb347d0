import type { Pool, PoolClient } from 'pg';
import { openAlert, resolveAlert } from '@/server/adapters/postgres/ops/alert-store';
import { LIVE } from '@/server/adapters/postgres/sets';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import { SupersededError } from '@/server/application/ports/lease';
import type { AskedTieOut, FinishedTieOut, TieOutStore } from '@/server/application/ports/tie-out-store';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

const DUE = `
  SELECT (SELECT max(trading_day) FROM tie_outs WHERE kind = 'CLOSE') AS last_close,
         coalesce((SELECT jsonb_agg(jsonb_build_object('id', id, 'tradingDay', trading_day, 'requestedBy', requested_by) ORDER BY created_at)
                   FROM tie_outs WHERE status = 'WAITING'), '[]') AS waiting`;

/** SQL for the fills booked since the last tie-out that was clean. */
export const FILLS_SINCE_TIE_OUT = `(SELECT count(*)::int FROM fills
      WHERE booked_at > coalesce((SELECT max(finished_at) FROM tie_outs WHERE status = 'CLEAN'), '-infinity'))`;

/** One statement is one snapshot: nothing of it moves against the rest. */
const OUR_SIDE = `
  SELECT
    (SELECT coalesce(sum(amount), 0) FROM ledger_postings WHERE account = 'CASH')::text AS cash,
    (SELECT coalesce(sum(p.amount), 0) FROM ledger_entries e JOIN ledger_postings p ON p.entry_id = e.id
      WHERE p.account = 'FEES' AND e.at >= $1::timestamptz AND e.at < $2::timestamptz)::text AS fees,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('symbol', symbol, 'qty', qty::text)), '[]') FROM positions WHERE qty <> 0) AS positions,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', external_order_id, 'symbol', symbol, 'qty', qty::text, 'filled', cum_qty::text)), '[]')
      FROM orders WHERE status IN ${LIVE} AND external_order_id IS NOT NULL) AS orders,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', f.execution_id, 'order', coalesce(o.external_order_id, ''), 'symbol', f.symbol,
              'side', f.side, 'qty', f.qty::text, 'price', f.price::text, 'busted', f.busted)), '[]')
      FROM fills f JOIN orders o ON o.id = f.order_id WHERE f.at >= $1::timestamptz AND f.at < $2::timestamptz) AS fills,
    (SELECT coalesce(jsonb_agg(jsonb_build_object('id', id, 'symbol', symbol, 'cause', cause,
              'openedAt', to_char(opened_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')) ORDER BY opened_at), '[]')
      FROM breaks WHERE resolved_at IS NULL) AS breaks,
    ${FILLS_SINCE_TIE_OUT} AS fills_since_tie_out`;

interface OurRow {
  readonly cash: string;
  readonly fees: string;
  readonly positions: readonly { symbol: string; qty: string }[];
  readonly orders: readonly { id: string; symbol: string; qty: string; filled: string }[];
  readonly fills: readonly {
    id: string;
    order: string;
    symbol: string;
    side: Side;
    qty: string;
    price: string;
    busted: boolean;
  }[];
  readonly breaks: readonly { id: string; symbol: string; cause: string; openedAt: string }[];
  readonly fills_since_tie_out: number;
}

function tiedFill({ id, order, symbol, side, qty, price }: OurRow['fills'][number]) {
  const units = parseUnits(qty);
  return {
    executionId: id,
    externalOrderId: order,
    symbol,
    qty: side === 'BUY' ? units : -units,
    price: parseUnits(price),
  };
}

const FINISH = `
  WITH lease AS (SELECT 1 FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp()),
  finished AS (
    INSERT INTO tie_outs AS t (id, trading_day, kind, requested_by, status, report, fault, created_at, finished_at)
    SELECT $3, $4, $5, $6, $7, $8::jsonb, $9, clock_timestamp(), clock_timestamp() FROM lease
    ON CONFLICT (id) DO UPDATE SET status = excluded.status, report = excluded.report, fault = excluded.fault, finished_at = excluded.finished_at
      WHERE t.status = 'WAITING'
    RETURNING id),
  events AS (
    INSERT INTO outbox (id, topic, subject, data)
    SELECT gen_random_uuid(), 'tieout.finished', $4,
           jsonb_build_object('tie_out_id', id, 'trading_day', $4::text, 'kind', $5::text, 'status', $7::text, 'differences', $8::jsonb->'differences') FROM finished)
  SELECT (SELECT count(*) FROM lease)::int AS held`;

/** One alert for the account: the newest tie-out says how it stands. */
async function alert(client: PoolClient, { id, tradingDay, status, report, fault }: FinishedTieOut): Promise<void> {
  if (status === 'CLEAN') {
    await resolveAlert(client, 'TIE_OUT', 'account');
    return;
  }
  const what =
    status === 'FAILED'
      ? `failed: ${fault ?? 'no reason given'}`
      : `shows ${report?.differences ?? 0} difference(s) between our books and the broker's`;
  const data = { tie_out_id: id, trading_day: tradingDay, status };
  await openAlert(client, 'TIE_OUT', 'account', `The tie-out of ${tradingDay} ${what}.`, data);
}

/** Stored comparisons of both sides. */
export function createTieOutStore(pool: Pool): TieOutStore {
  return {
    async due() {
      const { rows } = await pool.query<{ last_close: string | null; waiting: AskedTieOut[] }>(DUE);
      return { waiting: rows[0]?.waiting ?? [], lastClose: rows[0]?.last_close ?? null };
    },
    async ourSide({ fromMs, untilMs }) {
      const bounds = [new Date(fromMs).toISOString(), new Date(untilMs).toISOString()];
      const { rows } = await pool.query<OurRow>(OUR_SIDE, bounds);
      const row = rows[0];
      if (row === undefined) throw new Error('the database gave no answer');
      return {
        cash: parseMoney(row.cash),
        fees: parseMoney(row.fees),
        positions: new Map(row.positions.map(({ symbol, qty }) => [symbol, parseUnits(qty)])),
        openOrders: row.orders.map(({ id, symbol, qty, filled }) => ({
          externalOrderId: id,
          symbol,
          qty: parseUnits(qty),
          filledQty: parseUnits(filled),
        })),
        fills: row.fills.filter(({ busted }) => !busted).map(tiedFill),
        busted: new Set(row.fills.filter(({ busted }) => busted).map(({ id }) => id)),
        breaks: row.breaks,
        fillsSinceTieOut: row.fills_since_tie_out,
      };
    },
    async finish(fence, tieOut) {
      const { id, tradingDay, kind, requestedBy, status, report, fault } = tieOut;
      await inTransaction(pool, async (client) => {
        const values = [id, tradingDay, kind, requestedBy, status, JSON.stringify(report ?? {}), fault];
        const { rows } = await client.query<{ held: number }>(FINISH, [fence.name, fence.token, ...values]);
        if (rows[0]?.held !== 1) throw new SupersededError(`the ${fence.name} lease has a new holder`);
        await alert(client, tieOut);
      });
    },
  };
}
