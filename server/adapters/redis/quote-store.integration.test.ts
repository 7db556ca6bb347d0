import { createClient } from '@redis/client';
import type { Pool } from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createMarketStore } from '@/server/adapters/postgres/market/market-store';
import { createPostgresQuoteStore } from '@/server/adapters/postgres/market/quote-store';
import { createPool } from '@/server/adapters/postgres/pool';
import type { QuoteStore } from '@/server/application/ports/quote-store';
import type { Quote } from '@/server/domain/exchange/types';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import { until } from '@/test-support/bus';
import { Engine, haveEngine } from '@/test-support/engines';
import { createTestDatabase, type TestDatabase } from '@/test-support/postgres';
import { createRedisQuoteStore } from './quote-store';

const START_MS = Date.UTC(2026, 0, 5, 15);

const quote = (symbol: string, bid: string, atMs: number): Quote => ({
  symbol,
  bid: parseUnits(bid),
  ask: parseUnits(bid) + parseUnits('0.01'),
  bidSize: parseUnits('100'),
  askSize: parseUnits('200'),
  atMs,
});

describe.runIf(haveEngine('redis-server'))('latest quotes in Redis', () => {
  let database: TestDatabase;
  let pool: Pool;
  let server: Engine;
  let stores: QuoteStore[] = [];

  beforeAll(async () => {
    database = await createTestDatabase();
    pool = createPool(database.url, { name: 'test', max: 4 });
  });

  afterAll(async () => {
    await pool.end();
    await database.drop();
  });

  beforeEach(async () => {
    await pool.query('DELETE FROM quotes');
    server = await Engine.prepare('redis-server');
    await server.start();
  });

  afterEach(async () => {
    await Promise.all(stores.map((store) => store.close()));
    stores = [];
    await server.remove();
  });

  function open(): QuoteStore {
    const store = createRedisQuoteStore({
      url: server.url,
      behind: createPostgresQuoteStore(pool),
      deployment: async () => 'test',
      nowMs: () => Date.now(),
      onState: () => undefined,
    });
    stores.push(store);
    return store;
  }

  const connected = (store: QuoteStore) => until('Redis', () => store.health().state === 'connected');
  const away = (store: QuoteStore) => until('no Redis', () => store.health().state === 'away');
  const bid = async (store: QuoteStore, symbol: string) => {
    const found = (await store.latest([symbol])).get(symbol);
    return found === undefined ? null : formatUnits(found.bid);
  };
  const sees = (store: QuoteStore, symbol: string, price: string) =>
    until(`${symbol} at ${price}`, async () => (await bid(store, symbol)) === price);

  test('only a newer quote takes the place of another, from any writer and in any order', async () => {
    const [one, two] = [open(), open()];
    await Promise.all([connected(one), connected(two)]);
    const quotes = Array.from({ length: 200 }, (_, n) => quote('AAPL', String(100 + n), START_MS + n));
    // Each process sees them in an order of its own; the newest comes neither first nor last.
    for (const [n, each] of quotes.entries()) {
      one.offer(quotes[(n * 7) % 200] ?? each, Date.now());
      two.offer(quotes[(n * 11 + 150) % 200] ?? each, Date.now());
      if (n % 10 === 0) await one.latest(['AAPL']);
    }
    one.offer(quote('AAPL', '299', START_MS + 199), Date.now());
    await sees(two, 'AAPL', '299');
    two.offer(quote('AAPL', '1', START_MS), Date.now());
    two.offer(quote('MSFT', '50', START_MS), Date.now());
    await sees(one, 'MSFT', '50');
    expect(await bid(one, 'AAPL')).toBe('299');
  });

  test('a quote comes back exactly as it was', async () => {
    const store = open();
    await connected(store);
    const exact = { ...quote('BRK.B', '441.123456789012', START_MS + 1), bidSize: parseUnits('0.000000000001') };
    store.offer(exact, START_MS + 7);
    await until('the quote', async () => (await store.latest(['BRK.B'])).size === 1);
    expect((await store.latest(['BRK.B', 'NONE'])).get('BRK.B')).toEqual({ ...exact, receivedAtMs: START_MS + 7 });
  });

  test('every listener receives each quote that took an older one’s place', async () => {
    const store = open();
    await connected(store);
    const listener = createClient({ url: server.url });
    await listener.connect();
    const heard: string[] = [];
    await listener.subscribe('countersign:test:quotes', (text) => heard.push(JSON.parse(text).bid));
    for (const [price, atMs] of [
      ['10', 1],
      ['11', 2],
      ['9', 1],
      ['12', 3],
    ] as const) {
      store.offer(quote('SPY', price, START_MS + atMs), Date.now());
      await store.latest(['SPY']);
    }
    await until('the last', () => heard.includes('12'));
    await listener.close();
    expect(heard).toEqual(['10', '11', '12']);
  });

  test('killed: reads come from Postgres; back and empty: the newest known are there again', async () => {
    const store = open();
    await connected(store);
    store.offer(quote('AAPL', '100', START_MS), Date.now());
    await sees(store, 'AAPL', '100');
    await server.end('SIGKILL');
    await away(store);
    expect(await bid(store, 'AAPL')).toBeNull();
    await createMarketStore(pool).writeQuotes([quote('AAPL', '101', START_MS + 1), quote('MSFT', '7', START_MS)]);
    expect(await bid(store, 'AAPL')).toBe('101');
    store.offer(quote('AAPL', '102', START_MS + 2), Date.now());
    server.deleteStore();
    await server.start();
    await connected(store);
    await sees(store, 'AAPL', '102');
    expect(await bid(store, 'MSFT')).toBe('7');
  });

  test('emptied in the middle: Postgres answers for what is missing, the next quote is there again', async () => {
    const store = open();
    await connected(store);
    await createMarketStore(pool).writeQuotes([quote('AAPL', '100', START_MS)]);
    store.offer(quote('AAPL', '100', START_MS), Date.now());
    await sees(store, 'AAPL', '100');
    const admin = createClient({ url: server.url });
    await admin.connect();
    await admin.flushAll();
    await admin.close();
    expect(await bid(store, 'AAPL')).toBe('100');
    store.offer(quote('AAPL', '103', START_MS + 5), Date.now());
    await sees(store, 'AAPL', '103');
  });

  test('an old quote that Redis still has does not hide a newer one in Postgres', async () => {
    const store = open();
    await connected(store);
    store.offer(quote('AAPL', '100', START_MS), Date.now() - 60_000);
    await sees(store, 'AAPL', '100');
    await createMarketStore(pool).writeQuotes([quote('AAPL', '105', START_MS + 9)]);
    expect(await bid(store, 'AAPL')).toBe('105');
  });

  test('not there at the start: nothing waits for it', async () => {
    await server.end();
    const store = open();
    store.offer(quote('AAPL', '100', START_MS), Date.now());
    expect((await store.latest(['AAPL'])).size).toBe(0);
    await server.start();
    await sees(store, 'AAPL', '100');
  });
});
