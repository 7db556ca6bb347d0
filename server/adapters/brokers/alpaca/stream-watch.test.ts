import { beforeEach, expect, test } from 'vitest';
import { StreamWatch } from './stream-watch';

let nowMs = 0;
let watch: StreamWatch;

beforeEach(() => {
  nowMs = 0;
  watch = new StreamWatch(() => nowMs);
});

test('an order that nothing is heard of within ten seconds is overdue, once', () => {
  watch.expect('a');
  nowMs = 9_999;
  expect(watch.overdue()).toBe(false);
  nowMs = 10_000;
  expect(watch.overdue()).toBe(true);
  expect(watch.overdue()).toBe(false);
});

test('news may come before the answer to the order, or after it', () => {
  watch.heard('a');
  watch.expect('a');
  watch.expect('b');
  watch.heard('b');
  nowMs = 20_000;
  expect(watch.overdue()).toBe(false);
});

test('what was due while the stream was away is no silence', () => {
  watch.expect('a');
  watch.forget();
  nowMs = 20_000;
  expect(watch.overdue()).toBe(false);
});
