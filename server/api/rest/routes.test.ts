import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { problemSchema } from '@/server/contracts/problem';
import { FakeServices, ORDER, POLICY_REQUEST, TOKEN } from '@/test-support/fake-rest-services';
import { fuzz } from '@/test-support/fuzz';
import { type Endpoint, neededScopes } from './endpoint';
import { placeOrderEndpoint } from './orders';
import { evaluatePolicyEndpoint } from './policy';
import { ENDPOINTS } from './registry';
import { createRestHandler } from './routes';
import { createSignalEndpoint, generateSignalEndpoint } from './signals';
import { changeTradingStateEndpoint } from './trading-state';

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

/** A request to an endpoint with a token and without a body, its variables filled in. */
function request({ method, path }: Pick<Endpoint, 'method' | 'path'>, id = ID): Request {
  const address = path.replace('{id}', encodeURIComponent(id)).replace('{symbol}', 'SPY').replace('{name}', 'fake');
  return new Request(`http://localhost${address}`, { method, headers: { authorization: `Bearer ${TOKEN}` } });
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
    const answer = createRestHandler(() => services, [placeOrderEndpoint]);
    for (const authorization of ['', 'Basic abc', 'Bearer', 'Bearer cs_short', `Bearer ${TOKEN.slice(0, -1)}x`]) {
      const response = await answer(post('/v1/orders', JSON.stringify(ORDER), { authorization }));
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
      const response = await createRestHandler(() => services, ENDPOINTS)(request(target));
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
    const answer = createRestHandler(() => new FakeServices(), [placeOrderEndpoint]);
    for (const method of ['PUT', 'GET', 'HEAD', 'PATCH']) {
      const response = await answer(new Request('http://localhost/v1/orders', { method }));
      expect(response.status).toBe(405);
      expect(response.headers.get('allow')).toBe('POST, OPTIONS');
      expect((await problemOf(response)).code).toBe('METHOD_NOT_ALLOWED');
    }
  });

  it('prefers a literal address to a variable one, in any order of registration', async () => {
    const answer = createRestHandler(() => new FakeServices(), ENDPOINTS.toReversed());
    const response = await answer(new Request('http://localhost/v1/signals/generate', { method: 'OPTIONS' }));
    expect(response.headers.get('allow')).toBe('POST, OPTIONS');
  });

  it('answers HEAD as GET', async () => {
    const answer = createRestHandler(() => new FakeServices(), ENDPOINTS);
    const response = await answer(request({ method: 'GET', path: '/v1/orders' }));
    const head = await answer(
      new Request('http://localhost/v1/orders', { method: 'HEAD', headers: { authorization: `Bearer ${TOKEN}` } }),
    );
    expect([head.status, response.status]).toEqual([200, 200]);
  });

  it('decodes the variables of an address', async () => {
    const services = new FakeServices();
    const asked: string[] = [];
    services.reads.market.quote = async (symbol) => {
      asked.push(symbol);
      return null;
    };
    await createRestHandler(() => services, ENDPOINTS)(request({ method: 'GET', path: '/v1/market/quote/%42RK.b' }));
    expect(asked).toEqual(['BRK.B']);
  });

  it('answers OPTIONS with the methods that there are', async () => {
    const answer = createRestHandler(() => new FakeServices(), [placeOrderEndpoint]);
    const response = await answer(new Request('http://localhost/v1/orders', { method: 'OPTIONS' }));
    expect([response.status, response.headers.get('allow')]).toEqual([204, 'POST, OPTIONS']);
  });

  it('answers 404 for what there is not', async () => {
    const answer = createRestHandler(() => new FakeServices(), ENDPOINTS);
    for (const address of ['/v1', '/v1/nothing', '/v1/orders/x/y', '/v1/orders//x', '/v1/orders/%zz', '/v1/signals/']) {
      for (const method of ['DELETE', 'GET', 'OPTIONS']) {
        const response = await answer(new Request(`http://localhost${address}`, { method }));
        expect((await problemOf(response)).code, `${method} ${address}`).toBe('NOT_FOUND');
      }
    }
  });

  it.each(ENDPOINTS.filter(({ path }) => path.includes('{id}')))(
    '$method $path: an id that is no UUID is a 404',
    async (target) => {
      const services = new FakeServices();
      const answer = createRestHandler(() => services, ENDPOINTS);
      for (const id of ['x', '%00', '\u0000', "1' OR '1'='1", `${ID}0`]) {
        expect((await answer(request(target, id))).status).toBe(404);
      }
      expect(services.writes).toEqual([]);
    },
  );
});

it('answers 422 for a query with the NUL character', async () => {
  const answer = createRestHandler(() => new FakeServices(), ENDPOINTS);
  const response = await answer(request({ method: 'GET', path: '/v1/signals?strategy=%00' }));
  expect((await problemOf(response)).errors?.map(({ field }) => field)).toEqual(['strategy']);
});

