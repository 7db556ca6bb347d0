import { describe, expect, it } from 'vitest';
import { exactFigure, prepareSides, signedFigure } from './prepare-sides';

describe('prepareSides', () => {
  it('puts the same name of both sides on one line and says by how much they differ, exactly', () => {
    expect(prepareSides({ qty: '210.000000000000' }, { qty: '195', difference: '-15' })).toEqual([
      { name: 'qty', ours: '210', theirs: '195', differs: true, difference: '15' },
    ]);
  });

  it('does not take another way of writing the same number for a difference', () => {
    expect(prepareSides({ cash: '1000.50' }, { cash: '1000.5' })[0]).toMatchObject({ differs: false });
  });

  it('shows what one side alone has with a dash on the other', () => {
    expect(prepareSides({ status: 'CANCELLED' }, { external_order_id: 'x', status: 'new' })).toEqual([
      { name: 'status', ours: 'CANCELLED', theirs: 'new', differs: true, difference: null },
      { name: 'external order id', ours: '—', theirs: 'x', differs: false, difference: null },
    ]);
  });
});

it.each([
  ['-1234.500', '−1,234.5'],
  ['0.000', '0'],
  ['-0', '0'],
  ['100', '100'],
  ['FILLED', 'FILLED'],
])('shows %s exactly as %s', (text, shown) => expect(exactFigure(text)).toBe(shown));

it.each([
  [null, '—'],
  ['15.0', '+15'],
  ['-2', '−2'],
  ['0', '0'],
])('signs %j as %s', (text, shown) => expect(signedFigure(text)).toBe(shown));
