import { describe, expect, it } from 'vitest';
import { bookingPreview } from './booking-preview';

const base = { symbol: 'AAPL', ours: {}, theirs: {} };

describe('what accepting the broker books', () => {
  it('is the difference of a position, from ours to theirs', () => {
    expect(
      bookingPreview({ ...base, cause: 'POSITION_MISMATCH', ours: { qty: '210' }, theirs: { qty: '195.5' } }),
    ).toEqual({ from: '210', to: '195.5', change: '-14.5', what: 'shares' });
  });

  it('is the difference of cash', () => {
    expect(
      bookingPreview({ ...base, cause: 'CASH_MISMATCH', ours: { cash: '-10' }, theirs: { cash: '2.25' } }),
    ).toEqual({ from: '−10', to: '2.25', change: '+12.25', what: 'cash' });
  });

  it.each([
    ['a break about an order', { cause: 'LATE_FILL', ours: { qty: '1' }, theirs: { qty: '2' } }],
    ['figures that one side does not give', { cause: 'CASH_MISMATCH', ours: { cash: '1' }, theirs: {} }],
    ['figures that agree', { cause: 'CASH_MISMATCH', ours: { cash: '1.0' }, theirs: { cash: '1' } }],
  ])('is nothing for %s', (_, found) => expect(bookingPreview({ ...base, ...found })).toBeNull());
});
