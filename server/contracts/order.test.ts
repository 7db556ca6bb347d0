import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { orderRequestSchema } from '@/server/contracts/order';
import { formatUnits } from '@/server/kernel/money';

const MARKET = {
  signal_id: '0198F2A0-0000-7000-8000-000000000001',
  symbol: 'brk.b',
  side: 'SELL',
  qty: 10,
  order_type: 'MARKET',
};

describe('the order request', () => {
  it('is normalised: symbol in capitals, id in small letters, DAY unless stated, numbers as text', () => {
    expect(orderRequestSchema.parse(MARKET)).toEqual({
      signal_id: '0198f2a0-0000-7000-8000-000000000001',
      symbol: 'BRK.B',
      side: 'SELL',
      qty: '10',
      order_type: 'MARKET',
      time_in_force: 'DAY',
    });
  });

  it('comes out of its own output unchanged', () => {
    const once = orderRequestSchema.parse({
      ...MARKET,
      order_type: 'LIMIT',
      limit_price: '101.25',
      time_in_force: 'IOC',
    });
    expect(orderRequestSchema.parse(JSON.parse(JSON.stringify(once)))).toEqual(once);
  });

  it.each([
    ['a price', { stop_price: '95.00' }, { stop_price: '95.00' }],
    ['a distance', { distance_pct: 0.05 }, { distance_pct: '0.05' }],
  ])('takes a protective stop at %s', (_, stop_loss, parsed) => {
    expect(orderRequestSchema.parse({ ...MARKET, side: 'BUY', stop_loss }).stop_loss).toEqual(parsed);
  });

  it.each([
    ['both a price and a distance', { stop_loss: { stop_price: 95, distance_pct: 0.05 } }],
    ['neither', { stop_loss: {} }],
    ['a distance of the whole price', { stop_loss: { distance_pct: 1 } }],
    ['something else', { stop_loss: { stop_price: 95, trail: 1 } }],
    ['a closing order', { side: 'SELL', stop_loss: { stop_price: 95 } }],
    ['an order that is good for an instant', { time_in_force: 'IOC', stop_loss: { stop_price: 95 } }],
  ])('refuses a protective stop with %s', (_, changes) => {
    expect(orderRequestSchema.safeParse({ ...MARKET, side: 'BUY', ...changes }).success).toBe(false);
  });

  it('keeps any decimal of up to 12 places exactly as text', () => {
    const qty = fc.bigInt({ min: 1n, max: 10n ** 21n }).map(formatUnits);
    fc.assert(
      fc.property(qty, (text) => {
        expect(orderRequestSchema.parse({ ...MARKET, qty: text }).qty).toBe(text);
      }),
    );
  });

  it.each([
    ['qty', '1000000000.000000000001'],
    ['qty', '0'],
    ['qty', '-1'],
    ['qty', 'ten'],
    ['qty', ' 10'],
    ['qty', '1e400'],
    ['qty', '0x10'],
    ['qty', '9'.repeat(41)],
    ['qty', Number.MAX_VALUE],
    ['qty', Number.MIN_VALUE],
    ['qty', true],
    ['qty', null],
    ['symbol', 'ABCDEFGHIJKLM'],
    ['symbol', '1ABC'],
    ['symbol', ''],
    ['symbol', 'ſpy'],
    ['time_in_force', 'GTD'],
    ['stop_price', 100],
  ])('refuses %s: %j, and names it', (field, value) => {
    const result = orderRequestSchema.safeParse({ ...MARKET, [field]: value });
    expect(result.success).toBe(false);
    expect(result.error?.issues.map((issue) => issue.path.join('.'))).toEqual([field]);
  });

  it('is strict about fields that it does not know', () => {
    expect(orderRequestSchema.safeParse({ ...MARKET, extended_hours: true }).success).toBe(false);
  });
});
