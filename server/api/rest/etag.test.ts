import { describe, expect, it } from 'vitest';
import { conditionalAnswer, etagOf } from './etag';

const asking = (tag?: string) =>
  new Request('http://localhost/v1/x', { headers: tag === undefined ? {} : { 'if-none-match': tag } });

describe('an answer that may be asked about again', () => {
  const body = { symbol: 'SPY', age_seconds: 1 };
  const identity = { symbol: 'SPY' };

  it('carries the tag of what it says, whatever else changes', async () => {
    const first = conditionalAnswer(asking(), body, { identity });
    const later = conditionalAnswer(asking(), { ...body, age_seconds: 2 }, { identity });
    expect(first.status).toBe(200);
    expect(await first.json()).toEqual(body);
    expect(first.headers.get('cache-control')).toBe('private, no-cache');
    expect(later.headers.get('etag')).toBe(first.headers.get('etag'));
    expect(conditionalAnswer(asking(), body).headers.get('etag')).not.toBe(first.headers.get('etag'));
  });

  it.each([
    [etagOf({ symbol: 'SPY' }), 304],
    [etagOf({ symbol: 'SPY' }).slice(2), 304],
    [`"other", ${etagOf({ symbol: 'SPY' })}`, 304],
    ['*', 304],
    ['"other"', 200],
  ])('If-None-Match %s: %i', async (tag, status) => {
    const response = conditionalAnswer(asking(tag), body, { identity });
    expect([response.status, (await response.text()) === '']).toEqual([status, status === 304]);
    expect(response.headers.get('etag')).toBe(etagOf(identity));
  });
});
