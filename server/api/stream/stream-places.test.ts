import { expect, test } from 'vitest';
import { MAX_STREAMS, MAX_STREAMS_OF_USER, StreamPlaces } from './stream-places';

const viewer = (n: number) => ({ userId: `viewer ${n}`, role: 'VIEWER' as const });
const OPERATOR = { userId: 'operator', role: 'OPERATOR' as const };

test('M6: one person has a limited number of streams, and gets a place back once a stream ends', () => {
  const places = new StreamPlaces();
  const given = Array.from({ length: MAX_STREAMS_OF_USER }, () => places.take(viewer(1)));
  expect(given.every((release) => release !== null)).toBe(true);
  expect(places.take(viewer(1))).toBeNull();
  expect(places.take(viewer(2))).not.toBeNull();
  given[0]?.();
  given[0]?.();
  expect(places.take(viewer(1))).not.toBeNull();
  expect(places.take(viewer(1))).toBeNull();
});

test('M6: viewers leave places for operators', () => {
  const places = new StreamPlaces();
  let viewers = 0;
  while (places.take(viewer(viewers)) !== null) viewers += 1;
  expect(viewers).toBeLessThan(MAX_STREAMS);
  expect(places.take(OPERATOR)).not.toBeNull();
});
