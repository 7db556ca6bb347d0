import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { haveShared } from '@/test-support/shared';
import { Contract } from './testing/contract';
import { asJson, type Json, TestSimulator, temporaryFolder } from './testing/harness';

describe.skipIf(!haveShared)('answers against Alpaca’s OpenAPI (skipped without ../shared)', () => {
  let simulator: TestSimulator;
  let trading: Contract;
  let data: Contract;
  let filled: Json;
  let resting: Json;

  beforeAll(async () => {
    trading = new Contract('trading-api.json');
    data = new Contract('market-data-api.json');
    simulator = await TestSimulator.start({ SIMULATOR_FEE_MIN: '1' });
    await simulator.quote('AAPL', '99.98', '100.02', '100', '30');
    filled = await simulator.order({ qty: '20', client_order_id: 'filled' });
    await simulator.order({ qty: '5', side: 'sell' });
    await simulator.order({ qty: '30' });
    const cancelled = await simulator.order({ type: 'stop', stop_price: '120', time_in_force: 'gtc' });
    await simulator.call('DELETE', `/v2/orders/${String(cancelled.id)}`);
    resting = await simulator.order({ type: 'limit', limit_price: '90' });
  });
  afterAll(() => simulator.dispose());

  async function holds(
    contract: Contract,
    template: string,
    path = template,
    method = 'get',
    status = 200,
    body?: unknown,
  ): Promise<unknown> {
    const answer = await simulator.call(method.toUpperCase(), path, body);
    expect(answer.status, path).toBe(status);
    const validate = contract.answer(template, method, status);
    validate(answer.body);
    expect(validate.errors ?? [], path).toEqual([]);
    return answer.body;
  }

  it('holds for every reading path of the trading API', async () => {
    const paths: readonly (readonly [string, string?])[] = [
      ['/v2/account'],
      ['/v2/account/configurations'],
      ['/v2/account/portfolio/history'],
      ['/v2/clock'],
      ['/v2/calendar', '/v2/calendar?start=2026-01-01&end=2026-02-01'],
      ['/v3/clock', '/v3/clock?markets=NYSE,NASDAQ'],
      ['/v3/calendar/{market}', '/v3/calendar/NYSE?start=2026-01-01&end=2026-02-01'],
      ['/v2/assets'],
      ['/v2/assets/{symbol_or_asset_id}', '/v2/assets/SPY'],
      ['/v2/orders', '/v2/orders?status=all&nested=true'],
      ['/v2/orders', '/v2/orders?status=open'],
      ['/v2/orders/{order_id}', `/v2/orders/${String(filled.id)}`],
      ['/v2/orders/{order_id}', `/v2/orders/${String(resting.id)}`],
      ['/v2/orders:by_client_order_id', '/v2/orders:by_client_order_id?client_order_id=filled'],
      ['/v2/positions'],
      ['/v2/positions/{symbol_or_asset_id}', '/v2/positions/AAPL'],
    ];
    for (const [template, path] of paths) await holds(trading, template, path);
  });

  it('holds for activities: each is of its own kind', async () => {
    const activities = await simulator.list('/v2/account/activities');
    expect(new Set(activities.map((activity) => activity.activity_type))).toEqual(new Set(['FILL', 'FEE']));
    const fill = trading.validator('/components/schemas/TradingActivities');
    for (const activity of activities.filter((each) => each.activity_type === 'FILL')) {
      fill(activity);
      expect(fill.errors ?? []).toEqual([]);
    }
    // Alpaca's own fees carry a plain date where its description says date-time.
    const fee = trading.validator('/components/schemas/NonTradeActivities');
    for (const activity of activities.filter((each) => each.activity_type === 'FEE')) {
      fee({ ...activity, date: `${String(activity.date)}T00:00:00Z` });
      expect(fee.errors ?? []).toEqual([]);
    }
  });

  it('holds for what changes something', async () => {
    const body = { symbol: 'AAPL', side: 'buy', type: 'limit', limit_price: '80', time_in_force: 'gtc', qty: '1' };
    await holds(trading, '/v2/orders', '/v2/orders', 'post', 200, body);
    const legs = { take_profit: { limit_price: '120' }, stop_loss: { stop_price: '70' } };
    const bracket = await holds(trading, '/v2/orders', '/v2/orders', 'post', 200, {
      ...body,
      order_class: 'bracket',
      ...legs,
    });
    const nested = `/v2/orders/${String(asJson(bracket).id)}?nested=true`;
    expect(await holds(trading, '/v2/orders/{order_id}', nested)).toMatchObject({ legs: [{}, {}] });
    await holds(trading, '/v2/orders', '/v2/orders?status=open&nested=true');
    const resting = asJson(
      await holds(trading, '/v2/orders', '/v2/orders', 'post', 200, { ...body, limit_price: '70' }),
    );
    await holds(trading, '/v2/orders/{order_id}', `/v2/orders/${String(resting.id)}`, 'patch', 200, { qty: '2' });
    await holds(trading, '/v2/account/configurations', '/v2/account/configurations', 'patch', 200, {
      suspend_trade: false,
    });
    await holds(trading, '/v2/orders', '/v2/orders', 'delete', 207);
    await simulator.quote('AAPL', '99.98', '100.02');
    await holds(trading, '/v2/positions/{symbol_or_asset_id}', '/v2/positions/AAPL?qty=1', 'delete', 200);
    await holds(trading, '/v2/positions', '/v2/positions?cancel_orders=true', 'delete', 207);
  });

  it('holds for the market data API', async () => {
    const single = ['quotes/latest', 'trades/latest', 'bars/latest', 'snapshot'];
    for (const what of single) await holds(data, `/v2/stocks/{symbol}/${what}`, `/v2/stocks/AAPL/${what}`);
    await holds(data, '/v2/stocks/{symbol}/bars', '/v2/stocks/AAPL/bars?timeframe=5Min&limit=3');
    for (const what of ['quotes/latest', 'trades/latest', 'bars/latest', 'snapshots', 'bars']) {
      await holds(data, `/v2/stocks/${what}`, `/v2/stocks/${what}?symbols=AAPL,SPY,NOPE&timeframe=1Min`);
    }
    const range = 'start=2026-01-05T00:00:00Z&sort=desc&limit=7';
    for (const timeframe of ['1Min', '15Min', '1Hour', '1Day'])
      await holds(data, '/v2/stocks/bars', `/v2/stocks/bars?symbols=AAPL,SPY&timeframe=${timeframe}&${range}`);
    await holds(data, '/v1beta1/news');
    await holds(data, '/v1beta1/news', '/v1beta1/news?symbols=SPY,AAPL&limit=50&sort=asc&include_content=true');
  });

  it('refuses questions of the market data API that its description forbids', async () => {
    const bars = '/v2/stocks/bars?symbols=SPY';
    for (const path of [
      '/v2/stocks/bars?timeframe=1Min',
      `${bars}&timeframe=1Sec`,
      `${bars}&timeframe=2Day`,
      `${bars}&limit=10001`,
      `${bars}&limit=0`,
      `${bars}&start=yesterday`,
      `${bars}&sort=sideways`,
      `${bars}&page_token=%7B%7D`,
      '/v2/stocks/quotes/latest',
      '/v1beta1/news?limit=51',
      '/v1beta1/news?page_token=%7B%7D',
    ]) {
      const { status, body } = await simulator.call('GET', path);
      expect([400, 422], path).toContain(status);
      expect(asJson(body).message, path).toEqual(expect.any(String));
    }
    const denied = await simulator.call('GET', `${bars}&timeframe=1Min`, undefined, { 'APCA-API-KEY-ID': 'x' });
    expect(denied.status).toBe(403);
  });

  it('is a test that can fail', async () => {
    const validate = trading.answer('/v2/orders/{order_id}', 'get', 200);
    for (const wrong of [
      { ...filled, status: 'sold' },
      { ...filled, id: 'x' },
      { ...filled, filled_qty: 0 },
      { ...filled, type: null },
    ]) {
      expect(validate(wrong)).toBe(false);
    }
  });

  it('holds for errors', async () => {
    const validate = trading.validator('/components/schemas/Error');
    for (const path of [
      '/v2/orders/nonsense',
      '/v2/positions/SPY',
      '/v2/assets/NOPE',
      '/v2/orders?limit=0',
      '/v2/nowhere',
    ]) {
      validate((await simulator.call('GET', path)).body);
      expect(validate.errors ?? [], path).toEqual([]);
    }
  });
});