describe('bodies', () => {
  const services = new FakeServices();
  const answer = createRestHandler(() => services, [placeOrderEndpoint]);
  const order = (text: string, headers: Record<string, string> = {}) => answer(post('/v1/orders', text, headers));

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
    expect((await answer(new Request('http://localhost/v1/orders', init))).status).toBe(413);
    expect(sent).toBeLessThan(10);
  });

  it('that are not JSON are a 400 with the position', async () => {
    const problem = await problemOf(await order('{"qty": 1,}'));
    expect(problem).toMatchObject({ status: 400, code: 'BAD_JSON' });
    expect(problem.detail).toContain('position 10');
    expect((await order('')).status).toBe(400);
    expect((await answer(post('/v1/orders', new Uint8Array([0x22, 0xff, 0x22])))).status).toBe(400);
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
    const answer = createRestHandler(() => services, [placeOrderEndpoint]);
    for (const key of ['', 'x'.repeat(256), 'schlüssel', 'a\tb']) {
      const response = await answer(post('/v1/orders', JSON.stringify(ORDER), { 'idempotency-key': key }));
      expect((await problemOf(response)).code).toBe('IDEMPOTENCY_KEY_INVALID');
    }
    expect(services.writes).toEqual([]);
    const accepted = await answer(post('/v1/orders', JSON.stringify(ORDER), { 'idempotency-key': '~ !'.repeat(85) }));
    expect(accepted.status).toBe(201);
  });

  it('is looked at before the body', async () => {
    const answer = createRestHandler(() => new FakeServices(), [placeOrderEndpoint]);
    expect((await answer(post('/v1/orders', 'no JSON', { 'idempotency-key': '' }))).status).toBe(400);
  });

  it('passes the stored answer on byte for byte, and says that it is one', async () => {
    const services = new FakeServices();
    const answer = createRestHandler(() => services, [placeOrderEndpoint]);
    const stored = { reasons: [], reply: '{"any":  "bytes"}' };
    for (const [statusCode, placement] of [
      [201, { ...stored, kind: 'PLACED', orderId: 'o', replayed: false }],
      [202, { ...stored, kind: 'REVIEW', approvalId: 'a', replayed: true }],
      [422, { ...stored, kind: 'REJECTED', code: 'DATA_STALE', replayed: true }],
    ] as const) {
      services.placement = placement;
      const response = await answer(post('/v1/orders', JSON.stringify(ORDER)));
      expect(response.status).toBe(statusCode);
      expect(await response.text()).toBe('{"any":  "bytes"}');
      expect(response.headers.get('idempotency-replayed')).toBe(placement.replayed ? 'true' : null);
      expect(response.headers.get('content-type')).toBe(
        statusCode < 400 ? 'application/json' : 'application/problem+json',
      );
    }
  });

  it.each([
    ['KEY_REUSED', 409, 'IDEMPOTENCY_KEY_REUSED'],
    ['KEY_IN_FLIGHT', 409, 'IDEMPOTENCY_IN_FLIGHT'],
    ['FOREIGN_SIGNAL', 409, 'CONFLICT'],
    ['UNAVAILABLE', 503, 'UNAVAILABLE'],
  ] as const)('answers %s, which stored nothing, with a problem', async (kind, status, code) => {
    const services = new FakeServices();
    services.placement = { kind };
    const answer = createRestHandler(() => services, [placeOrderEndpoint]);
    const response = await answer(post('/v1/orders', JSON.stringify(ORDER)));
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ code, status });
    expect(response.headers.get('retry-after')).toBe(kind === 'UNAVAILABLE' ? '1' : null);
  });
});

describe('refusals and faults', () => {
  it('a database that is away is a 503 to repeat, anything unforeseen a 500 that is reported and tells nothing', async () => {
    const services = new FakeServices();
    const answer = createRestHandler(() => services, [evaluatePolicyEndpoint]);
    services.failure = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:5432'), { code: 'ECONNREFUSED' });
    const away = await answer(post('/v1/policy/evaluate', JSON.stringify(POLICY_REQUEST)));
    expect(away.status).toBe(503);
    expect(away.headers.get('retry-after')).toBe('1');
    services.failure = new Error('secret detail');
    const fault = await answer(
      post('/v1/policy/evaluate', JSON.stringify(POLICY_REQUEST), { 'x-request-id': 'my-request-1' }),
    );
    const text = await fault.text();
    expect(fault.status).toBe(500);
    expect(text).not.toContain('secret');
    expect(text).toContain('my-request-1');
    expect(services.faults).toHaveLength(1);
  });

  it('a release by token is a 403 that points to the console', async () => {
    const services = new FakeServices();
    const answer = createRestHandler(() => services, [changeTradingStateEndpoint]);
    const response = await answer(post('/v1/trading-state', JSON.stringify({ action: 'release', reason: 'all well' })));
    const problem = await problemOf(response);
    expect(problem.status).toBe(403);
    expect(problem.detail).toContain('console');
    expect(services.writes).toEqual([]);
  });

  it('a halt that is not acknowledged yet is a 202', async () => {
    const services = new FakeServices();
    const answer = createRestHandler(() => services, [changeTradingStateEndpoint]);
    const halt = () => answer(post('/v1/trading-state', JSON.stringify({ action: 'halt', reason: 'drill' })));
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
      fuzz(300),
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
        fuzz(300),
      );
    },
  );

  async function answersInOrder(target: (typeof targets)[number], text: string): Promise<void> {
    const services = new FakeServices();
    const response = await createRestHandler(() => services, [target])(post(target.path, text));
    expect(response.status).toBeLessThan(500);
    if (response.status >= 400) {
      expect(services.writes).toEqual([]);
      await problemOf(response);
    } else {
      expect(services.writes).toHaveLength(1);
    }
  }
});
