import { beforeEach, expect, test } from 'vitest';
import { CircuitBreaker } from './breaker';

let nowMs = 0;
let breaker: CircuitBreaker;

beforeEach(() => {
  nowMs = 1_000;
  breaker = new CircuitBreaker(() => nowMs);
});

const fail = (times: number) => {
  for (let n = 0; n < times; n++) breaker.failed();
};

test('it opens after five failures in a row, and an answer in between starts again', () => {
  fail(4);
  breaker.answered();
  fail(4);
  expect(breaker.state).toBe('CLOSED');
  breaker.failed();
  expect(breaker.state).toBe('OPEN');
  expect(breaker.askMs()).toBe(1_000);
});

test('after the pause one call may try, the others wait for what comes of it', () => {
  fail(5);
  nowMs += 1_000;
  expect(breaker.state).toBe('HALF_OPEN');
  expect(breaker.holdMs()).toBeGreaterThan(0);
  expect(breaker.askMs()).toBe(0);
  expect(breaker.askMs()).toBeGreaterThan(0);
  breaker.answered();
  expect(breaker.state).toBe('CLOSED');
  expect(breaker.holdMs()).toBe(0);
});

test('each failed try doubles the pause, up to eight seconds', () => {
  fail(5);
  const pauses: number[] = [];
  for (let n = 0; n < 6; n++) {
    const waitMs = breaker.askMs();
    pauses.push(waitMs);
    nowMs += waitMs;
    expect(breaker.askMs()).toBe(0);
    breaker.failed();
  }
  expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 8_000, 8_000]);
});

test('calls that were under way when it opened do not lengthen the pause', () => {
  fail(16);
  expect(breaker.askMs()).toBe(1_000);
});

test('a probe without an outcome holds the others back for a while only', () => {
  fail(5);
  nowMs += 1_000;
  expect(breaker.askMs()).toBe(0);
  nowMs += 8_000;
  expect(breaker.askMs()).toBe(0);
});
