import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { WorkerChild } from '@/workers/testing/stack';
import { expectBooksEqual } from './support/books';
import { figures } from './support/figures';
import { FIVE_SESSIONS, type RecordedSession, writeBars } from './support/five-sessions';
import { System } from './support/system';

/** `COUNTERSIGN_FULL=1` (npm run verify) plays all five; otherwise those around the clock change, and the half day. */
const SESSIONS =
  process.env['COUNTERSIGN_FULL'] === '1'
    ? FIVE_SESSIONS
    : FIVE_SESSIONS.filter(({ date }) => ['2025-10-31', '2025-11-03', '2025-11-28'].includes(date));
/** Market seconds a wall second: quotes come every half second, far within what counts as fresh. */
const SPEED = 20;
const MINUTE_MS = 60_000;
const LIMIT_MS = 8 * MINUTE_MS;
/** Market time that is left for the last trade of a day and for its resting order. */
const BEFORE_CLOSE_MS = 40 * MINUTE_MS;
/** Market time from the last jump of a day to its close. */
const LAST_MS = MINUTE_MS;
/** The worker is killed in the middle of this one. */
const KILLED_IN = '2025-11-03';
const LIVE = `status IN ('NEW', 'ACCEPTED', 'PARTIALLY_FILLED')`;

const folder = mkdtempSync(path.join(tmpdir(), 'countersign-sessions-'));
let system: System;
let worker: WorkerChild;

beforeAll(async () => {
  system = await System.start({
    webs: 0,
    simulator: {
      SIMULATOR_BARS: writeBars(folder, SESSIONS),
      SIMULATOR_BARS_FORMAT: 'csv',
      SIMULATOR_BARS_SYMBOL: 'SPY',
      SIMULATOR_SPEED: String(SPEED),
      SIMULATOR_QUOTE_MS: '',
      SIMULATOR_FEE_PER_SHARE: '0.005',
      SIMULATOR_START: new Date((SESSIONS[0]?.openMs ?? 0) + 20_000).toISOString(),
    },
  });
});

afterAll(async () => {
  await system.stop();
  rmSync(folder, { recursive: true, force: true });
});

const marketMs = async () =>
  Date.parse((await system.stack.sim<{ market_time: string }>('GET', '/sim/v1/info')).market_time);

/** Market time jumps there; all that lies between happens. */
async function jumpTo(ms: number): Promise<void> {
  const advance = Math.floor(ms - (await marketMs()));
  if (advance > 0) await system.stack.sim('POST', '/sim/v1/control', { advance_ms: advance });
}

const number = async (sql: string, values: readonly unknown[] = []) => Number(await system.scalar(sql, values));
const brokerEquity = async () => Number((await system.stack.sim<{ equity: string }>('GET', '/v2/account')).equity);
const fills = () => number('SELECT count(*) FROM fills');

/** Waits for so many more fills of what the strategy proposes. */
async function trade(more: number): Promise<void> {
  const wanted = (await fills()) + more;
  await system.stack.until(`${more} more fills`, async () => (await fills()) >= wanted, MINUTE_MS);
}

/** The day's figures begin at the open, measured from the equity at the previous close. */
async function expectNewDay({ date }: RecordedSession, previousEquity: number): Promise<void> {
  await system.stack.until(
    `the trading day to be ${date}`,
    async () => (await system.scalar('SELECT trading_day FROM accounts')) === date,
    30_000,
  );
  expect(await number('SELECT last_equity FROM accounts')).toBeCloseTo(previousEquity, 2);
  const opened = 'SELECT open_equity FROM pnl_history WHERE trading_day = $1';
  expect(await number(opened, [date])).toBeCloseTo(previousEquity, 2);
  const measured = await number(
    `SELECT abs(s.day_pnl - (s.equity - a.last_equity)) + abs(s.drawdown_pct - greatest(0, round((a.last_equity - s.equity) / a.last_equity, 12)))
     FROM portfolio_snapshots s, accounts a ORDER BY s.at DESC LIMIT 1`,
  );
  expect(measured).toBe(0);
}

async function setStrategy(enabled: boolean): Promise<void> {
  await system.stack.pool.query(
    `INSERT INTO strategy_settings (strategy, symbol, enabled, updated_by) VALUES ('fake', '*', $1, 'test')
     ON CONFLICT (strategy, symbol) DO UPDATE SET enabled = $1, version = strategy_settings.version + 1`,
    [enabled],
  );
  // A worker reads settings once a second, and may have a proposal under way.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
}

