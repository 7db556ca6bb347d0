import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { loadPolicyBody } from '@/server/adapters/postgres/ops/policy-versions';
import { createPlacementStore } from '@/server/adapters/postgres/orders/placement-store';
import { type GateRecord, readGateRecord } from '@/server/application/placing/gate-record';
import { PolicyCache } from '@/server/application/policy/policy-cache';
import { featuresSchema } from '@/server/contracts/features';
import { FeatureHistory, liquidityScore } from '@/server/domain/features';
import { evaluateGate } from '@/server/domain/policy/gate';
import { numberFromUnits } from '@/server/domain/policy/number-units';
import { formatUnits } from '@/server/kernel/money';
import { factsOf } from '@/test-support/placements';
import { ACTOR, createTradingFixture, orderFor, type TradingFixture } from '@/test-support/trading-fixture';
import { createFeatureStore } from './feature-store';
import { createReadFeatures } from './features-read';

const MINUTE_MS = 60_000;
const START = Date.parse('2026-11-20T15:00:00Z');

let fixture: TradingFixture;

beforeAll(async () => {
  fixture = await createTradingFixture();
});
afterAll(() => fixture.close());

function record(symbol: string, bars: number, base = 100) {
  const history = new FeatureHistory(symbol);
  for (let n = 1; n <= bars; n += 1) {
    const close = base + Math.sin(n);
    history.next({ symbol, endMs: START + n * MINUTE_MS, open: close, high: close, low: close, close, volume: 50 });
  }
  const found = history.record();
  if (found === null) throw new Error('no bars');
  return found;
}

describe('the newest features of each symbol', () => {
  const store = () => createFeatureStore(fixture.pool);

  test('are those of the newest bar, whichever process writes last', async () => {
    const [older, newer] = [record('OLD', 300), record('OLD', 301)];
    await store().write([newer, record('NEW', 1), older]);
    await store().write([older, record('OLD', 301, 200)]);
    const found = await store().latest(['OLD', 'NEW', 'NONE']);
    expect(Object.fromEntries(found)).toEqual({ OLD: newer, NEW: record('NEW', 1) });
    expect(found.get('OLD')?.closes).toHaveLength(240);
    expect(found.get('NEW')).toMatchObject({ dollarsPerMinute: 50 * (100 + Math.sin(1)), snapshot: { sma20: null } });
  });

  test('are none where none are asked for', async () => {
    await store().write([]);
    expect((await store().latest([])).size).toBe(0);
  });
});

