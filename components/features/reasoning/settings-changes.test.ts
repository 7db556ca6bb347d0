import { describe, expect, test } from 'vitest';
import { reasoningLimitsSchema } from '@/server/contracts/reasoning';
import { type Draft, problemOf, toDraft, wantedOf } from './settings-changes';

const AT = { updated_at: '2026-01-05T15:00:00.000Z', updated_by: 'ann' };
const SETTINGS = {
  limits: {
    tokens_per_day: 1_000_000,
    dollars_per_day: '5',
    tokens_per_signal: null,
    dollars_per_signal: '0.25',
    ...AT,
  },
  prices: [
    { model: 'one', input_per_million: '1', output_per_million: '2', ...AT },
    { model: 'two', input_per_million: '3', output_per_million: '4', ...AT },
  ],
  today: { day: '2026-01-05', tokens: 0, dollars: '0', memos: 0 },
};
const draft = toDraft(SETTINGS);
const withLimits = (limits: Partial<Draft['limits']>): Draft => ({ ...draft, limits: { ...draft.limits, ...limits } });

describe('the form of limits and prices', () => {
  test('as it was opened changes nothing', () => {
    expect(problemOf(draft)).toBeNull();
    expect(wantedOf(SETTINGS, draft)).toEqual({ changes: [], limits: null, set: [], removed: [] });
  });

  test('lists each change, and sends all limits together', () => {
    const { changes, limits } = wantedOf(SETTINGS, withLimits({ dollars_per_day: '', tokens_per_signal: ' 6000 ' }));
    expect(changes).toEqual([
      { label: '$ per day', from: '5', to: 'unlimited' },
      { label: 'Tokens per signal', from: 'unlimited', to: '6000' },
    ]);
    expect(reasoningLimitsSchema.parse(limits)).toEqual({
      tokens_per_day: 1_000_000,
      dollars_per_day: null,
      tokens_per_signal: 6_000,
      dollars_per_signal: '0.25',
    });
  });

  test('sets new and changed prices, and removes the others', () => {
    const prices = [
      { key: 0, model: 'one', input: '1.5', output: '2' },
      { key: 9, model: 'three', input: '0', output: '0' },
    ];
    const wanted = wantedOf(SETTINGS, { ...draft, prices });
    expect(wanted.set.map(({ model }) => model)).toEqual(['one', 'three']);
    expect(wanted.removed).toEqual(['two']);
    expect(wanted.changes).toEqual([
      { label: 'one', from: '$1 in, $2 out', to: '$1.5 in, $2 out' },
      { label: 'three', from: 'none', to: '$0 in, $0 out' },
      { label: 'two', from: '$3 in, $4 out', to: 'none' },
    ]);
  });

  test.each([
    ['tokens with a fraction', withLimits({ tokens_per_day: '1.5' }), /Tokens per day/],
    ['negative dollars', withLimits({ dollars_per_signal: '-1' }), /\$ per signal/],
    [
      'a model without a name',
      { ...draft, prices: [{ key: 0, model: '', input: '1', output: '1' }] },
      /Enter the name/,
    ],
    [
      'a name with a space',
      { ...draft, prices: [{ key: 0, model: 'a b', input: '1', output: '1' }] },
      /not a valid model name/,
    ],
    ['a price that is no number', { ...draft, prices: [{ key: 0, model: 'a', input: 'x', output: '1' }] }, /million/],
    [
      'one model twice',
      { ...draft, prices: [...draft.prices, { key: 7, model: 'one', input: '1', output: '1' }] },
      /two prices/,
    ],
  ])('refuses %s', (_, wrong, words) => {
    expect(problemOf(wrong)).toMatch(words);
  });
});
