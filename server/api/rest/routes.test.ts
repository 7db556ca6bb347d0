import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemSchema } from '@/server/contracts/problem';
import { FakeServices, ORDER, POLICY_REQUEST, TOKEN } from '@/test-support/fake-rest-services';
import { neededScopes } from './endpoint';
import { changeTradingStateEndpoint } from './endpoints/change-trading-state';
import { createSignalEndpoint } from './endpoints/create-signal';
import { evaluatePolicyEndpoint } from './endpoints/evaluate-policy';
import { generateSignalEndpoint } from './endpoints/generate-signal';
import { placeOrderEndpoint } from './endpoints/place-order';
import { ENDPOINTS } from './registry';
import { notFoundHandlers, routeHandlers } from './routes';

const NO_PARAMS = { params: Promise.resolve({}) };
const ID = '0198f2a0-0000-7000-8000-000000000001';

function post(address: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Request {
  return new Request(`http://localhost${address}`, {
    method: 'POST',
    body,
    headers: {
      authorization: `Bearer ${TOKEN}`,
      'content-type': 'application/json',
      'idempotency-key': 'k1',
      ...headers,
    },
  });
}

async function problemOf(response: Response) {
  expect(response.headers.get('content-type')).toBe('application/problem+json');
  const problem = problemSchema.parse(await response.json());
  expect(problem.status).toBe(response.status);
  return problem;
}

describe('who may ask', () => {
  it('answers 401 with a challenge when there is no token, or none that is known', async () => {
    const services = new FakeServices();
    const { POST } = routeHandlers(() => services, placeOrderEndpoint);
    for (const authorization of ['', 'Basic abc', 'Bearer', 'Bearer cs_short', `Bearer ${TOKEN.slice(0, -1)}x`]) {
      const response = await POST(post('/v1/orders', JSON.stringify(ORDER), { authorization }), NO_PARAMS);
      expect(response.status).toBe(401);
      expect(response.headers.get('www-authenticate')).toContain('Bearer');
      expect((await problemOf(response)).code).toBe('UNAUTHENTICATED');
    }
    expect(services.writes).toEqual([]);
  });

  const NEEDS = ENDPOINTS.flatMap((target) =>
    neededScopes(target).map((scope) => ({ target, scope, method: target.method, path: target.path })),
  );
  it.each(NEEDS)(
    '$method $path: answers 403 and names the scope when the token lacks $scope',
    async ({ target, scope }) => {
      const services = new FakeServices();
      services.scopes = new Set([...services.scopes].filter((each) => each !== scope));
      const handlers = routeHandlers(() => services, target);
      const request = new Request('http://localhost/v1/x', {
        method: target.method,
        headers: { authorization: `Bearer ${TOKEN}` },
      });
      const response = await handlers[target.method](request, { params: Promise.resolve({ id: ID, symbol: 'SPY' }) });
      expect(response.status).toBe(403);
      expect(await problemOf(response)).toMatchObject({ missing_scope: scope });
      expect(response.headers.get('www-authenticate')).toContain(`scope="${scope}"`);
      expect(services.writes).toEqual([]);
    },
  );
});

it('handing in a candidate, which trades, needs the right to trade', () => {
  expect(neededScopes(createSignalEndpoint)).toEqual(['signals:write', 'orders:write']);
});

describe('addresses and methods', () => {
  it('answers 405 and names what there is', async () => {
    const { PUT, GET } = routeHandlers(() => new FakeServices(), placeOrderEndpoint);
    for (const handler of [PUT, GET]) {
      const response = await handler(new Request('http://localhost/v1/orders'), NO_PARAMS);
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST, OPTIONS');
      expect((await problemOf(response)).code).toBe('METHOD_NOT_ALLOWED');
    }
  });

  it('answers OPTIONS with the methods that there are', async () => {
    const { OPTIONS } = routeHandlers(() => new FakeServices(), placeOrderEndpoint);
    const response = await OPTIONS(new Request('http://localhost/v1/orders', { method: 'OPTIONS' }), NO_PARAMS);
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
  });

  it('answers 404 for what there is not', async () => {
    const response = await notFoundHandlers().DELETE(new Request('http://localhost/v1/nothing'), NO_PARAMS);
    expect((await problemOf(response)).status).toBe(404);
  });

  it.each(ENDPOINTS.filter(({ path }) => path.includes('{id}')))(
    '$method $path: an id that is no UUID is a 404',
    async (target) => {
      const services = new FakeServices();
      const handler = routeHandlers(() => services, target)[target.method];
      for (const id of ['x', '%00', "1' OR '1'='1", '\u0000', `${ID}0`]) {
        const request = new Request('http://localhost/v1/x', {
          method: target.method,
          headers: { authorization: `Bearer ${TOKEN}` },
        });
        expect((await handler(request, { params: Promise.resolve({ id }) })).status).toBe(404);
      }
      expect(services.writes).toEqual([]);
    },
  );
});

describe('bodies', () => {
  const services = new FakeServices();
  const { POST } = routeHandlers(() => services, placeOrderEndpoint);
  const order = (text: string, headers: Record<string, string> = {}) =>
    POST(post('/v1/orders', text, headers), NO_PARAMS);

  it('must be application/json', async () => {
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'application/json; charset=latin1',
      'application/jsonp',
    ]) {
      expect((await order(JSON.stringify(ORDER), { 'content-type': type })).status).toBe(415);
    }
    expect((await order(JSON.stringify(ORDER), { 'content-type': 'Application/JSON; charset=UTF-8' })).status).toBe(
      201,
    );
  });

  it('are not read beyond 64 kB, whatever length is declared', async () => {
    const large = JSON.stringify({ ...ORDER, symbol: 'A'.repeat(70_000) });
    expect((await order(large)).status).toBe(413);
    expect((await order('{}', { 'content-length': '70000' })).status).toBe(413);
    let sent = 0;
    const endless = new ReadableStream<Uint8Array>({
      pull(controller) {
        sent += 1;
        controller.enqueue(new Uint8Array(16_384).fill(32));
      },
    });
    const headers = { authorization: `Bearer ${TOKEN}`, 'content-type': 'application/json', 'idempotency-key': 'k' };
    const init: RequestInit & { duplex: 'half' } = { method: 'POST', body: endless, headers, duplex: 'half' };
    expect((await POST(new Request('http://localhost/v1/orders', init), NO_PARAMS)).status).toBe(413);
    expect(sent).toBeLessThan(10);
  });

  it('that are not JSON are a 400 with the position', async () => {
    const problem = await problemOf(await order('{"qty": 1,}'));
    expect(problem).toMatchObject({ status: 400, code: 'BAD_JSON' });
    expect(problem.detail).toContain('position 10');
    expect((await order('')).status).toBe(400);
    expect((await POST(post('/v1/orders', new Uint8Array([0x22, 0xff, 0x22])), NO_PARAMS)).status).toBe(400);
  });

  const wrong: readonly (readonly [string, object, string])[] = [
    ['an unknown field', { ...ORDER, quantity: 1 }, 'quantity'],
    ['a quantity of zero', { ...ORDER, qty: 0 }, 'qty'],
    ['a negative quantity', { ...ORDER, qty: -1 }, 'qty'],
    ['an absurd quantity', { ...ORDER, qty: 1e300 }, 'qty'],
    ['too many decimals', { ...ORDER, qty: '0.0000000000001' }, 'qty'],
    ['a quantity of the wrong type', { ...ORDER, qty: [1] }, 'qty'],
    ['a symbol that is none', { ...ORDER, symbol: '$$$' }, 'symbol'],
    ['a side that is none', { ...ORDER, side: 'HOLD' }, 'side'],
    ['a limit order without a limit', { ...ORDER, order_type: 'LIMIT' }, 'limit_price'],
    ['a market order with a limit', { ...ORDER, limit_price: 1 }, 'limit_price'],
    ['a signal id that is none', { ...ORDER, signal_id: 'uuid' }, 'signal_id'],
    ['a list', [], 'body'],
  ];

  it.each(wrong)('with %s are a 422 that names the field', async (_name, body, field) => {
    const problem = await problemOf(await order(JSON.stringify(body)));
    expect(problem.status).toBe(422);
    expect(problem.errors?.map((error) => error.field)).toContain(field);
  });
});

