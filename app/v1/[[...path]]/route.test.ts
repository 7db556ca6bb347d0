import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import * as health from '@/app/health/[...path]/route';
import * as v1 from './route';

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

const described = async () => {
  const response = await v1.GET(new Request('http://localhost/v1/openapi.json'));
  expect(response.status).toBe(200);
  return z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) }).parse(await response.json())
    .paths;
};

describe('the routes of /v1 and /health', () => {
  it('answer on each described address with exactly the described methods', async () => {
    const paths = Object.entries(await described());
    expect(paths.length).toBeGreaterThan(15);
    for (const [path, operations] of paths) {
      const { OPTIONS } = path.startsWith('/health/') ? health : v1;
      const address = `http://localhost${path.replaceAll(/\{\w+\}/g, 'x')}`;
      const response = await OPTIONS(new Request(address, { method: 'OPTIONS' }));
      expect(response.status, path).toBe(204);
      const allowed = response.headers
        .get('allow')
        ?.split(', ')
        .filter((method) => !/^(HEAD|OPTIONS)$/.test(method));
      expect(allowed?.sort(), path).toEqual(
        Object.keys(operations)
          .map((method) => method.toUpperCase())
          .sort(),
      );
    }
  });

  it.each(METHODS)('answer %s on an unknown address with 404', async (method) => {
    for (const [handlers, path] of [
      [v1, '/v1'],
      [v1, '/v1/nothing'],
      [health, '/health/nothing'],
    ] as const) {
      const response = await handlers[method](new Request(`http://localhost${path}`, { method }));
      expect(response.status).toBe(404);
      expect(response.headers.get('content-type')).toBe('application/problem+json');
    }
  });

  it.each(METHODS.filter((method) => method !== 'GET' && method !== 'OPTIONS'))(
    'refuse %s on an address that answers GET',
    async (method) => {
      for (const [handlers, path] of [
        [v1, '/v1/openapi.json'],
        [health, '/health/live'],
      ] as const) {
        const response = await handlers[method](new Request(`http://localhost${path}`, { method }));
        expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, OPTIONS']);
      }
    },
  );

  it('answer that the process is live', async () => {
    const response = await health.GET(new Request('http://localhost/health/live'));
    expect([response.status, await response.json()]).toEqual([200, { status: 'live' }]);
  });
});
