import type { Pool } from 'pg';

const ASK_EVERY_MS = 100;

/** Asks again until `sql` gives a row. @throws Error after `limitMs` */
async function until(pool: Pool, what: string, sql: string, limitMs: number): Promise<void> {
  const endMs = performance.now() + limitMs;
  while ((await pool.query(sql)).rowCount === 0) {
    if (performance.now() > endMs) throw new Error(`waited ${limitMs / 1000} s for ${what}`);
    await new Promise((wake) => setTimeout(wake, ASK_EVERY_MS));
  }
}

/** The worker has reconciled and prices come in: the gate lets orders through. */
export async function untilTrading(pool: Pool): Promise<void> {
  // What was put there to place without a worker says nothing of this one.
  await pool.query(`UPDATE accounts SET reconciled_at = NULL, portfolio_at = NULL`);
  await pool.query(`DELETE FROM quotes`);
  await until(
    pool,
    'a reconciliation and quotes',
    `SELECT 1 FROM accounts WHERE reconciled_at IS NOT NULL AND portfolio_at IS NOT NULL AND (SELECT count(*) FROM quotes) >= 5`,
    60_000,
  );
}

/** The broker has filled, refused or cancelled every order. */
export async function untilAllClosed(pool: Pool): Promise<void> {
  const live = `SELECT 1 FROM orders WHERE status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')`;
  await until(pool, 'every order to be closed', `SELECT 1 WHERE NOT EXISTS (${live})`, 300_000);
}
