import { Alpaca, trading } from '@alpacahq/alpaca-trade-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KEY_ID, SECRET_KEY, TestSimulator } from './testing/harness';

let simulator: TestSimulator;
let alpaca: Alpaca;
let socketUrl: string;

beforeAll(async () => {
  simulator = await TestSimulator.start();
  await simulator.quote('AAPL', '99.98', '100.02');
  socketUrl = simulator.url.replace('http', 'ws');
  alpaca = new Alpaca({
    keyId: KEY_ID,
    secret: SECRET_KEY,
    // The official client knows Alpaca's hosts only: the same requests, sent to the simulator.
    fetchApi: (input, init) => fetch(String(input).replace(/^https:\/\/[^/]+/, simulator.url), init),
  });
});
afterAll(() => simulator.dispose());

describe('the official SDK, pointed at the simulator', () => {
  it('reads the account, the clock, the calendar and an asset', async () => {
    expect(await alpaca.trading.account.getAccount()).toMatchObject({
      status: 'ACTIVE',
      cash: '100000',
      multiplier: '1',
    });
    const clock = await alpaca.trading.clock.legacyClock();
    expect(clock.isOpen).toBe(true);
    expect(Math.abs(clock.timestamp.getTime() - Date.now())).toBeLessThan(5000);
    expect((await alpaca.trading.clock.clock()).clocks[0]).toMatchObject({ phase: 'core', isMarketDay: true });
    const days = await alpaca.trading.calendar.legacyCalendar({
      start: new Date('2026-01-05'),
      end: new Date('2026-01-06'),
    });
    expect(days).toHaveLength(2);
    const [asset] = await alpaca.trading.assets.getV2Assets();
    expect(asset).toMatchObject({ symbol: 'AAPL', tradable: true, fractionable: true });
    expect((await alpaca.trading.assets.getV2AssetsSymbolOrAssetId({ symbolOrAssetId: 'SPY' })).exchange).toBe('ARCA');
  });

  it('creates, finds, lists and cancels orders, and sees what they did', async () => {
    const market = await alpaca.trading.orders.market({ symbol: 'AAPL', qty: 3, side: 'buy', clientOrderId: 'sdk-1' });
    expect(market.status).toBe('pending_new');
    const found = await alpaca.trading.orders.getOrderByClientOrderId({ clientOrderId: 'sdk-1' });
    expect(found).toMatchObject({ id: market.id, status: 'filled', filledQty: '3', filledAvgPrice: '100.02' });
    const limit = await alpaca.trading.orders.limit({
      symbol: 'AAPL',
      qty: 1,
      side: 'buy',
      limitPrice: 90,
      timeInForce: 'gtc',
    });
    const open = await alpaca.trading.orders.getAllOrders({ status: 'open', symbols: ['AAPL'] });
    expect(open.map((order) => order.id)).toEqual([limit.id]);
    await alpaca.trading.orders.deleteOrderByOrderID({ orderId: limit.id ?? '' });
    expect((await alpaca.trading.orders.getOrderByOrderID({ orderId: limit.id ?? '' })).status).toBe('canceled');
    expect(await alpaca.trading.orders.deleteAllOrders()).toEqual([]);
    const [position] = await alpaca.trading.positions.getAllOpenPositions();
    expect(position).toMatchObject({ symbol: 'AAPL', qty: '3', avgEntryPrice: '100.02' });
  });

  it('reads activities, one kind of them and page by page', async () => {
    const all = await alpaca.trading.accountActivities.getAccountActivities({ direction: 'asc' });
    expect(all.length).toBeGreaterThanOrEqual(1);
    expect(all[0]).toMatchObject({ activityType: 'FILL', symbol: 'AAPL', side: 'buy', qty: '3', price: '100.02' });
    const fills = await alpaca.trading.accountActivities.getAccountActivitiesByActivityType({
      activityType: 'FILL',
      pageSize: 1,
    });
    expect(fills).toHaveLength(1);
  });

  it('gets refusals as its own errors', async () => {
    const again = alpaca.trading.orders.market({ symbol: 'AAPL', qty: 1, side: 'buy', clientOrderId: 'sdk-1' });
    await expect(again).rejects.toThrow('client_order_id must be unique');
    await expect(again).rejects.toBeInstanceOf(trading.ValidationError);
    await expect(alpaca.trading.orders.market({ symbol: 'AAPL', qty: 99_999, side: 'buy' })).rejects.toBeInstanceOf(
      trading.PermissionError,
    );
  });

  it('hears trade updates', async () => {
    const stream = alpaca.trading.stream({ url: `${socketUrl}/stream`, reconnect: false });
    const updates: string[] = [];
    const filled = new Promise<void>((resolve) => {
      stream.onTradeUpdate((update) => {
        updates.push(`${update.event} ${update.order.symbol} ${update.price ?? ''}`);
        if (update.event === 'fill') resolve();
      });
    });
    const listening = new Promise((resolve) => stream.on('subscription', resolve));
    stream.subscribeTradeUpdates();
    stream.connect();
    await listening;
    await alpaca.trading.orders.market({ symbol: 'AAPL', qty: 1, side: 'sell' });
    await filled;
    stream.disconnect();
    expect(updates).toEqual(['pending_new AAPL ', 'new AAPL ', 'fill AAPL 99.98']);
  });

  it('reads quotes and bars, and hears them in msgpack', async () => {
    const latest = await alpaca.marketData.stocks.stockLatestQuotes({ symbols: 'AAPL' });
    expect(latest.quotes.AAPL).toMatchObject({ bp: 99.98, ap: 100.02 });
    const bars = await alpaca.marketData.stocks.stockBars({ symbols: 'SPY', timeframe: '1Min', limit: 2 });
    expect(bars.bars.SPY?.length ?? 0).toBeLessThanOrEqual(2);
    const history = await alpaca.marketData.stocks.stockBarSingle({
      symbol: 'SPY',
      timeframe: '1Min',
      start: new Date('2026-01-05T15:00:00Z'),
      end: new Date('2026-01-05T15:04:30Z'),
      sort: 'desc',
    });
    expect(history.bars.length).toBeLessThanOrEqual(4);
    const snapshot = await alpaca.marketData.stocks.stockSnapshotSingle({ symbol: 'AAPL' });
    expect(snapshot.latestQuote).toMatchObject({ ap: 100.02 });
    const trades = await alpaca.marketData.stocks.stockLatestTrades({ symbols: 'AAPL,SPY' });
    expect(Object.keys(trades.trades).sort()).toEqual(['AAPL', 'SPY']);
    const { news } = await alpaca.marketData.news.news({ symbols: 'AAPL', limit: 3 });
    expect(news.map(({ source }) => source)).toEqual(Array(3).fill('simulator (invented)'));
    const stream = alpaca.marketData.stockStream({ url: `${socketUrl}/v2/iex`, reconnect: false });
    const quote = new Promise((resolve) => stream.onQuote(resolve));
    const trade = new Promise((resolve) => stream.onTrade(resolve));
    const bar = new Promise((resolve) => stream.onBar(resolve));
    const subscribed = new Promise((resolve) => stream.on('subscription', resolve));
    stream.subscribeForQuotes(['AAPL']);
    stream.subscribeForTrades(['AAPL']);
    stream.subscribeForBars(['AAPL']);
    stream.connect();
    await subscribed;
    await simulator.quote('AAPL', '101', '101.02', '300', '400');
    expect(await quote).toMatchObject({
      symbol: 'AAPL',
      bidPrice: 101,
      askPrice: 101.02,
      bidSize: 300,
      timestamp: expect.any(Date),
    });
    expect(await trade).toMatchObject({ symbol: 'AAPL' });
    await simulator.json('POST', '/sim/v1/control', { advance_ms: 60_000 });
    expect(await bar).toMatchObject({ symbol: 'AAPL', timestamp: expect.any(Date) });
    stream.disconnect();
  });
});
