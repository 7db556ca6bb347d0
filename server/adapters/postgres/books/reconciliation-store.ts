import type { Pool } from 'pg';
import { createHaltProgressStore } from '@/server/adapters/postgres/ops/halt-progress';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { createActivityStore } from './activity-store';
import { createBreakStore } from './break-store';
import { createCauseStore } from './cause-store';
import { createInitialBalancesStore } from './initial-balances-store';
import { savePortfolio } from './portfolio-write';
import { FILLS_SINCE_TIE_OUT } from './tie-out-store';

/** What reconciliation reads and writes beside orders. */
export function createReconciliationStore(pool: Pool): ReconciliationStore {
  return {
    ...createHaltProgressStore(pool),
    ...createActivityStore(pool),
    ...createBreakStore(pool),
    ...createCauseStore(pool),
    ...createInitialBalancesStore(pool),

    async account() {
      const { rows } = await pool.query<{
        broker_account_id: string | null;
        opened_by: string | null;
        activity_cursor: string | null;
        opened_at: number | null;
        trading_day: string | null;
      }>(
        `SELECT a.broker_account_id, a.opened_by, a.activity_cursor, a.trading_day, epoch_ms(e.at)::float8 AS opened_at
         FROM accounts a LEFT JOIN ledger_entries e ON e.ref = 'opening:' || a.broker_account_id WHERE a.id = 1`,
      );
      const row = rows[0];
      const cursor = row?.activity_cursor ?? null;
      return {
        brokerAccountId: row?.broker_account_id ?? null,
        openedBy: row?.opened_by ?? null,
        activityCursorMs: cursor === null ? null : Number(cursor),
        openedAtMs: row?.opened_at ?? null,
        tradingDay: row?.trading_day ?? null,
      };
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

    async fillsSinceTieOut() {
      const { rows } = await pool.query<{ fills: number }>(`SELECT ${FILLS_SINCE_TIE_OUT} AS fills`);
      return rows[0]?.fills ?? 0;
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
