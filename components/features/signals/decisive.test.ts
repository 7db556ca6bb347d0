import { expect, it } from 'vitest';
import { decisive, strictestFirst } from './decisive';

const hit = (code: string, tier: string) => ({ code, tier, observed: '1', threshold: '2', message: code });
const review = hit('CONFIDENCE_LOW', 'REVIEW');
const reject = hit('DATA_STALE', 'REJECT');

it('names the rules that decided, not the first that was hit', () => {
  expect(decisive({ decision: 'REJECT', reasons: [review, reject] })).toEqual([reject]);
  expect(decisive({ decision: 'REVIEW', reasons: [review] })).toEqual([review]);
});

it('lists what rejects first', () => {
  expect(strictestFirst([review, reject])).toEqual([reject, review]);
});