describe('the idempotency key', () => {
  it('must be there and be 1 to 255 printable ASCII characters', async () => {
    const services = new FakeServices();
    const { POST } = routeHandlers(() => services, placeOrderEndpoint);
    for (const key of ['', 'x'.repeat(256), 'schlüssel', 'a\tb']) {
      const response = await POST(post('/v1/orders', JSON.stringify(ORDER), { 'idempotency-key': key }), NO_PARAMS);
      expect((await problemOf(response)).code).toBe('IDEMPOTENCY_KEY_INVALID');
    }
    expect(services.writes).toEqual([]);
    const accepted = await POST(
      post('/v1/orders', JSON.stringify(ORDER), { 'idempotency-key': '~ !'.repeat(85) }),
      NO_PARAMS,
    );
    expect(accepted.status).toBe(201);
  });

  it('is looked at before the body', async () => {
    const { POST } = routeHandlers(() => new FakeServices(), placeOrderEndpoint);
    expect((await POST(post('/v1/orders', 'no JSON', { 'idempotency-key': '' }), NO_PARAMS)).status).toBe(400);
  });

  it('passes the stored answer on byte for byte, and says that it is one', async () => {
    const services = new FakeServices();
    const { POST } = routeHandlers(() => services, placeOrderEndpoint);
    for (const [statusCode, replayed] of [
      [201, false],
      [202, true],
      [409, false],
      [422, true],
    ] as const) {
      services.placement = { statusCode, body: '{"any":  "bytes"}', replayed };
      const response = await POST(post('/v1/orders', JSON.stringify(ORDER)), NO_PARAMS);
      expect(response.status).toBe(statusCode);
      expect(await response.text()).toBe('{"any":  "bytes"}');
      expect(response.headers.get('idempotency-replayed')).toBe(replayed ? 'true' : null);
      expect(response.headers.get('content-type')).toBe(
        statusCode < 400 ? 'application/json' : 'application/problem+json',
      );
    }
  });
});

