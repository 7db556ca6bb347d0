import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { TimeLimitError, within } from './time-limit';

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

test('the result of work that ends in time is returned, and no timer is left', async () => {
  expect(await within('replay', 1_000, Promise.resolve(7))).toBe(7);
  expect(vi.getTimerCount()).toBe(0);
});

test('an error of the work itself is passed on', async () => {
  await expect(within('replay', 1_000, Promise.reject(new Error('no data')))).rejects.toThrow('no data');
  expect(vi.getTimerCount()).toBe(0);
});

test('work that never ends is given up, with the row and its limit in the message', async () => {
  const waiting = expect(within('ingest', 90_000, new Promise(() => undefined))).rejects.toThrow(
    new TimeLimitError('ingest exceeded its time limit of 90 s'),
  );
  await vi.advanceTimersByTimeAsync(90_000);
  await waiting;
});
