import { createSerializer } from 'nuqs/server';
import { describe, expect, it } from 'vitest';
import { loadSignalsView, signalsParams, taskText } from './view';

const addressOf = createSerializer(signalsParams);

describe('signals view in the address', () => {
  it.each(['/signals', '/signals?strategy=ema-cross&symbol=SPY&decision=REVIEW', '/signals?decision=NONE'])(
    'reads back %s',
    (address) => {
      expect(addressOf('/signals', loadSignalsView(new URL(address, 'http://x').searchParams))).toBe(address);
    },
  );

  it('takes an unknown decision for all', () => {
    expect(loadSignalsView('?decision=MAYBE').decision).toBeNull();
  });
});

describe('taskText', () => {
  const at = '2026-01-05T15:00:00.000Z';
  it.each([
    [null, 'evaluated on request'],
    [{ state: 'QUEUED' as const, outcome: null, detail: null, createdAt: at, doneAt: null }, 'queued'],
    [{ state: 'DONE' as const, outcome: 'PLACED', detail: null, createdAt: at, doneAt: at }, 'order placed'],
    [
      { state: 'DONE' as const, outcome: 'REJECTED', detail: 'DATA_STALE', createdAt: at, doneAt: at },
      'rejected: DATA_STALE',
    ],
    [{ state: 'DONE' as const, outcome: 'LATER', detail: null, createdAt: at, doneAt: at }, 'LATER'],
  ])('states the outcome of %j', (task, text) => {
    expect(taskText(task)).toBe(text);
  });
});