describe('pages of bars', () => {
  it('add up to the whole, over symbols, forwards and backwards', async () => {
    const simulator = await TestSimulator.start({ SIMULATOR_QUOTE_MS: '1000' });
    const clock = await simulator.json('GET', '/v2/clock');
    const endMs = Math.floor(Date.parse(String(clock.timestamp)) / 60_000) * 60_000;
    const range = `start=${new Date(endMs - 600_000).toISOString()}&end=${new Date(endMs).toISOString()}`;
    const collect = async (query: string): Promise<string[]> => {
      const seen: string[] = [];
      for (let token: unknown = ''; token !== null; ) {
        const page = await simulator.json(
          'GET',
          `/v2/stocks/bars?symbols=SPY,AAPL&${range}&${query}&page_token=${String(token)}`,
        );
        for (const [symbol, bars] of Object.entries(asJson(page.bars))) {
          if (Array.isArray(bars)) seen.push(...bars.map((bar) => `${symbol} ${String(asJson(bar).t)}`));
        }
        token = page.next_page_token;
      }
      return seen;
    };
    const whole = await collect('limit=1000');
    expect(whole).toHaveLength(20);
    expect(await collect('limit=3')).toEqual(whole);
    expect(await collect('limit=10')).toEqual(whole);
    const backwards = await collect('limit=7&sort=desc');
    expect([...backwards].sort()).toEqual([...whole].sort());
    expect(await collect('timeframe=5Min&limit=1')).toHaveLength((await collect('timeframe=5Min')).length);
    await simulator.dispose();
  });
});