describe('refusals and faults', () => {
  it('a database that is away is a 503 to repeat, anything unforeseen a 500 that is reported and tells nothing', async () => {
    const services = new FakeServices();
    const { POST } = routeHandlers(() => services, evaluatePolicyEndpoint);
    services.failure = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });
    const away = await POST(post('/v1/policy/evaluate', JSON.stringify(POLICY_REQUEST)), NO_PARAMS);
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('1');
    services.failure = new Error('secret detail');
    const fault = await POST(
      post('/v1/policy/evaluate', JSON.stringify(POLICY_REQUEST), { 'x-request-id': 'my-request-1' }),
      NO_PARAMS,
    );
    const text = await fault.text();
    expect(fault.status).toBe(500);
    expect(text).not.toContain('secret');
    expect(text).toContain('my-request-1');
    expect(services.faults).toHaveLength(1);
  });

  it('a release by token is a 403 that points to the console', async () => {
    const services = new FakeServices();
    const { POST } = routeHandlers(() => services, changeTradingStateEndpoint);
    const response = await POST(
      post('/v1/trading-state', JSON.stringify({ action: 'release', reason: 'all well' })),
      NO_PARAMS,
    );
    const problem = await problemOf(response);
    expect(problem.status).toBe(403);
    expect(problem.detail).toContain('console');
    expect(services.writes).toEqual([]);
  });

  it('a halt that is not acknowledged yet is a 202', async () => {
    const services = new FakeServices();
    const { POST } = routeHandlers(() => services, changeTradingStateEndpoint);
    const halt = () => POST(post('/v1/trading-state', JSON.stringify({ action: 'halt', reason: 'drill' })), NO_PARAMS);
    expect((await halt()).status).toBe(200);
    services.acknowledged = false;
    expect((await halt()).status).toBe(202);
  });
});

describe('any JSON at all', () => {
  const targets = [evaluatePolicyEndpoint, generateSignalEndpoint, placeOrderEndpoint, changeTradingStateEndpoint];
  const good: Readonly<Record<string, object>> = {
    '/v1/policy/evaluate': POLICY_REQUEST,
    '/v1/signals/generate': { symbol: 'AAPL' },
    '/v1/orders': ORDER,
    '/v1/trading-state': { action: 'halt', reason: 'drill' },
  };
  const anyJson = fc.jsonValue({ maxDepth: 4, stringUnit: 'binary' });
  const oddNumber = fc.constantFrom(
    'NaN',
    '1e400',
    '-1e400',
    '1e-400',
    '-0',
    '9'.repeat(400),
    '0x10',
    '1E+99',
    '0.1e-12',
  );

  it.each(targets)('$method $path: never answers 500, and writes nothing when it refuses', async (target) => {
    await fc.assert(
      fc.asyncProperty(anyJson, async (value) => answersInOrder(target, JSON.stringify(value))),
      { numRuns: 300 },
    );
  });

  it.each(targets)(
    '$method $path: nor with one field of a good request replaced, repeated or taken away',
    async (target) => {
      const base = good[target.path] ?? {};
      const change = fc.tuple(
        fc.constantFrom(...Object.keys(base)),
        fc.oneof(
          anyJson.map((value) => JSON.stringify(value)),
          oddNumber,
        ),
        fc.nat(2),
      );
      await fc.assert(
        fc.asyncProperty(change, async ([field, value, how]) => {
          const members = Object.entries(base).map(
            ([name, old]) => `${JSON.stringify(name)}:${name === field && how === 0 ? value : JSON.stringify(old)}`,
          );
          const extra = how === 1 ? [`${JSON.stringify(field)}:${value}`] : [];
          const kept = how === 2 ? members.filter((member) => !member.startsWith(JSON.stringify(field))) : members;
          await answersInOrder(target, `{${[...kept, ...extra].join(',')}}`);
        }),
        { numRuns: 300 },
      );
    },
  );

  async function answersInOrder(target: (typeof targets)[number], text: string): Promise<void> {
    const services = new FakeServices();
    const response = await routeHandlers(() => services, target).POST(post(target.path, text), NO_PARAMS);
    expect(response.status).toBeLessThan(500);
    if (response.status >= 400) {
      expect(services.writes).toEqual([]);
      await problemOf(response);
    } else {
      expect(services.writes).toHaveLength(1);
    }
  }
});
