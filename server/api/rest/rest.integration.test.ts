import { hash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createTokenAdmin, createTokenStore } from '@/server/adapters/postgres/access/tokens';
import { createUserAdmin } from '@/server/adapters/postgres/access/users';
import { createPrisma, type PrismaClient } from '@/server/adapters/postgres/prisma';
import { createSignalStore } from '@/server/adapters/postgres/signals/signal-store';
import { createSignalTasks } from '@/server/adapters/postgres/signals/signal-tasks';
import { createGenerateSignal } from '@/server/application/signals/generate-signal';
import { createSubmitSignal } from '@/server/application/signals/submit-signal';
import { createToken, TokenVerifier } from '@/server/auth/tokens';
import { createRestReads } from '@/server/composition/rest';
import { SCOPES } from '@/server/contracts/access';
import { approvalDetailSchema, approvalListSchema } from '@/server/contracts/approvals';
import { EVENTS, isTopic } from '@/server/contracts/events';
import { readinessSchema } from '@/server/contracts/health';
import type { OrderPage } from '@/server/contracts/order';
import { orderDetailBodySchema, orderPageSchema } from '@/server/contracts/order';
import { gateRejectionSchema, placedOrderSchema, waitingOrderSchema } from '@/server/contracts/placement';
import { policyResponseSchema } from '@/server/contracts/policy';
import { portfolioBodySchema } from '@/server/contracts/portfolio';
import { problemSchema } from '@/server/contracts/problem';
import {
  createdSignalSchema,
  signalCandidateSchema,
  signalDetailSchema,
  signalListSchema,
} from '@/server/contracts/signals';
import { strategyListSchema, strategySettingSchema } from '@/server/contracts/strategies';
import { tradingStateBodySchema } from '@/server/contracts/trading-state';
import { uuidFromText } from '@/server/domain/strategy';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { addressOf, apiExamples, nameOf } from '@/test-support/api-examples';
import { FakeServices, POLICY_REQUEST } from '@/test-support/fake-rest-services';
import { haveShared, sharedFile } from '@/test-support/shared';
import { createTradingFixture, type TradingFixture } from '@/test-support/trading-fixture';
import { healthApi, restApi } from './open-addresses';
import { ENDPOINTS } from './registry';
import type { RestServices } from './services';

const USER_ID = '0198f2a0-0000-7000-8000-0000000000aa';
const TOKEN = createToken();
const TOKEN_ID = randomUUID();

let fixture: TradingFixture;
let db: PrismaClient;
let services: RestServices;
let nowMs = Date.now();

beforeAll(async () => {
  fixture = await createTradingFixture();
  db = createPrisma(fixture.database.url);
  await createUserAdmin(db).add(
    { id: USER_ID, email: 'maria@example.com', name: 'Maria', role: 'OPERATOR', passwordHash: 'x' },
    'test',
  );
  const { tokenHash, prefix } = TOKEN;
  await createTokenAdmin(db).create(
    { id: TOKEN_ID, userId: USER_ID, name: 'bot', tokenHash, prefix, scopes: SCOPES, bot: {}, expiresAt: null },
    'test',
  );
  const tokens = new TokenVerifier(createTokenStore(fixture.pool), () => nowMs);
  services = {
    commands: fixture.commands,
    generateSignal: createGenerateSignal(createSignalStore(fixture.pool), randomUUID),
    submitSignal: createSubmitSignal(createSignalTasks(fixture.pool), {
      newId: randomUUID,
      sha256: (text) => hash('sha256', text),
    }),
    reads: createRestReads(db, new FakeServices().reads.market),
    verifyToken: (token) => tokens.verify(token),
    onFault: (error) => {
      throw error;
    },
  };
});
afterAll(async () => {
  await db.$disconnect();
  await fixture.close();
});
beforeEach(() => fixture.refresh());

