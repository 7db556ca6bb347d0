import { describe, expect, it } from 'vitest';
import { readView, taskText, writeView } from './view';

describe('the view of signals', () => {
  it.each(['/signals', '/signals?strategy=ema-cross&symbol=SPY&decision=REVIEW', '/signals?decision=NONE'])(
    '%s is what it says',
    (address) => {
      expect(writeView(readView(new URL(address, 'http://x').searchParams))).toBe(address);
    },
  );

  it('takes no decision that there is not', () => {
    expect(readView(new URLSearchParams('decision=MAYBE')).decision).toBeNull();
  });
});

describe('taskText', () => {
  const at = '2026-01-05T15:00:00.000Z';
  it.each([
    [null, 'judged on request'],
    [{ state: 'QUEUED' as const, outcome: null, detail: null, createdAt: at, doneAt: null }, 'on its way'],
    [{ state: 'DONE' as const, outcome: 'PLACED', detail: null, createdAt: at, doneAt: at }, 'placed'],
    [
      { state: 'DONE' as const, outcome: 'REJECTED', detail: 'DATA_STALE', createdAt: at, doneAt: at },
      'rejected: DATA_STALE',
    ],
    [{ state: 'DONE' as const, outcome: 'LATER', detail: null, createdAt: at, doneAt: at }, 'LATER'],
  ])('says what became of it: %j', (task, text) => {
    expect(taskText(task)).toBe(text);
  });
});
