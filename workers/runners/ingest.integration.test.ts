import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { Stack } from '../testing/stack';

const MINUTE_MS = 60_000;
/** The open of a Monday. */
const OPEN_MS = Date.parse('2026-01-05T14:30:00Z');
const MINUTES = 18;
/** Minutes in which nothing traded. */
const QUIET = [3, 9, 10];
const traded = Array.from({ length: MINUTES }, (_, n) => n).filter((n) => !QUIET.includes(n));

let stack: Stack | undefined;
const folder = mkdtempSync(join(tmpdir(), 'countersign-ingest-'));

afterEach(async () => {
  await stack?.stop();
  stack = undefined;
  rmSync(folder, { recursive: true, force: true });
});

const at = (minute: number) => new Date(OPEN_MS + minute * MINUTE_MS).toISOString();
/** Whole dollars, so that every path price is one too. */
const close = (minute: number) => 100 + minute;

/** A recording whose times label the ends of bars. */
function writeRecording(): string {
  const file = join(folder, 'bars.csv');
  const lines = traded.map((n) => `${at(n + 1)},${close(n)},${close(n)},${close(n)},${close(n)},1200`);
  writeFileSync(file, ['time,open,high,low,close,volume', ...lines].join('\n'));
  return file;
}

interface Row {
  at: string;
  close: string;
  volume: string;
  source: string;
}

/** Bars of the recording's minutes. After it the market closes at an hour no calendar knows: a slow worker still sees empty minutes. */
const bars = async ({ pool }: Stack) =>
  (
    await pool.query<Row>(
      `SELECT to_char(start_at AT TIME ZONE 'UTC', 'HH24:MI') AS at, trim_scale(close)::text AS close, trim_scale(volume)::text AS volume, source
       FROM bars WHERE start_at < $1 ORDER BY start_at`,
      [at(MINUTES)],
    )
  ).rows.map((row) => `${row.at} ${row.close} ${row.volume} ${row.source}`);

const expected = Array.from({ length: MINUTES }, (_, n) => {
  const last = Math.max(...traded.filter((each) => each <= n));
  return `${at(n).slice(11, 16)} ${close(last)} ${last === n ? '1200 SOURCE' : '0 CLOCK'}`;
});

test('a day that is disturbed ends with the bars of an undisturbed one: every minute once, in order, quiet ones closed by the clock', async () => {
  const running = await Stack.start({
    SIMULATOR_BARS: writeRecording(),
    SIMULATOR_BARS_FORMAT: 'csv',
    SIMULATOR_BARS_SYMBOL: 'SPY',
    // A bar stored three market minutes late is not announced: at this speed that takes six seconds of a stalled machine.
    SIMULATOR_SPEED: '30',
    SIMULATOR_QUOTE_MS: '10000',
  });
  stack = running;
  const worker = await running.worker({}, ['--roles', 'ingest']);
  await running.until('bars', async () => (await bars(running)).length >= 5, 120_000);
  await worker.end('SIGKILL');
  // What was missed cannot be asked for at first: what comes after it waits.
  await running.sim('PUT', '/sim/v1/faults', { fail_5xx: 1000, only: ['GET /v2/stocks/bars\\?'] });
  const before = await bars(running);
  const { timestamp } = await running.sim<{ timestamp: string }>('GET', '/v2/clock');
  await running.worker({}, ['--roles', 'ingest']);
  // Not past the recording: a slow machine gets here late in it.
  const behindMs = Math.min(Date.parse(timestamp) + 2 * MINUTE_MS, OPEN_MS + (MINUTES - 1) * MINUTE_MS);
  await running.until(
    'quotes of later minutes and a hole that is known',
    async () => {
      const { rows } = await running.pool.query<{ at: Date; missing: string }>(
        'SELECT last_quote_at AS at, missing FROM market_health',
      );
      return rows.some((row) => Number(row.missing) > 0 && row.at !== null && row.at.getTime() > behindMs);
    },
    120_000,
  );
  expect(await bars(running)).toEqual(before);
  await running.sim('DELETE', '/sim/v1/faults');
  await running.until('the whole day', async () => (await bars(running)).length >= MINUTES, 120_000);
  expect(await bars(running)).toEqual(expected);
  const { rows: announcements } = await running.pool.query<{ at: string }>(
    `SELECT to_char((data->>'start_at')::timestamptz AT TIME ZONE 'UTC', 'HH24:MI') AS at FROM outbox
     WHERE topic = 'market.bar.closed' AND (data->>'start_at')::timestamptz < $1 ORDER BY seq`,
    [at(MINUTES)],
  );
  const announced = announcements.map((row) => row.at);
  expect(announced).toEqual([...new Set(announced)].sort());
  expect(announced.at(-1)).toBe(at(MINUTES - 1).slice(11, 16));
}, 300_000);

test('a symbol without quotes raises an alert while the market is open, and its next quote ends it', async () => {
  const running = await Stack.start({ SIMULATOR_QUOTE_MS: '86400000' });
  stack = running;
  const open = async () =>
    (
      await running.pool.query<{ subject: string }>(
        `SELECT subject FROM alerts WHERE kind = 'DATA_STALE_SYMBOL' AND resolved_at IS NULL ORDER BY subject`,
      )
    ).rows.map(({ subject }) => subject);
  await running.worker({}, ['--roles', 'ingest']);
  const health = () =>
    running.pool.query<{ symbol: string; stale: boolean; quoted: boolean }>(
      `SELECT symbol, stale_since IS NOT NULL AS stale, last_quote_at IS NOT NULL AS quoted FROM market_health WHERE subscribed ORDER BY symbol`,
    );
  // A quote that was taken in: from before then its successors are expected.
  await running.until(
    'figures of five symbols',
    async () => (await health()).rows.filter(({ quoted }) => quoted).length === 5,
  );
  await running.sim('POST', '/sim/v1/control', { advance_ms: 40_000 });
  await running.until('an alert of each', async () => (await open()).length === 5);
  const quote = { symbol: 'SPY', bid: '500', ask: '500.02', bid_size: '100', ask_size: '100' };
  await running.sim('POST', '/sim/v1/control', { quote });
  await running.until('all but one', async () => (await open()).length === 4);
  expect(await open()).toEqual(['AAPL', 'AMZN', 'MSFT', 'NVDA']);
  expect((await health()).rows.find(({ symbol }) => symbol === 'SPY')?.stale).toBe(false);
}, 180_000);
