import { expect, test } from 'vitest';
import { median, medianRatio, percentile } from './stats';

test.each([
  [[3, 1, 2], 2],
  [[4, 1, 3, 2], 2.5],
  [[7], 7],
])('the median of %j is %d', (values, expected) => {
  expect(median(values)).toBe(expected);
});

test('percentiles are values that were measured', () => {
  const values = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(percentile(values, 0.5)).toBe(50);
  expect(percentile(values, 0.99)).toBe(99);
  expect(percentile(values, 1)).toBe(100);
  expect(percentile([5], 0.01)).toBe(5);
});

test('one disturbed pair does not move the ratio', () => {
  const pairs = [
    { subject: 80, baseline: 100 },
    { subject: 8, baseline: 100 },
    { subject: 40, baseline: 50 },
  ];
  expect(medianRatio(pairs)).toBe(0.8);
});

test('nothing measured is an error, not a zero', () => {
  expect(() => median([])).toThrow(RangeError);
  expect(() => percentile([], 0.5)).toThrow(RangeError);
});