describe('news', () => {
  const headlines = async (simulator: TestSimulator, query: string): Promise<string[]> => {
    const seen: string[] = [];
    for (let token: unknown = ''; token !== null; ) {
      const page = await simulator.json('GET', `/v1beta1/news?${query}&page_token=${String(token)}`);
      if (Array.isArray(page.news)) seen.push(...page.news.map((each) => String(asJson(each).headline)));
      token = page.next_page_token;
    }
    return seen;
  };

  it('is invented, says so, is the same for a seed, and its pages add up to the whole', async () => {
    const [one, two] = [await TestSimulator.start(), await TestSimulator.start()];
    const range = 'start=2026-01-05T00:00:00Z&end=2026-01-12T00:00:00Z';
    const whole = await headlines(one, `${range}&symbols=SPY,AAPL&limit=50`);
    expect(whole).toHaveLength(7 * 6 * 2);
    expect(whole.every((each) => /^\[invented\] (SPY|AAPL) /.test(each))).toBe(true);
    expect(await headlines(two, `${range}&symbols=AAPL,SPY&limit=9`)).toEqual(whole);
    expect((await headlines(two, `${range}&symbols=SPY,AAPL&limit=50&sort=asc`)).reverse()).toEqual(whole);
    expect(await headlines(one, 'symbols=NOPE')).toEqual([]);
    await one.dispose();
    await two.dispose();
  });

  it('comes from a file as it stands, none of it before its time', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'news.json');
    const item = (headline: string, createdAt: string) => ({ symbols: ['SPY'], headline, created_at: createdAt });
    const items = [item('old', '2026-01-05T12:00:00Z'), item('far ahead', '2090-01-05T12:00:00Z')];
    writeFileSync(file, JSON.stringify(items));
    const simulator = await TestSimulator.start({ SIMULATOR_NEWS: file });
    expect(await headlines(simulator, 'start=2026-01-05')).toEqual(['old']);
    await simulator.dispose();
    writeFileSync(file, '[{"headline": 7}]');
    await expect(TestSimulator.start({ SIMULATOR_NEWS: file })).rejects.toThrow('SIMULATOR_NEWS');
    rmSync(folder, { recursive: true });
  });
});
