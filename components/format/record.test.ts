import { describe, expect, it } from 'vitest';
import { labelOf, recordText } from './record';

describe('recordText', () => {
  it.each([
    [{ latency_ms: 3 }, 'latency 3 ms'],
    [{ atMs: 1_796_049_617_161 }, 'at 09:40:17 ET'],
    [{ lastLookAtMs: 1_796_049_617_161 }, 'last look at 09:40:17 ET'],
    [{ afterSeconds: 30, cancels: 'off' }, 'after 30 s · cancels off'],
    [{ size_pct: '2.5' }, 'size 2.5%'],
    [{ all: true, attempt: 1_200 }, 'all: yes · attempt 1,200'],
    [{ qty: '5', empty: '', nothing: null, nested: { a: 1 } }, 'qty 5'],
    [{}, '—'],
  ])('%j reads %j', (record, text) => {
    expect(recordText(record)).toBe(text);
  });

  it('leaves out what is named', () => {
    expect(recordText({ order_id: 'x', outcome: 'accepted' }, /_id$/)).toBe('outcome accepted');
  });
});

describe('labelOf', () => {
  it.each([
    ['fills_after_halt', 'fills after halt'],
    ['verifiedMs', 'verified ms'],
    ['AAPL', 'AAPL'],
  ])('labels %s', (key, label) => expect(labelOf(key)).toBe(label));
});
