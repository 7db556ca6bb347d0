import type { Pool } from 'pg';
import type { BreakCause, OpenBreak, ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { formatMoney, formatUnits, parseMoney, parseUnits } from '@/server/domain/money/decimal';
import { openingEntry } from '@/server/domain/position/ledger';
import { createActivityStore } from '../books/activity-store';
import { entriesJson, LEDGER_SQL, openBreak } from './booking-write';
import { createHaltProgressStore } from './halt-progress';
import { savePortfolio } from './portfolio-write';
import { inTransaction } from './transaction';

const OPEN_ACCOUNT = `
  WITH opened AS (
    UPDATE accounts SET broker_account_id = $1, opened_by = $2, activity_cursor = $3, cash = $4::numeric, equity = $5::numeric, last_equity = $6::numeric
    WHERE id = 1 AND broker_account_id IS NULL RETURNING id),
  held AS (
    INSERT INTO positions (symbol, qty, cost, broker_qty, updated_at)
    SELECT p.symbol, p.qty, p.cost, p.qty, clock_timestamp() FROM opened, jsonb_to_recordset($7::jsonb) AS p(symbol text, qty numeric, cost numeric)
    ON CONFLICT (symbol) DO UPDATE SET qty = excluded.qty, cost = excluded.cost, broker_qty = excluded.broker_qty),
  ${LEDGER_SQL('$8')}
  SELECT id FROM opened`;

/** What reconciliation reads and writes beside orders. */
export function createReconciliationStore(pool: Pool): ReconciliationStore {
  return {
    ...createHaltProgressStore(pool),
    ...createActivityStore(pool),

    async account() {
      const { rows } = await pool.query<{
        broker_account_id: string | null;
        opened_by: string | null;
        activity_cursor: string | null;
      }>('SELECT broker_account_id, opened_by, activity_cursor FROM accounts WHERE id = 1');
      const row = rows[0];
      const cursor = row?.activity_cursor ?? null;
      return {
        brokerAccountId: row?.broker_account_id ?? null,
        openedBy: row?.opened_by ?? null,
        activityCursorMs: cursor === null ? null : Number(cursor),
      };
    },

    async open(account, positions, signedBy, cursorMs) {
      const holdings = positions.map(({ symbol, qty, cost }) => ({ symbol, qty, cost: qty < 0n ? -cost : cost }));
      const entry = openingEntry(account.cash, holdings, `opening:${account.accountId}`);
      const rows = holdings.map(({ symbol, qty, cost }) => ({
        symbol,
        qty: formatUnits(qty),
        cost: formatMoney(cost),
      }));
      await inTransaction(pool, async (client) => {
        const { rowCount } = await client.query(OPEN_ACCOUNT, [
          account.accountId,
          signedBy,
          String(cursorMs),
          formatMoney(account.cash),
          formatMoney(account.equity),
          formatMoney(account.lastEquity),
          JSON.stringify(rows),
          entriesJson([entry], cursorMs),
        ]);
        if (rowCount !== 1) throw new Error('the account was opened meanwhile');
        await client.query('SELECT audit_append($1, $2, $3, NULL, $4, NULL)', [
          signedBy,
          'account.open',
          `account:${account.accountId}`,
          JSON.stringify({ cash: formatMoney(account.cash), positions: rows }),
        ]);
      });
    },

    async bookedExecutions(executionIds) {
      if (executionIds.length === 0) return new Set();
      const { rows } = await pool.query<{ id: string }>(
        `SELECT f.execution_id AS id FROM fills f WHERE f.execution_id = ANY ($1::text[])
         UNION SELECT c FROM orders o, unnest(o.applied_corrections) c WHERE o.applied_corrections && $1::text[] AND c = ANY ($1::text[])`,
        [executionIds],
      );
      return new Set(rows.map(({ id }) => id));
    },

    async positions() {
      const { rows } = await pool.query<{ symbol: string; qty: string; at: number }>(
        'SELECT symbol, qty::text, epoch_ms(updated_at)::float8 AS at FROM positions',
      );
      return new Map(rows.map(({ symbol, qty, at }) => [symbol, { qty: parseUnits(qty), updatedAtMs: at }]));
    },

    async ledgerCash() {
      const { rows } = await pool.query<{ cash: string }>(
        `SELECT coalesce(sum(amount), 0)::text AS cash FROM ledger_postings WHERE account = 'CASH'`,
      );
      return parseMoney(rows[0]?.cash ?? '0');
    },

    async openBreaks() {
      const { rows } = await pool.query<{ id: string; symbol: string; order_id: string | null; cause: BreakCause }>(
        'SELECT id, symbol, order_id, cause FROM breaks WHERE resolved_at IS NULL',
      );
      return rows.map(({ id, symbol, order_id, cause }): OpenBreak => ({ id, symbol, orderId: order_id, cause }));
    },

    openBreak: (news) => inTransaction(pool, (client) => openBreak(client, news)),

    async resolveBreak(id, reason) {
      await pool.query(
        `WITH resolved AS (
           UPDATE breaks SET resolved_at = clock_timestamp(), resolved_by = 'agreement', reason = $2 WHERE id = $1 AND resolved_at IS NULL RETURNING symbol, cause)
         INSERT INTO outbox (id, topic, subject, data)
         SELECT gen_random_uuid(), 'break.resolved', symbol,
                jsonb_build_object('break_id', $1::uuid, 'symbol', symbol, 'cause', cause, 'by', 'agreement', 'reason', $2::text) FROM resolved`,
        [id, reason],
      );
    },

    savePortfolio: (fence, row) => savePortfolio(pool, fence, row),

    async failRound() {
      const { rows } = await pool.query<{ failed_rounds: number }>(
        'UPDATE accounts SET failed_rounds = failed_rounds + 1 WHERE id = 1 RETURNING failed_rounds',
      );
      return rows[0]?.failed_rounds ?? 0;
    },
  };
}
