import { expect, it } from 'vitest';
import { haltExtent } from './halt-extent';

it('counts what a halt cancels and what it keeps, short positions at what they are worth', () => {
  const held = [
    { qty: '10', marketValue: '1000.5' },
    { qty: '-2', marketValue: '-200' },
    { qty: '0', marketValue: '0' },
  ];
  expect(haltExtent(54, held)).toEqual({ orders: '54 open orders', positions: '2 positions ($1,200.50)' });
});

it('names one or none, and no value where none is known', () => {
  expect(haltExtent(1, [{ qty: '1', marketValue: null }])).toEqual({ orders: '1 open order', positions: '1 position' });
  expect(haltExtent(0, [])).toEqual({ orders: 'no open orders', positions: 'no positions' });
});

it('is general while nothing is known', () => {
  expect(haltExtent(null, null)).toEqual({ orders: 'all open orders', positions: 'all positions' });
});
