import { expect, it } from 'vitest';
import type { Clock } from './clock';
import { Notifier } from './notifier';

/** Sleeps until aborted: no time passes. */
const clock: Clock = {
  nowMs: () => 0,
  newId: () => '',
  sleep: (_ms, signal) =>
    new Promise((resolve) => {
      if (signal?.aborted === true) resolve();
      else signal?.addEventListener('abort', () => resolve(), { once: true });
    }),
};
/** Every sleep is over at once. */
const elapsed: Clock = { ...clock, sleep: () => Promise.resolve() };

it('wakes everyone who waits for the next notification', async () => {
  const notifier = new Notifier();
  const waiting = [notifier.next(clock, 1_000), notifier.next(clock, 1_000)];
  notifier.notify();
  await Promise.all(waiting);
});

it('returns at once after a notification that arrived while nobody waited, and only once', async () => {
  const notifier = new Notifier();
  const { signal } = new AbortController();
  notifier.notify();
  expect(await notifier.wait(clock, 1_000, signal)).toBe(true);
  expect(await notifier.wait(elapsed, 1_000, signal)).toBe(false);
});

it('ends a wait when the signal aborts, without a notification', async () => {
  const stop = new AbortController();
  const notifier = new Notifier();
  const waiting = notifier.wait(clock, 1_000, stop.signal);
  stop.abort();
  expect(await waiting).toBe(false);
  expect(await notifier.wait(clock, 1_000, stop.signal)).toBe(false);
});

it('calls a subscriber until it unsubscribes', () => {
  const notifier = new Notifier();
  let calls = 0;
  const unsubscribe = notifier.subscribe(() => {
    calls += 1;
  });
  notifier.notify();
  unsubscribe();
  notifier.notify();
  expect(calls).toBe(1);
});
