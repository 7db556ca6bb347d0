import { createSerializer } from 'nuqs/server';
import { expect, it } from 'vitest';
import { breaksInput, loadReconciliationView, reconciliationParams, tieOutsInput } from './view';

const addressOf = createSerializer(reconciliationParams);

it('gives the plain view the plain address', () => {
  expect(addressOf('/reconciliation', loadReconciliationView(''))).toBe('/reconciliation');
});

it.each(['/reconciliation?breaks=resolved&symbol=AAPL', '/reconciliation?tieouts=different'])(
  'reads back %s',
  (address) => {
    const view = loadReconciliationView(new URL(address, 'http://x').searchParams);
    expect(addressOf('/reconciliation', view)).toBe(address);
  },
);

it('takes unknown values for the default', () => {
  const view = loadReconciliationView('?breaks=nonsense&tieouts=x');
  expect(view).toEqual({ breaks: 'open', symbol: '', tieouts: 'ALL' });
  expect(breaksInput(view)).toEqual({ state: 'open', symbol: '' });
  expect(tieOutsInput(view)).toEqual({ status: null });
});
