import { describe, expect, it } from 'vitest';
import { refreshed, unseenCount, withPage, withRow } from './row-feed';

const row = (id: string, status = 'new') => ({ id, status });
const keyOf = ({ id }: { readonly id: string }) => id;
const held = { rows: [row('c'), row('b')], nextCursor: 'after-b' };

describe('held rows', () => {
  it('grow by an older page, without a row that was there before', () => {
    const grown = withPage(held, { rows: [row('b'), row('a')], nextCursor: null }, keyOf);
    expect(grown).toEqual({ rows: [row('c'), row('b'), row('a')], nextCursor: null });
  });

  it('keep their places while their contents follow the newest page', () => {
    const newest = { rows: [row('d'), row('b', 'filled')], nextCursor: 'x' };
    expect(refreshed(held, newest, keyOf)).toEqual([row('c'), row('b', 'filled')]);
    expect(unseenCount(held, newest, keyOf)).toBe(1);
  });

  it('take a single new version of a row, and nothing that they do not hold', () => {
    expect(withRow(held, row('c', 'filled'), keyOf).rows[0]).toEqual(row('c', 'filled'));
    expect(withRow(held, row('z'), keyOf)).toBe(held);
  });
});
