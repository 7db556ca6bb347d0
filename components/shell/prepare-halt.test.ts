import { describe, expect, it } from 'vitest';
import { prepareHalt } from './prepare-halt';

const halt = {
  id: 'h',
  requestedAt: '2026-01-05T15:00:00.000Z',
  acknowledgedAt: '2026-01-05T15:00:00.100Z',
  verifiedAt: null,
  progress: {},
};

describe("a halt's progress", () => {
  it('shows no counts before the worker reports any', () => {
    expect(prepareHalt(halt)).toEqual({ counts: [], stuck: [], fault: null, retry: 'Retrying.' });
  });

  it('counts cancelled and filled orders, and marks those that prevent verification', () => {
    const progress = { cancelled: 195, filled: 5, working: 2, uncertain: 0, at_broker: 2, requests: 3 };
    expect(prepareHalt({ ...halt, progress }).counts).toEqual([
      { label: 'Cancelled', value: 195, open: false },
      { label: 'Filled', value: 5, open: false },
      { label: 'Still open', value: 2, open: true },
      { label: 'Unconfirmed', value: 0, open: false },
      { label: 'At the broker', value: 2, open: true },
    ]);
  });

  it('lists orders that could not be cancelled with the reason and the next step', () => {
    const progress = {
      stuck: [{ order_id: 'o-1', symbol: 'SPY', why: 'pending replace' }, 'nonsense'],
      lastError: '1 cancel(s) were refused',
      requests: 2,
    };
    const view = prepareHalt({ ...halt, progress });
    expect(view.stuck).toEqual([{ id: 'o-1', symbol: 'SPY', why: 'pending replace' }]);
    expect(`${view.fault} ${view.retry}`).toBe('Last error: 1 cancel(s) were refused. Retrying (2 requests so far).');
  });

  it('has no next step once verified', () => {
    expect(prepareHalt({ ...halt, verifiedAt: '2026-01-05T15:00:03.000Z' }).retry).toBeNull();
  });
});
