import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, formatUnits, parseUnits } from '@/server/kernel/money';
import { type LotFill, lotProfit, matchLots } from './lots';
import { applyTrade, flatPosition, unrealised } from './position';

function fill(orderId: string, side: 'BUY' | 'SELL', qty: string, price: string, strategy = 'a'): LotFill {
  return { orderId, strategy, side, qty: parseUnits(qty), price: parseUnits(price), atMs: 0 };
}

const shown = (fills: readonly LotFill[]) =>
  matchLots(fills).matches.map(({ openOrderId, closeOrderId, qty, profit }) => [
    openOrderId,
    closeOrderId,
    formatUnits(qty),
    formatMoney(profit),
  ]);

describe('matchLots', () => {
  it('closes the oldest shares first', () => {
    const fills = [fill('x', 'BUY', '10', '100'), fill('y', 'BUY', '10', '110'), fill('z', 'SELL', '15', '120')];
    expect(shown(fills)).toEqual([
      ['x', 'z', '10', '200'],
      ['y', 'z', '5', '50'],
    ]);
    expect(matchLots(fills).held).toEqual([{ fill: fills[1], left: parseUnits('5') }]);
  });

  it('closes the shares of its own strategy before those of another', () => {
    const fills = [
      fill('x', 'BUY', '10', '100', 'a'),
      fill('y', 'BUY', '10', '110', 'b'),
      fill('z', 'SELL', '12', '120', 'b'),
    ];
    expect(shown(fills)).toEqual([
      ['y', 'z', '10', '100'],
      ['x', 'z', '2', '40'],
    ]);
  });

  it('turns a position around, and earns on a short when the price falls', () => {
    const fills = [fill('x', 'BUY', '5', '100'), fill('y', 'SELL', '8', '90'), fill('z', 'BUY', '3', '80.5')];
    expect(shown(fills)).toEqual([
      ['x', 'y', '5', '-50'],
      ['y', 'z', '3', '28.5'],
    ]);
    expect(matchLots(fills).held).toEqual([]);
  });

  it('adds up to the account’s result: what is realised and what is open, to the last digit', () => {
    const fills = fc.array(
      fc.record({
        orderId: fc.constantFrom('o1', 'o2', 'o3', 'o4'),
        strategy: fc.constantFrom('a', 'b', ''),
        side: fc.constantFrom('BUY' as const, 'SELL' as const),
        qty: fc.bigInt({ min: 1n, max: 10n ** 15n }),
        price: fc.bigInt({ min: 1n, max: 10n ** 15n }),
        atMs: fc.nat(),
      }),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(fills, fc.bigInt({ min: 1n, max: 10n ** 15n }), (list, mark) => {
        const { matches, held } = matchLots(list);
        const position = list.reduce(applyTrade, flatPosition('SPY'));
        const realised = matches.reduce((sum, { profit }) => sum + profit, 0n);
        const open = held.reduce((sum, { fill, left }) => sum + lotProfit(fill, mark, left), 0n);
        expect(realised + open).toBe(position.realised + unrealised(position, mark));
        const heldQty = held.reduce((sum, { left }) => sum + left, 0n);
        expect(heldQty).toBe(position.qty < 0n ? -position.qty : position.qty);
        if (position.qty === 0n) expect(realised).toBe(position.realised);
      }),
    );
  });
});
