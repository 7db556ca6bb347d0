import { expect, it } from 'vitest';
import { haltExtent } from './halt-extent';

it('counts what a halt cancels and what it keeps, short positions at what they are worth', () => {
  const held = [
    { qty: '10', marketValue: '1000.5' },
    { qty: '-2', marketValue: '-200' },
    { qty: '0', marketValue: '0' },
  ];
  expect(haltExtent(54, held)).toEqual({
    halt: 'Cancels 54 open orders; keeps 2 positions ($1,200.50).',
    flatten: 'closes 2 positions ($1,200.50) at market. Realises losses.',
  });
});

it('names one, and no value where none is known', () => {
  expect(haltExtent(1, [{ qty: '1', marketValue: null }]).halt).toBe('Cancels 1 open order; keeps 1 position.');
});

it('says so where nothing is open or held', () => {
  expect(haltExtent(0, [])).toEqual({ halt: 'No order is open; nothing is held.', flatten: 'has nothing to close.' });
});

it('is general while nothing is known', () => {
  expect(haltExtent(null, null)).toEqual({
    halt: 'Cancels all open orders; keeps all positions.',
    flatten: 'closes all positions at market. Realises losses.',
  });
});