/** An order that rests far below the market, good for the day: no bar of the session reaches it. */
async function rest(): Promise<string> {
  let orderId = '';
  await system.stack.until(
    'an order that rests',
    async () => {
      const price = await system.scalar(`SELECT trim_scale(round(bid * 0.97, 2)) FROM quotes WHERE symbol = 'SPY'`);
      const placed = await system.stack.place({ symbol: 'SPY', limitPrice: price });
      orderId = placed.orderId;
      return placed.kind === 'PLACED';
    },
    30_000,
  );
  await system.stack.until('the broker to work it', async () => (await system.stack.status(orderId)) === 'ACCEPTED');
  return orderId;
}

async function killWorker(): Promise<void> {
  await worker.end('SIGKILL');
  worker = await system.stack.worker({ STRATEGIES: 'fake' });
  await system.stack.reconciled(30_000);
}

/** The close and what follows it: nothing works any more, the books are tied out clean. @returns the equity at the close */
async function expectClosed({ date, closeMs }: RecordedSession, resting: string): Promise<number> {
  const { stack } = system;
  await stack.until('the close', async () => (await marketMs()) > closeMs, MINUTE_MS);
  const equity = await brokerEquity();
  await stack.untilNone('the day’s orders to end', `SELECT * FROM orders WHERE ${LIVE}`);
  expect(await stack.status(resting)).toBe('EXPIRED');
  expect(
    (await stack.brokerOrders()).filter(({ status }) => ['new', 'accepted', 'partially_filled'].includes(status)),
  ).toEqual([]);
  const tieOut = `SELECT count(*) FROM tie_outs WHERE trading_day = $1 AND kind = 'CLOSE' AND status <> 'WAITING'`;
  await stack.until(`the tie-out of ${date}`, async () => (await number(tieOut, [date])) === 1, MINUTE_MS);
  const { rows } = await stack.pool.query('SELECT status, fault, report FROM tie_outs WHERE trading_day = $1', [date]);
  expect(rows).toEqual([expect.objectContaining({ status: 'CLEAN', fault: null })]);
  await expectBooksEqual(system);
  const closeEquity = 'SELECT close_equity FROM pnl_history WHERE trading_day = $1';
  await stack.until(
    'the day’s last figures',
    async () => Math.abs((await number(closeEquity, [date])) - equity) < 0.005,
  );
  return equity;
}

async function play(session: RecordedSession, previousEquity: number): Promise<number> {
  await jumpTo(session.openMs + 20_000);
  await expectNewDay(session, previousEquity);
  // What was good for the day before is gone.
  const earlier = `SELECT count(*) FROM orders WHERE ${LIVE} AND created_at < (SELECT max(finished_at) FROM tie_outs)`;
  expect(await number(earlier)).toBe(0);
  await setStrategy(true);
  await trade(3);
  if (session.date === KILLED_IN) {
    await killWorker();
    await trade(3);
  }
  await jumpTo(session.closeMs - BEFORE_CLOSE_MS);
  await trade(1);
  // An exit would cancel the resting order as an opposite one.
  await setStrategy(false);
  await system.stack.untilNone('the strategy’s orders to end', `SELECT * FROM orders WHERE ${LIVE}`);
  const resting = await rest();
  await jumpTo(session.closeMs - LAST_MS);
  return expectClosed(session, resting);
}

test('sessions unattended: each day its own figures, each close tied out clean, through a clock change, a half day and a kill', {
  timeout: LIMIT_MS,
}, async () => {
  const startedMs = performance.now();
  worker = await system.stack.worker({ STRATEGIES: 'fake' });
  await system.stack.reconciled();
  let equity = await brokerEquity();
  const equities: number[] = [];
  for (const session of SESSIONS) {
    equity = await play(session, equity);
    equities.push(equity);
  }
  const days = SESSIONS.map(({ date }) => date);
  const { rows: history } = await system.stack.pool.query<{ trading_day: string; close_equity: string }>(
    'SELECT trading_day, close_equity FROM pnl_history ORDER BY trading_day',
  );
  expect(history.map(({ trading_day }) => trading_day)).toEqual(days);
  for (const [index, { close_equity }] of history.entries())
    expect(Number(close_equity)).toBeCloseTo(equities[index] ?? 0, 2);
  const { rows: tieOuts } = await system.stack.pool.query<{ trading_day: string; status: string }>(
    'SELECT trading_day, status FROM tie_outs ORDER BY trading_day',
  );
  expect(tieOuts.filter(({ status }) => status !== 'CLEAN')).toEqual([]);
  expect(tieOuts.map(({ trading_day }) => trading_day)).toEqual(expect.arrayContaining(days));
  figures(`${SESSIONS.length} sessions`, {
    wall_s: Math.round((performance.now() - startedMs) / 1_000),
    fills: await fills(),
    orders: await number('SELECT count(*) FROM orders'),
    breaks_ever: await number('SELECT count(*) FROM breaks'),
    tie_outs: tieOuts.length,
    equity_at_closes: equities.join(' '),
  });
});
