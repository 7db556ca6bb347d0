import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OrderRequest } from '@/server/contracts/order';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import { fuzz } from '@/test-support/fuzz';
import { approvedTerms } from './approved-terms';

const MARKET: OrderRequest = {
  signal_id: '00000000-0000-4000-8000-000000000001',
  symbol: 'AAPL',
  side: 'BUY',
  qty: '10',
  order_type: 'MARKET',
  time_in_force: 'DAY',
};
const BUY: OrderRequest = { ...MARKET, order_type: 'LIMIT', limit_price: '100' };
const SELL: OrderRequest = { ...BUY, side: 'SELL' };

describe('A-6: approving less', () => {
  it.each([
    ['nothing', BUY, {}, BUY, false],
    ['the same in other words', BUY, { qty: '10.0', limitPrice: '100.00' }, BUY, false],
    ['fewer shares', MARKET, { qty: '4' }, { ...MARKET, qty: '4' }, true],
    ['a lower limit to buy', BUY, { limitPrice: '99.5' }, { ...BUY, limit_price: '99.5' }, true],
    ['a higher limit to sell', SELL, { limitPrice: '101' }, { ...SELL, limit_price: '101' }, true],
    ['both', BUY, { qty: '1', limitPrice: '99' }, { ...BUY, qty: '1', limit_price: '99' }, true],
  ] as const)('takes off %s', (_, shown, less, terms, reduced) => {
    expect(approvedTerms(shown, less)).toEqual({ ok: true, terms, reduced });
  });

  it.each([
    ['more shares', MARKET, { qty: '10.000000000001' }, 'qty'],
    ['no share', MARKET, { qty: '0' }, 'qty'],
    ['what is no number', MARKET, { qty: 'ten' }, 'qty'],
    ['a higher limit to buy', BUY, { limitPrice: '100.01' }, 'limitPrice'],
    ['a lower limit to sell', SELL, { limitPrice: '99.99' }, 'limitPrice'],
    ['a limit for an order without one', MARKET, { limitPrice: '1' }, 'limitPrice'],
    ['a limit of nothing', SELL, { limitPrice: '-1' }, 'limitPrice'],
  ] as const)('refuses %s', (_, shown, less, field) => {
    expect(approvedTerms(shown, less)).toMatchObject({ ok: false, code: 'INVALID', fields: [{ field }] });
  });

  it('never makes anything grow', () => {
    const units = fc.bigInt(-1n, 10n ** 16n).map(formatUnits);
    const positive = fc.bigInt(1n, 10n ** 16n).map(formatUnits);
    const shown = fc.record({ side: fc.constantFrom('BUY' as const, 'SELL' as const), qty: positive, limit: positive });
    fc.assert(
      fc.property(shown, fc.option(units), fc.option(units), ({ side, qty, limit }, lessQty, lessLimit) => {
        const order = { ...BUY, side, qty, limit_price: limit };
        const outcome = approvedTerms(order, { qty: lessQty ?? undefined, limitPrice: lessLimit ?? undefined });
        if (!outcome.ok) return;
        const { qty: newQty, limit_price: newLimit, ...rest } = outcome.terms;
        const { qty: _qty, limit_price: _limit, ...before } = order;
        expect(rest).toEqual(before);
        expect(parseUnits(newQty)).toBeGreaterThan(0n);
        expect(parseUnits(newQty)).toBeLessThanOrEqual(parseUnits(qty));
        const moved = parseUnits(newLimit ?? '') - parseUnits(limit);
        expect(side === 'BUY' ? moved <= 0n : moved >= 0n).toBe(true);
        expect(outcome.reduced).toBe(parseUnits(newQty) < parseUnits(qty) || moved !== 0n);
      }),
      fuzz(2000),
    );
  });
});