describe('the gate', () => {
  beforeEach(async () => {
    await endOrders();
    await fixture.pool.query(`DELETE FROM features; DELETE FROM positions; DELETE FROM market_events;
      UPDATE quotes SET bid_size = 1000, ask_size = 1000`);
    await fixture.refresh();
  });

  async function place(order: Partial<Parameters<typeof orderFor>[1]> = {}) {
    const signalId = await fixture.signal({ action: order.side ?? 'BUY' });
    const { kind, codes } = factsOf(await fixture.commands.placeOrder(ACTOR, randomUUID(), orderFor(signalId, order)));
    return { kind, codes, signalId };
  }

  /** An order that works would be matched by one of the other side. */
  const endOrders = () => fixture.pool.query(`UPDATE orders SET status = 'CANCELLED' WHERE status = 'NEW'`);

  const hold = (symbol: string) =>
    fixture.pool.query(
      'INSERT INTO positions (symbol, qty, cost, broker_qty, market_price, updated_at) VALUES ($1, 10, 1000, 10, 100, now())',
      [symbol],
    );

  const event = (symbol: string | null, from: string, until: string) =>
    fixture.pool.query(
      `INSERT INTO market_events (id, kind, symbol, title, starts_at, ends_at, source, created_by)
       VALUES (gen_random_uuid(), 'FOMC', $1, 'rates', clock_timestamp() + $2::interval, clock_timestamp() + $3::interval, 'OPERATOR', 'test')`,
      [symbol, from, until],
    );

  const LIQUIDITY: [string, string][] = [
    ['without features', 'DELETE FROM features'],
    ['with features of an hour ago', `UPDATE features SET at = at - interval '1 hour'`],
    ['where hardly anything is traded', 'UPDATE features SET dollars_per_minute = 100'],
    ['where hardly anything is offered', 'UPDATE quotes SET ask_size = 1'],
    ['where the spread is wide', 'UPDATE quotes SET bid = 99.5, ask = 100'],
  ];
  test.each(LIQUIDITY)('rejects %s, and still lets what is held be sold', async (_, sql) => {
    await hold('AAPL');
    await fixture.pool.query(sql);
    expect(await place()).toMatchObject({ kind: 'REJECTED', codes: ['LIQUIDITY_LOW'] });
    expect(await place({ side: 'SELL' })).toMatchObject({ kind: 'PLACED', codes: [] });
  });

  test('sends to a person what moves like something that is held, and what is not known not to', async () => {
    await hold('MSFT');
    expect(await place()).toMatchObject({ kind: 'PLACED' });
    await fixture.pool.query(`UPDATE features SET at = at + interval '1 millisecond',
      closes = (SELECT closes FROM features WHERE symbol = 'MSFT') WHERE symbol = 'AAPL'`);
    expect(await place()).toMatchObject({ kind: 'REVIEW', codes: ['CORRELATION_HIGH'] });
    await fixture.pool.query(`DELETE FROM features WHERE symbol = 'MSFT'`);
    expect(await place()).toMatchObject({ kind: 'REVIEW', codes: ['CORRELATION_HIGH'] });
    expect(await place({ symbol: 'AAPL', side: 'SELL' })).toMatchObject({ kind: 'REJECTED' });
  });

  test('opens nothing in an event, of the symbol or of all, until it is over or removed', async () => {
    await event('MSFT', '-1 minute', '1 minute');
    await event('AAPL', '-2 minutes', '-1 minute');
    await event('AAPL', '5 minutes', '6 minutes');
    expect(await place()).toMatchObject({ kind: 'PLACED' });
    await event(null, '-1 minute', '2 hours');
    expect(await place()).toMatchObject({ kind: 'REJECTED', codes: ['EVENT_BLACKOUT'] });
    await hold('AAPL');
    await endOrders();
    expect(await place({ side: 'SELL' })).toMatchObject({ kind: 'PLACED' });
    await endOrders();
    await fixture.pool.query(`UPDATE market_events SET removed_at = clock_timestamp(), removed_by = 'test'`);
    expect(await place()).toMatchObject({ kind: 'PLACED' });
  });

  test('keeps with its decision what it judged from: both can be worked out again', async () => {
    await hold('MSFT');
    await event(null, '-1 minute', '1 minute');
    await fixture.pool.query('UPDATE quotes SET ask_size = 3');
    const { signalId } = await place();
    const { rows } = await fixture.pool.query<{ input: GateRecord; reasons: unknown; version: number }>(
      'SELECT input, reasons, policy_version AS version FROM policy_evaluations WHERE signal_id = $1',
      [signalId],
    );
    const stored = rows[0];
    if (stored === undefined) throw new Error('no evaluation');
    const policy = await new PolicyCache((version) => loadPolicyBody(fixture.pool, version)).get(stored.version);
    const input = readGateRecord(stored.input, policy);
    expect(evaluateGate(input).reasons).toEqual(stored.reasons);
    const { basis, quote, liquidityScore: score } = input.market ?? {};
    if (basis === undefined || quote === null || typeof quote !== 'object') throw new Error('no basis');
    expect(basis).toMatchObject({ held: [{ symbol: 'MSFT', value: 1000 }], eventIds: [expect.any(String)] });
    const again = liquidityScore({
      bid: numberFromUnits(quote.bid),
      ask: numberFromUnits(quote.ask),
      bidSize: numberFromUnits(basis.bidSize ?? 0n),
      askSize: numberFromUnits(basis.askSize ?? 0n),
      dollarsPerMinute: basis.dollarsPerMinute,
    });
    expect(Number(typeof score === 'bigint' ? formatUnits(score) : score)).toBeCloseTo(again, 5);
  });

  test('reads closes once a bar, and the new ones with the next', async () => {
    const store = createPlacementStore(
      fixture.pool,
      new PolicyCache((version) => loadPolicyBody(fixture.pool, version)),
      'test',
    );
    const query = { symbol: 'AAPL', signalId: randomUUID(), principalId: ACTOR.principalId, key: 'k' };
    const closes = async () => (await store.read([query])).features.get('AAPL')?.closes;
    const first = await closes();
    expect(first?.size).toBe(240);
    expect(await closes()).toBe(first);
    await fixture.pool.query(`UPDATE features SET at = at + interval '1 minute', closes = '[[1, 2]]'`);
    expect(await closes()).toEqual(new Map([[1, 2]]));
    const { rows } = await fixture.pool.query<{ gate: { features: { symbol: string; closes: unknown }[] } }>(
      `SELECT gate_read('{AAPL,MSFT}', '{}', '{}', '{}', '{AAPL}', (SELECT ARRAY[epoch_ms(at)] FROM features WHERE symbol = 'AAPL')) AS gate`,
    );
    const gateCloses = Object.fromEntries((rows[0]?.gate.features ?? []).map((each) => [each.symbol, each.closes]));
    expect(gateCloses).toEqual({ AAPL: null, MSFT: [[1, 2]] });
  });

  test('is what the API answers for a symbol', async () => {
    const read = createReadFeatures(fixture.pool);
    expect(await read('NONE')).toBeNull();
    await hold('MSFT');
    await event(null, '-1 minute', '1 minute');
    const features = await read('AAPL');
    expect(featuresSchema.parse(features)).toEqual(features);
    expect(features).toMatchObject({ liquidity_score: 1, stale: false, event_blackout: { active: true } });
    expect(features?.event_blackout.events).toMatchObject([{ kind: 'FOMC', symbol: null, title: 'rates' }]);
    expect(Math.abs(features?.correlation ?? 1)).toBeLessThan(0.35);
    await fixture.pool.query(`UPDATE features SET at = at - interval '1 hour'`);
    expect(await read('AAPL')).toMatchObject({ liquidity_score: null, correlation: null, stale: true });
    await fixture.pool.query(`UPDATE market_clock SET observed_at = observed_at - interval '1 minute'`);
    expect(await read('AAPL')).toMatchObject({ age_seconds: null, event_blackout: { active: null, events: [] } });
  });
});
