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
  it('says nothing that the worker has not counted', () => {
    expect(prepareHalt(halt)).toEqual({ counts: [], stuck: [], fault: null, retry: 'Trying again.' });
  });

  it('counts what was cancelled and filled, and marks what keeps it from being verified', () => {
    const progress = { cancelled: 195, filled: 5, working: 2, uncertain: 0, at_broker: 2, requests: 3 };
    expect(prepareHalt({ ...halt, progress }).counts).toEqual([
      { label: 'Cancelled', value: 195, open: false },
      { label: 'Filled', value: 5, open: false },
      { label: 'Still working', value: 2, open: true },
      { label: 'In doubt', value: 0, open: false },
      { label: "At the broker's", value: 2, open: true },
    ]);
  });

  it('lists what cannot be cancelled yet with its reason, and what is done about it', () => {
    const progress = {
      stuck: [{ order_id: 'o-1', symbol: 'SPY', why: 'pending replace' }, 'nonsense'],
      lastError: '1 cancel(s) were refused',
      requests: 2,
    };
    const view = prepareHalt({ ...halt, progress });
    expect(view.stuck).toEqual([{ id: 'o-1', symbol: 'SPY', why: 'pending replace' }]);
    expect(`${view.fault} ${view.retry}`).toBe(
      'Last error: 1 cancel(s) were refused. Trying again (2 requests so far).',
    );
  });

  it('tries nothing again once it is verified', () => {
    expect(prepareHalt({ ...halt, verifiedAt: '2026-01-05T15:00:03.000Z' }).retry).toBeNull();
  });
});
