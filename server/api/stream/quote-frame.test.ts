import { describe, expect, it } from 'vitest';
import { quoteFrame } from './quote-frame';

describe('quoteFrame', () => {
  it('reads a quote in snake or camel case, with times as text or milliseconds', () => {
    const iso = '2026-01-05T15:00:00.000Z';
    const expected = JSON.stringify({ symbol: 'SPY', bid: '1', ask: '2', quotedAt: iso, receivedAt: iso });
    expect(quoteFrame(JSON.stringify({ symbol: 'SPY', bid: '1', ask: '2', quoted_at: iso }))?.data).toBe(expected);
    expect(quoteFrame(JSON.stringify({ symbol: 'SPY', bid: 1, ask: 2, quotedAt: Date.parse(iso) }))?.data).toBe(
      expected,
    );
  });

  it.each([
    '',
    'no json',
    '{}',
    '{"symbol":"SPY","bid":"x","ask":"1","quoted_at":0}',
    '{"symbol":"SPY","bid":"1","ask":"1","quoted_at":"never"}',
  ])('shows nothing of %s', (payload) => {
    expect(quoteFrame(payload)).toBeNull();
  });
});
