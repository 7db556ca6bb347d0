import { describe, expect, it } from 'vitest';
import { isSameOrigin } from './same-origin';

const HOST = { host: '127.0.0.1:3000' };

describe('isSameOrigin', () => {
  it.each([
    ["our own page's request", { ...HOST, origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' }, true],
    ['an old browser without Sec-Fetch-Site', { ...HOST, origin: 'http://127.0.0.1:3000' }, true],
    ['another site', { ...HOST, origin: 'https://evil.test', 'sec-fetch-site': 'cross-site' }, false],
    [
      'another port of the same machine',
      { ...HOST, origin: 'http://127.0.0.1:8080', 'sec-fetch-site': 'same-site' },
      false,
    ],
    ['a sandboxed frame', { ...HOST, origin: 'null' }, false],
    ['a typed address', { ...HOST, 'sec-fetch-site': 'none' }, false],
    ['no browser at all', HOST, false],
  ])('%s', (_, headers, expected) => {
    expect(isSameOrigin(new Headers(headers))).toBe(expected);
  });

  const BEHIND_PROXY = { host: '127.0.0.1:3000', 'sec-fetch-site': 'same-origin' };
  it.each([
    ['M5: a proxy that changes Host', { ...BEHIND_PROXY, origin: 'https://trade.example.com' }, true],
    ['M5: plain http where the address is https', { ...BEHIND_PROXY, origin: 'http://127.0.0.1:3000' }, false],
    ['M5: plain http of the same name', { ...BEHIND_PROXY, origin: 'http://trade.example.com' }, false],
    ['another site', { host: '127.0.0.1:3000', origin: 'https://evil.test' }, false],
    ['another port', { host: '127.0.0.1:3000', origin: 'https://trade.example.com:8443' }, false],
  ])('%s', (_, headers, expected) => {
    expect(isSameOrigin(new Headers(headers), 'https://trade.example.com')).toBe(expected);
  });
});