/** Sends a request through the handler of its address, as Next would. */
async function send(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  address: string,
  body?: unknown,
  headers: Record<string, string> = {},
) {
  const request = new Request(new URL(address, 'http://localhost'), {
    method,
    headers: { authorization: `Bearer ${TOKEN.token}`, 'content-type': 'application/json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const response = await restApi(() => services)(request);
  return { status: response.status, headers: response.headers, text: await response.text() };
}

const read = <T>(schema: z.ZodType<T>, { text }: { text: string }): T => schema.parse(JSON.parse(text));
const order = (signalId: string, more: object = {}) => ({
  signal_id: signalId,
  symbol: 'AAPL',
  side: 'BUY',
  qty: 1,
  order_type: 'MARKET',
  ...more,
});
const place = (body: unknown, key: string = randomUUID()) =>
  send('POST', '/v1/orders', body, { 'idempotency-key': key });

async function rowsIn(...tables: readonly string[]): Promise<string> {
  const counts = await Promise.all(
    tables.map((table) => fixture.pool.query<{ n: string }>(`SELECT count(*) AS n FROM ${table}`)),
  );
  return counts.map(({ rows }, index) => `${tables[index]} ${rows[0]?.n}`).join(', ');
}

describe('judging', () => {
  it('answers the specification’s example as it says, and registers the candidate', async () => {
    const answer = await send('POST', '/v1/policy/evaluate', POLICY_REQUEST);
    expect(answer.status).toBe(200);
    expect(read(policyResponseSchema, answer)).toMatchObject({
      decision: 'APPROVE',
      reasons: [],
      approved_size_pct: 0.01,
    });
    const { rows } = await fixture.pool.query('SELECT strategy, symbol, source FROM signals WHERE id = $1', [
      POLICY_REQUEST.signal_id,
    ]);
    expect(rows).toEqual([{ strategy: 'token:bot', symbol: 'AAPL', source: 'REST' }]);
  });

  it('makes a signal on demand, with its event; not for a symbol without market data', async () => {
    const answer = await send('POST', '/v1/signals/generate', { symbol: 'msft' });
    const candidate = read(signalCandidateSchema, answer);
    const { rows } = await fixture.pool.query('SELECT topic, data FROM outbox WHERE subject = $1', [
      candidate.signal_id,
    ]);
    expect(rows).toEqual([{ topic: 'signal.candidate.created', data: { ...candidate, strategy: 'fake' } }]);
    const refused = await send('POST', '/v1/signals/generate', { symbol: 'NOPE' });
    expect(refused.status).toBe(422);
    expect(read(problemSchema, refused).errors?.[0]?.field).toBe('symbol');
  });
});

/** As the strategies of the worker make them. */
const ofStrategy = () => uuidFromText(randomUUID());

describe('the id of a strategy’s next candidate', () => {
  it('is nobody else’s: neither judging nor handing in registers it', async () => {
    const id = ofStrategy();
    const candidate = { signal_id: id, symbol: 'MSFT', candidate_action: 'BUY', confidence: 0.8, size_pct: 0.01 };
    const before = await rowsIn('signals', 'policy_evaluations', 'signal_tasks');
    for (const refused of [
      await send('POST', '/v1/policy/evaluate', { ...POLICY_REQUEST, signal_id: id.toUpperCase() }),
      await send('POST', '/v1/signals', { ...candidate, model_version: 'v7' }),
    ]) {
      expect(refused.status).toBe(422);
      expect(read(problemSchema, refused).errors?.[0]?.field).toBe('signal_id');
    }
    expect(await rowsIn('signals', 'policy_evaluations', 'signal_tasks')).toBe(before);
  });

  it('is judged and ordered once there is such a signal, as one made on demand', async () => {
    const made = read(signalCandidateSchema, await send('POST', '/v1/signals/generate', { symbol: 'AAPL' }));
    const { model_version: _, ...candidate } = made;
    const judged = await send('POST', '/v1/policy/evaluate', { ...POLICY_REQUEST, ...candidate });
    expect(judged.status).toBe(200);
    expect((await place(order(made.signal_id, { side: made.candidate_action }))).status).not.toBe(409);
  });
});

it('a strategy’s candidate on its way is the worker’s to place: 409, and nothing is stored; afterwards the gate answers', async () => {
  const id = ofStrategy();
  const of = { strategy: 'ema-cross', modelVersion: '1', symbol: 'AAPL', action: 'BUY', confidence: 0.9 } as const;
  const rest = {
    stopDistancePct: null,
    principalId: SYSTEM_PRINCIPAL_ID,
    features: null,
    atMs: null,
    requestHash: null,
  };
  const tasks = createSignalTasks(fixture.pool);
  await tasks.propose({ id, source: 'STRATEGY', ...of, sizePct: 0.01, ...rest, ttlMs: 60_000 }, null, false);
  const before = await rowsIn('orders', 'approvals', 'idempotency_keys', 'policy_evaluations');
  const key = randomUUID();
  const refused = await place(order(id), key);
  expect(refused.status).toBe(409);
  expect(read(problemSchema, refused).code).toBe('CONFLICT');
  expect(await rowsIn('orders', 'approvals', 'idempotency_keys', 'policy_evaluations')).toBe(before);
  await tasks.finish(id, 'NO_SHARES', null);
  const judged = await place(order(id), key);
  expect(judged.status).not.toBe(409);
  expect(judged.headers.get('idempotency-replayed')).toBeNull();
});

describe('a candidate from outside', () => {
  const candidate = (more: object = {}) => ({
    signal_id: randomUUID(),
    symbol: 'MSFT',
    candidate_action: 'BUY',
    confidence: 0.8,
    size_pct: 0.01,
    model_version: 'v7',
    ...more,
  });

  it('is taken once: the same body again gives the same answer, another one under its id a 409', async () => {
    const body = candidate();
    const first = await send('POST', '/v1/signals', body);
    expect(first.status).toBe(202);
    const href = `/v1/signals/${body.signal_id}`;
    expect(read(createdSignalSchema, first)).toEqual({ signal_id: body.signal_id, status: 'QUEUED', href });
    expect(first.headers.get('location')).toBe(href);
    expect((await send('POST', '/v1/signals', body)).text).toBe(first.text);
    expect((await send('POST', '/v1/signals', { ...body, size_pct: 0.02 })).status).toBe(409);
    const found = read(signalDetailSchema, await send('GET', href));
    expect(found).toMatchObject({ source: 'REST', strategy: 'token:bot', status: 'QUEUED', symbol: 'MSFT' });
    expect(found.features).toMatchObject({ symbol: 'MSFT' });
  });

  it.each([
    [{ confidence: 1.1 }, 'confidence'],
    [{ size_pct: 0 }, 'size_pct'],
    [{ symbol: '1X' }, 'symbol'],
    [{ ttl_seconds: 0 }, 'ttl_seconds'],
    [{ qty: 5 }, 'qty'],
  ])('with %j is a 422 that names the field', async (more, field) => {
    const { status, text } = await send('POST', '/v1/signals', candidate(more));
    expect(status).toBe(422);
    expect(text).toContain(`"field":"${field}"`);
  });

  it('is refused while fifty of the client are on their way; one that was taken is still answered as before', async () => {
    const queued = `t.state = 'QUEUED' AND s.principal_id = '${USER_ID}'`;
    const taken = candidate();
    expect((await send('POST', '/v1/signals', taken)).status).toBe(202);
    await fixture.pool.query(
      `WITH made AS (
         INSERT INTO signals (id, source, strategy, symbol, action, confidence, size_pct, principal_id, created_at, expires_at)
         SELECT gen_random_uuid(), 'REST', 'many', 'MSFT', 'BUY', 0.8, 0.01, $1, now(), now() FROM generate_series(1, 49) RETURNING id)
       INSERT INTO signal_tasks (signal_id, symbol) SELECT id, 'MSFT' FROM made`,
      [USER_ID],
    );
    const refused = await send('POST', '/v1/signals', candidate());
    expect(refused.status).toBe(409);
    expect(read(problemSchema, refused).detail).toContain('50 candidates');
    expect((await send('POST', '/v1/signals', taken)).status).toBe(202);
    await fixture.pool.query(
      `UPDATE signal_tasks SET state = 'DONE', outcome = 'EXPIRED', done_at = now()
        WHERE signal_id IN (SELECT t.signal_id FROM signal_tasks t JOIN signals s ON s.id = t.signal_id WHERE ${queued})`,
    );
    expect((await send('POST', '/v1/signals', candidate())).status).toBe(202);
  });

  it('is listed newest first, by symbol, source and time, in pages', async () => {
    const bodies = [candidate({ symbol: 'NVDA' }), candidate({ symbol: 'NVDA' }), candidate({ symbol: 'NVDA' })];
    for (const body of bodies) await send('POST', '/v1/signals', body);
    const page = read(signalListSchema, await send('GET', '/v1/signals?symbol=nvda&strategy=token:bot&limit=2'));
    const rest = read(signalListSchema, await send('GET', `/v1/signals?symbol=NVDA&cursor=${page.next_cursor}`));
    const ids = [...page.signals, ...rest.signals].map(({ signal_id }) => signal_id);
    expect([...ids].sort()).toEqual(bodies.map(({ signal_id }) => signal_id).sort());
    expect(read(signalListSchema, await send('GET', '/v1/signals?since=2199-01-01T00:00:00Z')).signals).toEqual([]);
    expect((await send('GET', '/v1/signals?cursor=nonsense')).status).toBe(422);
    expect((await send('GET', `/v1/signals/${randomUUID()}`)).status).toBe(404);
  });
});

describe('strategies', () => {
  const SPY = '/v1/strategies/ema-cross/symbols/SPY';

  it('are listed with their parameters and what they do on each symbol', async () => {
    const { strategies } = read(strategyListSchema, await send('GET', '/v1/strategies'));
    expect(strategies.map(({ name }) => name)).toContain('donchian-breakout');
    const fake = strategies.find(({ name }) => name === 'fake');
    expect(fake?.settings.map(({ symbol }) => symbol)).toEqual(['*']);
    const ema = strategies.find(({ name }) => name === 'ema-cross');
    expect(ema?.settings.map(({ symbol }) => symbol)).toEqual(['*', 'AAPL', 'AMZN', 'MSFT', 'NVDA', 'SPY']);
    expect(ema?.defaults).toMatchObject({ fast: 12, slow: 26 });
  });

  it('are set by symbol, by the version that was read, with an audit of before and after', async () => {
    const before = await send('GET', SPY);
    expect(before.headers.get('etag')).toBe('"0"');
    expect(read(strategySettingSchema, before)).toMatchObject({ enabled: false, origin: 'INITIAL' });
    const body = { enabled: true, params: { fast: 5, slow: 20 } };
    const set = await send('PUT', SPY, body, { 'if-match': '"0"' });
    expect(set.status).toBe(200);
    expect(read(strategySettingSchema, set)).toMatchObject({ enabled: true, origin: 'SYMBOL', version: 1 });
    expect((await send('PUT', SPY, body, { 'if-match': '"0"' })).status).toBe(412);
    expect((await send('PUT', SPY, body, { 'if-match': 'nonsense' })).status).toBe(400);
    await send('PUT', SPY, { enabled: false });
    await send('PUT', '/v1/strategies/ema-cross/symbols/*', { enabled: true, params: { fast: 3 } });
    expect(read(strategySettingSchema, await send('GET', SPY))).toMatchObject({ enabled: false, version: 2 });
    expect(read(strategySettingSchema, await send('GET', SPY.replace('SPY', 'QQQ')))).toMatchObject({
      ...{ enabled: true, origin: 'ALL', version: 0, symbol: 'QQQ' },
      params: { fast: 3, slow: 26 },
    });
    const { rows } = await fixture.pool.query(
      `SELECT actor, before->'enabled' AS before, after->'enabled' AS after FROM audit_log WHERE target = 'strategy:ema-cross:SPY' ORDER BY id`,
    );
    expect(rows).toEqual([
      { actor: 'token:bot', before: null, after: true },
      { actor: 'token:bot', before: true, after: false },
    ]);
  });

  it.each([
    [SPY, { enabled: true, params: { fast: 30 } }, 422, 'params.fast'],
    [SPY, { enabled: true, params: { speed: 1 } }, 422, 'params.speed'],
    [SPY, { params: {} }, 422, 'enabled'],
    ['/v1/strategies/fake/symbols/SPY', { enabled: true }, 422, 'symbol'],
    ['/v1/strategies/ema-cross/symbols/1X', { enabled: true }, 422, 'symbol'],
    ['/v1/strategies/none-such/symbols/SPY', { enabled: true }, 404, 'no strategy'],
  ])('%s with %j is a %d', async (address, body, status, says) => {
    const answer = await send('PUT', address, body);
    expect(answer.status).toBe(status);
    expect(answer.text).toContain(says);
  });
});

describe('placing', () => {
  it('gives 201, the same bytes again for the same key, and 409 for another payload', async () => {
    const signalId = await fixture.signal();
    const first = await place(order(signalId), 'key-1');
    expect(first.status).toBe(201);
    expect(read(placedOrderSchema, first)).toMatchObject({ symbol: 'AAPL', qty: '1', status: 'NEW' });
    const again = await place(
      `  {"qty":1,"order_type":"MARKET","side":"BUY","symbol":"aapl","signal_id":"${signalId}"}`,
      'key-1',
    );
    expect([again.status, again.text, again.headers.get('idempotency-replayed')]).toEqual([201, first.text, 'true']);
    const other = await place(order(signalId, { qty: 2 }), 'key-1');
    expect([other.status, read(problemSchema, other).code]).toEqual([409, 'IDEMPOTENCY_KEY_REUSED']);
  });

  it('gives 422 with every reason when the gate rejects, whatever the caller claimed', async () => {
    await fixture.refresh({ marketOpen: false });
    const signalId = randomUUID();
    expect((await send('POST', '/v1/policy/evaluate', { ...POLICY_REQUEST, signal_id: signalId })).status).toBe(200);
    const answer = await place(order(signalId));
    expect(answer.status).toBe(422);
    expect(read(gateRejectionSchema, answer)).toMatchObject({ code: 'MARKET_CLOSED', decision: 'REJECT' });
  });

  it('gives 202 with an approval that can be read when a person has to decide', async () => {
    const answer = await place(order(await fixture.signal({ confidence: 0.5 })));
    expect(answer.status).toBe(202);
    const { approval_id } = read(waitingOrderSchema, answer);
    const detail = read(approvalDetailSchema, await send('GET', `/v1/approvals/${approval_id}`));
    expect(detail).toMatchObject({ status: 'PENDING', symbol: 'AAPL', qty: '1', order_id: null });
    expect(detail.reasons.map(({ code }) => code)).toContain('CONFIDENCE_LOW');
    const { approvals } = read(approvalListSchema, await send('GET', '/v1/approvals?status=PENDING&limit=500'));
    expect(approvals.map((approval) => approval.approval_id)).toContain(approval_id);
  });

  it.each([
    '{"signal_id":',
    '[]',
    '{"signal_id":"x","symbol":"AAPL","side":"BUY","qty":1e400,"order_type":"MARKET"}',
    '{"signal_id":"5f0c1a9e-2b7d-4e6a-9c3f-1d2e3f4a5b6c","symbol":"AAPL\\u0000","side":"BUY","qty":1,"order_type":"MARKET"}',
    '{"signal_id":"5f0c1a9e-2b7d-4e6a-9c3f-1d2e3f4a5b6c","symbol":"AAPL","side":"BUY","qty":-1,"order_type":"MARKET"}',
  ])('writes no row for %s', async (body) => {
    const tables = ['orders', 'approvals', 'signals', 'policy_evaluations', 'idempotency_keys', 'outbox', 'audit_log'];
    const before = await rowsIn(...tables);
    const answer = await place(body);
    expect(answer.status).toBeGreaterThanOrEqual(400);
    expect(answer.status).toBeLessThan(500);
    expect(await rowsIn(...tables)).toBe(before);
  });
});

describe('an order afterwards', () => {
  it('is read with its timeline, and cancelled once', async () => {
    const signalId = await fixture.signal();
    const { order_id } = read(placedOrderSchema, await place(order(signalId)));
    const detail = read(orderDetailBodySchema, await send('GET', `/v1/orders/${order_id.toUpperCase()}`));
    expect(detail).toMatchObject({ order_id, status: 'NEW', leaves_qty: '1', avg_price: null, signal_id: signalId });
    expect(detail.timeline.signal?.signal_id).toBe(signalId);
    expect(detail.timeline.evaluations.map(({ kind }) => kind)).toEqual(['GATE']);
    expect(detail.timeline.events.map(({ type }) => type)).toEqual(['created']);

    const cancelled = await send('DELETE', `/v1/orders/${order_id}`);
    expect([cancelled.status, JSON.parse(cancelled.text)]).toEqual([202, { order_id, status: 'CANCELLED' }]);
    const again = await send('DELETE', `/v1/orders/${order_id}`);
    expect([again.status, read(problemSchema, again).code]).toEqual([409, 'NOT_CANCELLABLE']);
    expect(read(orderDetailBodySchema, await send('GET', `/v1/orders/${order_id}`))).toMatchObject({
      status: 'CANCELLED',
      leaves_qty: '0',
    });
    expect((await send('DELETE', `/v1/orders/${randomUUID()}`)).status).toBe(404);
  });

  it('is listed newest first, in pages that leave out none and repeat none while orders come in', async () => {
    const placed: string[] = [];
    for (let count = 0; count < 7; count += 1) {
      placed.unshift(
        read(
          placedOrderSchema,
          await place(order(await fixture.signal({ symbol: 'SPY', strategy: `s${count}` }), { symbol: 'SPY' })),
        ).order_id,
      );
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const page: OrderPage = read(
        orderPageSchema,
        await send('GET', `/v1/orders?symbol=SPY&limit=3${cursor === '' ? '' : `&cursor=${cursor}`}`),
      );
      seen.push(...page.orders.map(({ order_id }) => order_id));
      if (cursor === '')
        await place(order(await fixture.signal({ symbol: 'SPY', strategy: 'late' }), { symbol: 'SPY' }));
      cursor = page.next_cursor;
    }
    expect(seen).toEqual(placed);
  });

  it('is filtered by the status that is shown', async () => {
    const { order_id } = read(
      placedOrderSchema,
      await place(order(await fixture.signal({ symbol: 'NVDA' }), { symbol: 'NVDA' })),
    );
    await fixture.pool.query(
      `UPDATE orders SET status = 'ACCEPTED', claimed_at = now(), pending = 'NONE', external_order_id = $1::text WHERE id = $1::uuid`,
      [order_id],
    );
    expect((await send('DELETE', `/v1/orders/${order_id}`)).status).toBe(202);
    const listed = async (status: string) =>
      read(orderPageSchema, await send('GET', `/v1/orders?symbol=NVDA&status=${status}`)).orders.length;
    expect([await listed('ACCEPTED'), await listed('CANCEL_PENDING'), await listed('NEW')]).toEqual([0, 1, 0]);
  });

  it.each(['x', '!!!!', Buffer.from('1.2').toString('base64url'), 'a'.repeat(201)])(
    'refuses the cursor %s',
    async (cursor) => {
      const answer = await send('GET', `/v1/orders?cursor=${cursor}`);
      expect([answer.status, read(problemSchema, answer).errors?.[0]?.field]).toEqual([422, 'cursor']);
    },
  );
});

describe('the portfolio', () => {
  it('counts what is held at what it could be sold for, and the day from the last close', async () => {
    await fixture.pool.query(`INSERT INTO positions (symbol, qty, cost, updated_at) VALUES ('AMZN', 10, 900, now())`);
    const body = read(portfolioBodySchema, await send('GET', '/v1/portfolio'));
    expect(body.account).toMatchObject({ cash: '100000', equity: '100000' });
    expect(body.positions).toMatchObject([
      { symbol: 'AMZN', qty: '10', avg_cost: '90', market_value: '999.9', unrealised_pnl: '99.9' },
    ]);
    expect(body.exposure).toMatchObject({ gross: '999.9', gross_pct: '0.009999' });
    expect(body.day_pnl).toEqual({ amount: '0', pct: '0' });
  });

  it('is unknown, not empty, before the broker was read', async () => {
    await fixture.pool.query('UPDATE accounts SET portfolio_at = NULL');
    expect(read(portfolioBodySchema, await send('GET', '/v1/portfolio'))).toMatchObject({
      account: null,
      exposure: null,
      day_pnl: null,
    });
  });
});

it('wrote only events that the catalogue describes', async () => {
  const { rows } = await fixture.pool.query<{ topic: string; data: unknown }>('SELECT topic, data FROM outbox');
  const topics = new Set(rows.map(({ topic }) => topic));
  expect([...topics]).toEqual(
    expect.arrayContaining(['signal.candidate.created', 'order.created', 'approval.requested']),
  );
  const wrong = rows.flatMap(({ topic, data }) => {
    const parsed = isTopic(topic) ? EVENTS[topic].data.safeParse(data) : null;
    return parsed?.success === true ? [] : [`${topic}: ${parsed?.error?.message ?? 'unknown topic'}`];
  });
  expect(wrong).toEqual([]);
});

describe('readiness', () => {
  const ready = async () => {
    const response = await healthApi(() => services)(new Request('http://localhost/health/ready'));
    const report = readinessSchema.parse(await response.json());
    expect(response.status).toBe(report.status === 'ready' ? 200 : 503);
    return report;
  };

  it('needs a live worker and a fresh portfolio', async () => {
    expect(await ready()).toMatchObject({
      status: 'not_ready',
      components: { database: { status: 'ok' }, migrations: { status: 'ok' }, worker: { status: 'down' } },
    });
    await fixture.pool.query(
      `INSERT INTO worker_heartbeats (id, roles, started_at, beat_at) VALUES ('w', '{}', now(), now())`,
    );
    expect((await ready()).components.worker.status).toBe('ok');
    await fixture.refresh({ portfolioAgeSeconds: 60 });
    expect((await ready()).components.portfolio).toMatchObject({ status: 'down' });
    await fixture.refresh();
    await fixture.pool.query(`UPDATE worker_heartbeats SET beat_at = now() - interval '1 minute'`);
    // A watchdog does none of a worker's work.
    await fixture.pool.query(
      `INSERT INTO worker_heartbeats (id, roles, started_at, beat_at) VALUES ('dog', '{watchdog}', now(), now())`,
    );
    expect((await ready()).components.worker.detail).toContain('last heartbeat');
  });

  it('is no, without saying where the database is, when it is away', async () => {
    const away = createPrisma('postgresql://someone:secret@127.0.0.1:1/none');
    const report = await createRestReads(away, new FakeServices().reads.market).readiness();
    await away.$disconnect();
    expect(report).toMatchObject({ status: 'not_ready', components: { database: { status: 'down' } } });
    expect(JSON.stringify(report)).not.toMatch(/secret|127\.0\.0\.1/);
  });
});

const lineSchema = z.looseObject({ type: z.string() });
const VECTORS = sharedFile('vectors/policy/spec-rules.jsonl');
const lines = readVectors();

function readVectors(): readonly z.output<typeof lineSchema>[] {
  try {
    return readFileSync(VECTORS, 'utf8')
      .trim()
      .split('\n')
      .slice(1)
      .map((line) => lineSchema.parse(JSON.parse(line)));
  } catch {
    return [];
  }
}

describe('the specification’s rules', () => {
  it.skipIf(!haveShared)(`over HTTP, each case of ${path.basename(VECTORS)} (skipped without ../shared)`, async () => {
    for (const [index, line] of lines.entries()) {
      if (line.type !== 'signal') continue;
      const expected = lines[index + 1];
      const { at: _at, type: _type, ...body } = line;
      const response = read(
        policyResponseSchema,
        await send('POST', '/v1/policy/evaluate', { ...body, signal_id: randomUUID() }),
      );
      expect(response.decision).toBe(expected?.['decision']);
      expect(response.reasons.map(({ code }) => code).sort()).toEqual(
        z.array(z.string()).parse(expected?.['codes']).sort(),
      );
    }
  });
});

describe('the request examples of docs/api.md', () => {
  const examples = apiExamples().flatMap(({ status, of, body }) => {
    const target = ENDPOINTS.find((each) => nameOf(each) === of);
    // A halt would end the tests that follow; its own test is the last.
    return status !== null || target === undefined || target.path === '/v1/trading-state' ? [] : [{ of, target, body }];
  });

  it.each(examples)('$of: the answer of the real stack has no field beyond its schema', async ({ target, body }) => {
    const headers = { 'idempotency-key': randomUUID() };
    const answer = await send(target.method, addressOf(target), body, headers);
    // An example's id need not exist.
    const absent = target.path.includes('{id}') ? [{ status: 404, schema: problemSchema }] : [];
    const schemas = [...target.answers, { status: 422, schema: gateRejectionSchema }, ...absent];
    const schema = schemas.find(({ status }) => status === answer.status)?.schema;
    expect(schema, `${answer.status} ${answer.text}`).toBeDefined();
    expect(schema?.parse(JSON.parse(answer.text))).toEqual(JSON.parse(answer.text));
  });
});

describe('trading state and revocation, last because they end everything', () => {
  it('reduces, then halts; the state is read back', async () => {
    const change = (action: string) => send('POST', '/v1/trading-state', { action, reason: 'drill' });
    expect(read(tradingStateBodySchema, await change('reduce'))).toMatchObject({
      state: 'REDUCING',
      changed_by: 'token:bot',
      halt: null,
      causes: [{ cause: 'PERSON', opened_by: 'token:bot', reason: 'drill', ended_by: ['RELEASE'] }],
    });
    const halted = await change('halt');
    expect(halted.status).toBe(200);
    expect(read(tradingStateBodySchema, halted).halt?.acknowledged_at).not.toBeNull();
    expect(read(tradingStateBodySchema, await send('GET', '/v1/trading-state'))).toMatchObject({
      state: 'HALTED',
      reason: 'drill',
    });
    expect(
      read(gateRejectionSchema, await place(order(await fixture.signal()))).reasons.map(({ code }) => code),
    ).toContain('TRADING_HALTED');
  });

  it('a revoked token stops within 5 s; its use, its making and its end are on record', async () => {
    expect((await send('GET', '/v1/trading-state')).status).toBe(200);
    const admin = createTokenAdmin(db);
    expect([
      await admin.revoke(TOKEN_ID, 'test'),
      await admin.revoke(TOKEN_ID, 'test'),
      await admin.revoke(randomUUID(), 'test'),
    ]).toEqual([true, false, null]);
    nowMs += 5_000;
    const answer = await send('GET', '/v1/trading-state');
    expect([answer.status, read(problemSchema, answer).detail]).toEqual([401, 'The token was revoked']);
    const [token] = await admin.list();
    expect(token).toMatchObject({ id: TOKEN_ID, email: 'maria@example.com' });
    expect(token?.lastUsedAt).not.toBeNull();
    const { rows } = await fixture.pool.query<{ action: string }>(
      `SELECT action FROM audit_log WHERE target = $1 ORDER BY id`,
      [`token:${TOKEN_ID}`],
    );
    expect(rows.map(({ action }) => action)).toEqual(['token.create', 'token.revoke']);
  });
});
