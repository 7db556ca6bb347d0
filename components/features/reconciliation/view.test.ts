import { expect, it } from 'vitest';
import { readView, tieOutsInput, writeView } from './view';

it('gives the plain view the plain address', () => {
  expect(writeView(readView(new URLSearchParams()))).toBe('/reconciliation');
});

it.each(['/reconciliation?breaks=resolved&symbol=AAPL', '/reconciliation?tieouts=different'])(
  'reads back %s',
  (address) => {
    expect(writeView(readView(new URLSearchParams(address.split('?')[1])))).toBe(address);
  },
);

it('takes what it does not know for the default', () => {
  const view = readView(new URLSearchParams('breaks=nonsense&tieouts=x'));
  expect(view).toEqual({ state: 'open', symbol: '', tieOuts: 'ALL' });
  expect(tieOutsInput(view)).toEqual({ status: null });
});
