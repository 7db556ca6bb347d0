import { unstable_doesMiddlewareMatch, unstable_getResponseFromNextConfig } from 'next/experimental/testing/server';
import { NextRequest } from 'next/server';
import { describe, expect, it, vi } from 'vitest';
import nextConfig from './next.config';
import { config, proxy } from './proxy';

const ORIGIN = 'http://127.0.0.1:3000';
const COMMON = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'same-origin',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=(), payment=()',
};

/** The headers of an answer: those of next.config.ts, replaced by those of the proxy where it runs. */
async function headersOf(path: string): Promise<Record<string, string>> {
  const url = `${ORIGIN}${path}`;
  const configured = await unstable_getResponseFromNextConfig({ url, nextConfig });
  const headers = Object.fromEntries(configured.headers);
  if (!unstable_doesMiddlewareMatch({ config, nextConfig, url })) return headers;
  return { ...headers, ...Object.fromEntries(proxy(new NextRequest(url)).headers) };
}

describe('security headers', () => {
  it('a page of an https address may only be read over https from then on', async () => {
    expect(await headersOf('/')).not.toHaveProperty('strict-transport-security');
    vi.stubEnv('NEXTAUTH_URL', 'https://trade.example.com');
    expect(await headersOf('/')).toMatchObject({ 'strict-transport-security': 'max-age=31536000' });
    vi.unstubAllEnvs();
  });

  it.each(['/', '/orders', '/signin', '/iconography', '/icons', '/icon.svg.html', '/no-such-page', '/v1x', '/apis'])(
    'the page %s gets a policy with a nonce of its own',
    async (path) => {
      const headers = await headersOf(path);
      expect(headers).toMatchObject(COMMON);
      const policy = headers['content-security-policy'] ?? '';
      expect(policy).toMatch(/script-src 'self' 'nonce-[A-Za-z0-9+/=]{40,}' 'strict-dynamic'/);
      expect(policy).toContain("default-src 'self'");
      expect(policy).toContain("base-uri 'none'");
      expect(policy).toContain("frame-ancestors 'none'");
      expect(policy).not.toMatch(/script-src[^;]*'unsafe-/);
      expect(headers['cache-control']).toBe('private, no-store');
      expect((await headersOf(path))['content-security-policy']).not.toBe(policy);
    },
  );

  it.each([
    '/v1',
    '/v1/orders',
    '/v1/openapi.json',
    '/api/trpc/system.status',
    '/api/auth/csrf',
    '/api/stream',
    '/health/live',
    '/icon.svg',
    '/_next/static/chunks/main.js',
  ])('%s, which is no page, may load, run and submit nothing', async (path) => {
    expect(await headersOf(path)).toMatchObject({
      ...COMMON,
      'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    });
  });
});
