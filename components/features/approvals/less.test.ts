import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import { readLess } from './less';

const BUY = { side: 'BUY', qty: '4', limitPrice: '101.5' } as const;
const SELL = { ...BUY, side: 'SELL' } as const;
const MARKET = { ...BUY, limitPrice: null } as const;

describe('approving less (A-6)', () => {
  it.each([
    ['fewer shares', BUY, { qty: '3', limitPrice: '101.5' }, { qty: '3' }, {}],
    ['a lower limit of a buy', BUY, { qty: '4', limitPrice: ' 101.25 ' }, { limitPrice: '101.25' }, {}],
    ['a higher limit of a sell', SELL, { qty: '4.0', limitPrice: '102' }, { limitPrice: '102' }, {}],
    ['both', BUY, { qty: '1', limitPrice: '100' }, { qty: '1', limitPrice: '100' }, {}],
    ['a market order has no limit', MARKET, { qty: '1', limitPrice: '' }, { qty: '1' }, {}],
    ['nothing less', BUY, { qty: '4', limitPrice: '101.50' }, null, {}],
    ['more shares', BUY, { qty: '5', limitPrice: '101.5' }, null, { qty: 'At most 4.' }],
    ['a looser limit of a buy', BUY, { qty: '3', limitPrice: '101.51' }, null, { limitPrice: 'At most 101.5.' }],
    ['a looser limit of a sell', SELL, { qty: '3', limitPrice: '101.49' }, null, { limitPrice: 'At least 101.5.' }],
    ['no shares', BUY, { qty: '0', limitPrice: '101.5' }, null, { qty: 'Enter a number above 0.' }],
    [
      'no number',
      BUY,
      { qty: 'x', limitPrice: '' },
      null,
      { qty: 'Enter a number above 0.', limitPrice: 'Enter a number above 0.' },
    ],
  ])('%s', (_what, proposed, input, less, problems) => {
    expect(readLess(proposed, input)).toEqual({ less, problems });
  });

  it('never lets anything grow', () => {
    const amount = fc.bigInt({ min: 1n, max: 10n ** 16n }).map(formatUnits);
    fc.assert(
      fc.property(
        fc.constantFrom('BUY' as const, 'SELL' as const),
        amount,
        amount,
        amount,
        amount,
        (side, qty, limitPrice, typedQty, typedLimit) => {
          const { less } = readLess({ side, qty, limitPrice }, { qty: typedQty, limitPrice: typedLimit });
          if (less === null) return;
          expect(parseUnits(less.qty ?? qty)).toBeLessThanOrEqual(parseUnits(qty));
          const [limit, bound] = [parseUnits(less.limitPrice ?? limitPrice), parseUnits(limitPrice)];
          expect(side === 'BUY' ? limit <= bound : limit >= bound).toBe(true);
        },
      ),
    );
  });
});
