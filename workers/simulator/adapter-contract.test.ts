import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { NewBrokerOrder } from '@/server/application/ports/broker';
import type { BrokerGateway } from '@/server/application/ports/broker-gateway';
import { openBroker } from '@/server/composition/brokers';
import { parseUnits } from '@/server/kernel/money';
import { haveShared } from '@/test-support/shared';
import { Contract, faultsOf } from './testing/contract';
import { asJson, TestSimulator } from './testing/harness';
import { type Exchange, Recorder } from './testing/recorder';

/** All that the adapter can say, said once, and each request and answer held against Alpaca's own description. */
describe.skipIf(!haveShared)('the adapter against Alpaca’s OpenAPI (skipped without ../shared)', () => {
  let simulator: TestSimulator;
  let recorder: Recorder;
  let gateway: BrokerGateway;
  let trading: Contract;
  let market: Contract;

  beforeAll(async () => {
    trading = new Contract('trading-api.json');
    market = new Contract('market-data-api.json');
    simulator = await TestSimulator.start({ SIMULATOR_FEE_MIN: '1' });
    await simulator.quote('AAPL', '99.98', '100.02', '100', '30');
    recorder = await Recorder.start(simulator.url);
    gateway = openBroker({ BROKER: 'alpaca', SIMULATOR_PORT: recorder.port });
    await everything(gateway);
  });

  afterAll(async () => {
    await gateway.close();
    await recorder.close();
    await simulator.dispose();
  });

  const contractOf = ({ path }: Exchange) => (/^\/v2\/stocks\/|^\/v1beta1\//.test(path) ? market : trading);
  const named = ({ method, path, status }: Exchange) => `${method} ${path} ${status}`;

  it('sends nothing that is not described', () => {
    const faults = recorder.exchanges.flatMap((each) =>
      contractOf(each)
        .requestFaults(each.method, each.path, each.query, each.requestBody)
        .map((fault) => `${named(each)}: ${fault}`),
    );
    expect(faults).toEqual([]);
    const kinds = new Set(
      recorder.exchanges.map((each) => contractOf(each).operation(each.method, each.path)?.pointer),
    );
    console.log(`contract: ${recorder.exchanges.length} requests of ${kinds.size} operations validated`);
    expect(kinds.size).toBeGreaterThanOrEqual(13);
  });

  it('is answered by the simulator as described', () => {
    let answers = 0;
    let errors = 0;
    let silent = 0;
    const errorSchema = trading.validator('/components/schemas/Error');
    const faults = recorder.exchanges.flatMap((each) => {
      const { method, path, status, answerBody } = each;
      let found: string[] | null;
      if (status >= 400) {
        errors += 1;
        found = faultsOf(errorSchema, answerBody);
      } else {
        found = contractOf(each).answerFaults(method, path, status, withDateTimes(path, answerBody));
        if (found === null) silent += 1;
        else answers += 1;
      }
      return (found ?? []).map((fault) => `${named(each)}: ${fault}`);
    });
    expect(faults).toEqual([]);
    console.log(
      `contract: ${answers} answers and ${errors} errors validated; ${silent} answers have no body by description`,
    );
    expect(recorder.exchanges.filter((each) => each.status === 204 && each.answerBody !== undefined)).toEqual([]);
  });

  it('is a test that can fail', () => {
    const query = (text: string) => new URLSearchParams(text);
    expect(trading.requestFaults('GET', '/v2/orders', query('status=everything'), undefined)).toHaveLength(1);
    expect(trading.requestFaults('GET', '/v2/orders', query('limit=many'), undefined)).toHaveLength(1);
    expect(trading.requestFaults('GET', '/v2/orders', query('page=2'), undefined)).toEqual([
      'there is no parameter page',
    ]);
    expect(trading.requestFaults('GET', '/v2/orders:by_client_order_id', query(''), undefined)).toEqual([
      'client_order_id is missing',
    ]);
    expect(trading.requestFaults('POST', '/v2/orders', query(''), { symbol: 'A', type: 'wish' })).not.toEqual([]);
    expect(trading.requestFaults('GET', '/v2/wishes', query(''), undefined)).toHaveLength(1);
    expect(market.requestFaults('GET', '/v2/stocks/bars', query('symbols=A&timeframe=1Min&start=noon'), undefined))
      .not //
      .toEqual([]);
  });
});

/** Alpaca's own fees carry a plain date where its description says date-time. */
function withDateTimes(path: string, body: unknown): unknown {
  if (!path.startsWith('/v2/account/activities') || !Array.isArray(body)) return body;
  return body.map((each) => {
    const activity = asJson(each);
    return typeof activity.date === 'string' && activity.date.length === 10
      ? { ...activity, date: `${activity.date}T00:00:00Z` }
      : activity;
  });
}

let named = 0;

function order(fields: Partial<NewBrokerOrder>): NewBrokerOrder {
  named += 1;
  return {
    clientOrderId: `0198f2a0-0000-7000-8000-${String(named).padStart(12, '0')}`,
    symbol: 'AAPL',
    side: 'BUY',
    qty: parseUnits('1'),
    orderType: 'MARKET',
    limitPrice: null,
    stopPrice: null,
    timeInForce: 'DAY',
    ...fields,
  };
}

const limit = (price: string) => ({ orderType: 'LIMIT', limitPrice: parseUnits(price) }) as const;
const stop = (price: string) => ({ orderType: 'STOP', stopPrice: parseUnits(price) }) as const;

const ORDERS: readonly Partial<NewBrokerOrder>[] = [
  { qty: parseUnits('20') },
  { qty: parseUnits('0.1234') },
  { ...limit('100.02'), timeInForce: 'IOC' },
  { ...limit('100.02'), timeInForce: 'FOK' },
  { side: 'SELL', qty: parseUnits('5') },
  { side: 'SELL', ...limit('120'), timeInForce: 'GTC' },
  { ...limit('90'), timeInForce: 'GTC' },
  { ...limit('90.5') },
  { symbol: 'SPY', ...stop('2000') },
  // Refused: too much, unknown, a price with too many decimals.
  { qty: parseUnits('100000') },
  { symbol: 'NOPE' },
  { ...limit('90.001') },
];

async function everything({ broker, marketData: data, news: source }: BrokerGateway): Promise<void> {
  const submit = (each: NewBrokerOrder) => broker.submit(each, { timeoutMs: 2_000 });
  const outcomes = [];
  for (const fields of ORDERS) outcomes.push(await submit(order(fields)));
  const first = outcomes[0];
  if (first?.kind !== 'accepted') throw new Error(`the first order was ${JSON.stringify(first?.kind)}`);
  const { externalOrderId, clientOrderId } = first.order;
  expect(outcomes.filter(({ kind }) => kind === 'refused')).toHaveLength(3);
  expect((await submit(order({ clientOrderId }))).kind).toBe('duplicate');
  await broker.account();
  await broker.clock();
  await broker.calendar('2026-01-01', '2026-02-01');
  expect(await broker.positions()).toHaveLength(1);
  expect(await broker.asset('SPY')).toMatchObject({ fractionable: true });
  expect(await broker.asset('NOPE')).toBeNull();
  const [open] = await broker.openOrders();
  await broker.endedOrders(new Set([externalOrderId]), 2);
  expect((await broker.orderById(externalOrderId))?.clientOrderId).toBe(clientOrderId);
  expect(await broker.orderById('61e69015-8549-4bfd-b9c3-01e75843f47d')).toBeNull();
  expect((await broker.orderByClientId(clientOrderId))?.externalOrderId).toBe(externalOrderId);
  expect(await broker.orderByClientId('none')).toBeNull();
  expect((await broker.activitiesAfter(0)).length).toBeGreaterThan(3);
  expect((await broker.cancel(open?.externalOrderId ?? '')).kind).toBe('taken');
  expect((await broker.cancel(externalOrderId)).kind).toBe('too_late');
  await broker.cancelAll();
  expect(await data.latestQuotes(['AAPL', 'SPY'])).toHaveLength(2);
  const fromMs = Math.floor(Date.now() / 60_000) * 60_000 - 600_000;
  expect(await data.bars(['AAPL', 'SPY'], { fromMs, untilMs: fromMs + 120_000 })).toHaveLength(4);
  expect((await data.bars(['SPY'], { fromMs, limit: 3 })).map(({ startMs }) => startMs - fromMs)).toEqual([
    0, 60_000, 120_000,
  ]);
  const news = await source.news(['AAPL', 'SPY'], fromMs - 3 * 86_400_000, fromMs);
  expect(news.length).toBeGreaterThan(10);
  expect(new Set(news.map(({ id }) => id)).size).toBe(news.length);
}
