import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Pool } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { createPostgresQuoteStore } from '@/server/adapters/postgres/market/quote-store';
import { createRecentBars } from '@/server/adapters/postgres/market/recent-bars';
import { createLeaseStore } from '@/server/adapters/postgres/ops/lease-store';
import { createPool } from '@/server/adapters/postgres/pool';
import { getBarsEndpoint, getQuoteEndpoint } from '@/server/api/rest/market';
import { createRestHandler } from '@/server/api/rest/routes';
import { type Fence, SupersededError } from '@/server/application/ports/lease';
import { openHistory } from '@/server/composition/history';
import { createMarketReads } from '@/server/composition/market';
import { barListSchema, marketQuoteSchema } from '@/server/contracts/market';
import { newYorkDate, sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import { bundleForTest } from '@/test-support/bundle';
import { FakeServices, TOKEN } from '@/test-support/fake-rest-services';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { CompactedDays, compactHistory, type DayCompacted, KEPT_DATES } from './compact';

const MINUTE = 60_000;
/** Twelve sessions over the end of daylight time, one of them of half a day. */
const SESSIONS = sessionsBetween('2024-11-25', '2024-12-11');
const LAST = SESSIONS.at(-1);
const AFTER_ALL_MS = (LAST?.closeMs ?? 0) + 12 * 3_600_000;

const price = (n: number) => parseUnits((100 + (n % 37) / 100).toFixed(2));

function minute(symbol: string, startMs: number, n: number): Bar {
  const close = price(n);
  return {
    symbol,
    startMs,
    endMs: startMs + MINUTE,
    open: close,
    high: close,
    low: close,
    close,
    volume: price(n + 1),
  };
}

const whole = SESSIONS.flatMap(({ openMs, closeMs }) =>
  Array.from({ length: (closeMs - openMs) / MINUTE }, (_, n) => minute('SPY', openMs + n * MINUTE, n)),
);
/** A symbol with one date that lacks a minute. */
const partial: readonly Bar[] = whole.slice(0, 389).map((bar) => ({ ...bar, symbol: 'QQQ' }));

let database: TestDatabase;
let pool: Pool;
let folder: string;
let processFile: string;

beforeAll(async () => {
  database = await createTestDatabase();
  pool = createPool(database.url, { name: 'test', max: 4 });
  folder = mkdtempSync(path.join(tmpdir(), 'countersign-history-'));
  processFile = await bundleForTest('server/application/history/testing/compact-process.ts', 'compact');
});
afterAll(async () => {
  await pool.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
  rmSync(processFile, { force: true });
});

async function fill(bars: readonly Bar[], marketMs = AFTER_ALL_MS): Promise<void> {
  await pool.query('DELETE FROM bars');
  await store(bars);
  await pool.query(
    `INSERT INTO market_clock (id, is_open, market_time, observed_at, source) VALUES (1, false, to_timestamp($1::float8 / 1000), clock_timestamp(), 'TEST')
     ON CONFLICT (id) DO UPDATE SET market_time = excluded.market_time, observed_at = excluded.observed_at`,
    [marketMs],
  );
}

async function store(bars: readonly Bar[]): Promise<void> {
  const rows = bars.map(({ symbol, startMs, open, high, low, close, volume }) => ({
    symbol,
    start_at: new Date(startMs).toISOString(),
    open: formatUnits(open),
    high: formatUnits(high),
    low: formatUnits(low),
    close: formatUnits(close),
    volume: formatUnits(volume),
  }));
  await pool.query(
    `INSERT INTO bars (symbol, start_at, open, high, low, close, volume) SELECT symbol, start_at, open, high, low, close, volume
     FROM jsonb_to_recordset($1::jsonb) AS r(symbol text, start_at timestamptz, open numeric, high numeric, low numeric, close numeric, volume numeric)`,
    [JSON.stringify(rows)],
  );
}

async function rowsLeft(symbol: string): Promise<number> {
  const { rows } = await pool.query<{ n: number }>('SELECT count(*)::int AS n FROM bars WHERE symbol = $1', [symbol]);
  return rows[0]?.n ?? 0;
}

async function lease(): Promise<Fence> {
  await pool.query('DELETE FROM leases');
  const fence = await createLeaseStore(pool).acquire('maintenance', 'test', 60_000);
  if (fence === null) throw new Error('no lease');
  return fence;
}

async function compact(dataDir: string, fence: Fence, known = new CompactedDays()): Promise<DayCompacted[]> {
  const days: DayCompacted[] = [];
  await compactHistory(
    {
      recent: createRecentBars(pool),
      openHistory: async () => openHistory(dataDir),
      signal: new AbortController().signal,
      done: (day) => void days.push(day),
      failed: (_, error) => Promise.reject(error),
    },
    known,
    fence,
  );
  return days;
}

async function stored(dataDir: string, symbol: string, period: '1m' | '1d'): Promise<readonly Bar[]> {
  const history = openHistory(dataDir);
  const bars = await history.read({ symbol, period, afterMs: null, untilMs: null });
  await history.close();
  return bars;
}

/** Names and contents of the history's files, leavings included. */
function digest(dataDir: string): string {
  const root = path.join(dataDir, 'history');
  const hash = createHash('sha256');
  for (const name of readdirSync(root, { recursive: true, encoding: 'utf8' }).sort()) {
    const file = path.join(root, name);
    if (name.startsWith('writer.duckdb') || !statSync(file).isFile()) continue;
    hash.update(name).update(readFileSync(file));
  }
  return hash.digest('hex');
}

describe('compaction', () => {
  it('brings days that are over into the history, makes days of whole sessions, and keeps the newest dates at hand', async () => {
    const dataDir = path.join(folder, 'whole');
    await fill([...whole, ...partial]);
    const fence = await lease();
    const known = new CompactedDays();
    const days = await compact(dataDir, fence, known);
    expect(days).toHaveLength(SESSIONS.length + 1);
    expect(await stored(dataDir, 'SPY', '1m')).toEqual(whole);
    expect((await stored(dataDir, 'SPY', '1d')).map(({ startMs, endMs }) => [startMs, endMs])).toEqual(
      SESSIONS.map(({ openMs, closeMs }) => [openMs, closeMs]),
    );
    expect(await stored(dataDir, 'QQQ', '1m')).toEqual(partial);
    expect(await stored(dataDir, 'QQQ', '1d')).toEqual([]);
    const kept = SESSIONS.slice(-KEPT_DATES).reduce((sum, each) => sum + (each.closeMs - each.openMs) / MINUTE, 0);
    expect([await rowsLeft('SPY'), await rowsLeft('QQQ')]).toEqual([kept, 389]);
    const before = digest(dataDir);
    expect(await compact(dataDir, fence, known)).toEqual([]);
    expect(await compact(dataDir, fence)).toMatchObject(
      Array(KEPT_DATES + 1).fill({ added: 0, removed: 0, day: false }),
    );
    expect(digest(dataDir)).toBe(before);
    // A minute that comes late goes after the others, and completes its day.
    const missing = whole[389];
    if (missing !== undefined) await store([{ ...missing, symbol: 'QQQ' }]);
    expect(await compact(dataDir, fence, known)).toMatchObject([{ symbol: 'QQQ', added: 1, day: true }]);
  });

  it('leaves the running day alone, and everything while the market’s clock is not known', async () => {
    const dataDir = path.join(folder, 'running');
    const minutes = whole.slice(0, 400);
    await fill(minutes, minutes.at(-1)?.endMs ?? 0);
    expect((await compact(dataDir, await lease())).map(({ date }) => date)).toEqual([SESSIONS[0]?.date]);
    await pool.query('DELETE FROM market_clock');
    expect(await compact(path.join(folder, 'no-clock'), await lease())).toEqual([]);
  });

  it('leaves minutes that the history has with other figures where they are, and stores the others', async () => {
    const dataDir = path.join(folder, 'conflict');
    const imported = { ...(whole[5] ?? minute('SPY', 0, 0)), close: price(0) };
    const history = openHistory(dataDir);
    await history.add('1m', [{ ...imported, high: price(36), low: price(0) }]);
    await history.close();
    await fill(whole);
    const days = await compact(dataDir, await lease());
    expect(days[0]).toMatchObject({ added: 389, removed: 389, conflicts: 1, day: false });
    expect(days[1]).toMatchObject({ conflicts: 0, day: true });
    const { rows } = await pool.query(`SELECT epoch_ms(min(start_at))::float8 AS first FROM bars WHERE symbol = 'SPY'`);
    expect(rows).toEqual([{ first: imported.startMs }]);
  });

  it('takes nothing away for one who has lost the lease', async () => {
    await fill(whole);
    const fence = await lease();
    await pool.query('DELETE FROM leases');
    await expect(compact(path.join(folder, 'lost'), fence)).rejects.toThrow(SupersededError);
    expect(await rowsLeft('SPY')).toBe(whole.length);
  });

  it('killed at each step and begun again: the same bytes as undisturbed, nothing lost, nothing twice', async () => {
    const dataDir = path.join(folder, 'killed');
    const undisturbed = path.join(folder, 'undisturbed');
    const run = (failpoint: string) =>
      spawnSync(process.execPath, [processFile], {
        env: {
          PATH: process.env['PATH'] ?? '',
          NODE_ENV: 'test',
          DATABASE_URL: database.url,
          DATA_DIR: dataDir,
          COUNTERSIGN_FAILPOINTS: failpoint,
        },
        encoding: 'utf8',
      });
    await fill(whole);
    await compact(undisturbed, await lease());
    const left = await rowsLeft('SPY');
    await fill(whole);
    const first = ['history-temporary', 'history-written', 'history-verified', 'history-day-written'];
    for (const point of [...first, 'history-temporary@3', 'history-removed@2']) {
      await pool.query('DELETE FROM leases');
      const { signal, stderr } = run(point);
      expect([point, signal, stderr]).toEqual([point, 'SIGKILL', '']);
      // What is in one place or the other is everything, at any moment.
      const fromTable = await createRecentBars(pool).read({
        symbol: 'SPY',
        fromMs: null,
        toMs: null,
        limit: { bars: 100_000, of: 'oldest' },
      });
      const ends = new Set([...(await stored(dataDir, 'SPY', '1m')), ...fromTable].map(({ endMs }) => endMs));
      expect(ends.size).toBe(whole.length);
    }
    await pool.query('DELETE FROM leases');
    expect(run('')).toMatchObject({ status: 0, stderr: '' });
    expect(digest(dataDir)).toBe(digest(undisturbed));
    expect(await rowsLeft('SPY')).toBe(left);
  });
});

describe('reading the market by REST', () => {
  let dataDir: string;
  beforeAll(async () => {
    dataDir = path.join(folder, 'read');
    // Three dates only in the history, some in both, the newest only in the table.
    const late = SESSIONS.at(-2)?.date ?? '';
    await fill(whole.filter(({ startMs }) => newYorkDate(startMs) < late));
    await compact(dataDir, await lease());
    await pool.query('DELETE FROM bars WHERE start_at < $1', [new Date(SESSIONS[3]?.openMs ?? 0)]);
    await store(whole.filter(({ startMs }) => newYorkDate(startMs) >= late));
  });

  async function get<T>(address: string, schema: z.ZodType<T> | null, headers: Record<string, string> = {}) {
    const services = new FakeServices();
    const market = createMarketReads(pool, createPostgresQuoteStore(pool), dataDir);
    Object.assign(services.reads, { market });
    const url = new URL(`http://localhost/v1/market/${address}`);
    const response = await createRestHandler(
      () => services,
      [getBarsEndpoint, getQuoteEndpoint],
    )(new Request(url, { headers: { authorization: `Bearer ${TOKEN}`, ...headers } }));
    const text = await response.text();
    return {
      status: response.status,
      etag: response.headers.get('etag') ?? '',
      body: schema !== null && response.status === 200 ? schema.parse(JSON.parse(text)) : null,
      text,
    };
  }

  it('gives each bar once over the seam, page by page, and the newest without a range', async () => {
    const starts: string[] = [];
    let token: string | null = '';
    for (let page = 0; token !== null; page += 1) {
      const next: string = token === '' ? '' : `&page_token=${token}`;
      const { body } = await get(`bar/SPY?start=2024-11-01&limit=700${next}`, barListSchema);
      starts.push(...(body?.bars.map(({ start }) => start) ?? []));
      token = body?.next_page_token ?? null;
      expect(page).toBeLessThan(10);
    }
    expect(starts).toEqual(whole.map(({ startMs }) => new Date(startMs).toISOString()));
    const newest = await get('bar/spy?limit=2', barListSchema);
    expect(newest.body?.bars.map(({ start }) => start)).toEqual(starts.slice(-2));
    expect(newest.body?.next_page_token).toBeNull();
    const within = await get('bar/SPY?start=2024-11-25T14:31:00Z&end=2024-11-25T09:33:00-05:00', barListSchema);
    expect(within.body?.bars.map(({ start }) => start)).toEqual(starts.slice(1, 3));
  });

  it('gives days, those of the history and those whose minutes are not there yet', async () => {
    const { body } = await get('bar/SPY?start=2024-11-01&timeframe=1Day', barListSchema);
    expect(body?.bars.map(({ end }) => Date.parse(end))).toEqual(SESSIONS.map(({ closeMs }) => closeMs));
    const page = await get('bar/SPY?start=2024-11-26&end=2024-12-02&timeframe=1Day&limit=2', barListSchema);
    expect(page.body?.bars.map(({ start }) => start.slice(0, 10))).toEqual(['2024-11-26', '2024-11-27']);
    expect(page.body?.next_page_token).not.toBeNull();
  });

  it('answers 304 while nothing has changed', async () => {
    const first = await get('bar/SPY?start=2024-11-25', barListSchema);
    const again = await get('bar/SPY?start=2024-11-25', barListSchema, { 'if-none-match': first.etag });
    expect([again.status, again.text, again.etag]).toEqual([304, '', first.etag]);
  });

  it.each([
    ['bar/NONE?start=2024-11-25', 404, ''],
    ['quote/NONE', 404, ''],
    ['bar/5PY', 422, 'symbol'],
    ['bar/SPY?start=2024-11-25&end=2024-11-25', 422, 'end'],
    ['bar/SPY?start=yesterday', 422, 'start'],
    ['bar/SPY?end=2024-11-25', 422, 'end'],
    ['bar/SPY?limit=0', 422, 'limit'],
    ['bar/SPY?timeframe=5Min', 422, 'timeframe'],
    ['bar/SPY?start=2024-11-25&page_token=1', 422, 'page_token'],
    ['bar/SPY?start=2024-11-25&page_token=%27', 422, 'page_token'],
    ['bar/SPY?page_token=1', 422, 'page_token'],
  ])('%s: %i %s', async (address, status, field) => {
    const answer = await get(address, null);
    expect(answer.status).toBe(status);
    if (field !== '') expect(JSON.parse(answer.text).errors[0].field).toBe(field);
  });

  it('knows a symbol that has nothing in the range', async () => {
    const { body } = await get('bar/SPY?start=2020-01-01&end=2020-02-01', barListSchema);
    expect(body).toMatchObject({ bars: [], next_page_token: null });
  });

  it('says of a quote how old it is in the market’s time, and stale where that is not known', async () => {
    const at = (seconds: number) => new Date(AFTER_ALL_MS - seconds * 1_000).toISOString();
    const quoted = (seconds: number) =>
      pool.query(
        `INSERT INTO quotes (symbol, bid, ask, bid_size, ask_size, quoted_at, received_at) VALUES ('SPY', 99.99, 100.01, 1, 2, $1, $1)
         ON CONFLICT (symbol) DO UPDATE SET quoted_at = excluded.quoted_at`,
        [at(seconds)],
      );
    // A clock that stands still: how long the test takes does not count.
    await pool.query('UPDATE market_clock SET speed = 0, observed_at = clock_timestamp()');
    await quoted(12);
    const first = await get('quote/SPY', marketQuoteSchema);
    expect(first.body).toMatchObject({ bid: '99.99', ask: '100.01', age_seconds: 12, stale: false, source: 'TEST' });
    expect((await get('quote/spy', null, { 'if-none-match': first.etag })).status).toBe(304);
    await quoted(31);
    const old = await get('quote/SPY', marketQuoteSchema, { 'if-none-match': first.etag });
    expect(old.body).toMatchObject({ age_seconds: 31, stale: true });
    await pool.query(`UPDATE market_clock SET observed_at = clock_timestamp() - interval '1 hour'`);
    expect((await get('quote/SPY', marketQuoteSchema)).body).toMatchObject({ age_seconds: null, stale: true });
  });
});
