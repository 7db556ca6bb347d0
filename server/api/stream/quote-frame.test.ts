import { describe, expect, it } from 'vitest';
import { quoteFrame } from './quote-frame';

const AT = '2026-01-05T15:00:00.000Z';
const QUOTE = { symbol: 'SPY', bid: '1', ask: '2', quotedAt: AT, receivedAt: AT };

describe('quoteFrame', () => {
  it('reads a quote as the worker announces it', () => {
    expect(quoteFrame(JSON.stringify(QUOTE))).toEqual({ symbol: 'SPY', data: JSON.stringify(QUOTE) });
  });

  it.each([
    '',
    'no json',
    '{}',
    JSON.stringify({ ...QUOTE, bid: 'x' }),
    JSON.stringify({ ...QUOTE, bid: 1 }),
    JSON.stringify({ ...QUOTE, quotedAt: 'never' }),
    JSON.stringify({ ...QUOTE, quotedAt: Date.parse(AT) }),
    JSON.stringify({ ...QUOTE, quotedAt: undefined, quoted_at: AT }),
    JSON.stringify({ ...QUOTE, receivedAt: undefined }),
    JSON.stringify({ ...QUOTE, venue: 'X' }),
  ])('shows nothing of %s', (payload) => {
    expect(quoteFrame(payload)).toBeNull();
  });
});
