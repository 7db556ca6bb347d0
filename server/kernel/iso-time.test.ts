import fc from 'fast-check';
import { expect, it } from 'vitest';
import { fuzz } from '@/test-support/fuzz';
import { isoTime } from './iso-time';

it('equals the platform for any instant', () => {
  const instants = fc.oneof(fc.integer({ min: -1e13, max: 1e13 }), fc.integer({ min: 1.7e12, max: 1.7e12 + 2e5 }));
  fc.assert(
    fc.property(instants, (ms) => {
      expect(isoTime(ms)).toBe(new Date(ms).toISOString());
    }),
    fuzz(5000),
  );
});

it('refuses what is no instant', () => {
  expect(() => isoTime(Number.NaN)).toThrow(RangeError);
  expect(() => isoTime(Number.POSITIVE_INFINITY)).toThrow(RangeError);
  expect(() => isoTime(1e18)).toThrow(RangeError);
});
