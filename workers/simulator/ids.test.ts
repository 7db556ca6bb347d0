import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { IdScheme } from './ids';

const ids = new IdScheme('5706f7d2-0bde-4400-ae40-87b84a38d5e2');

describe('ids that encode a number', () => {
  it('gives back the number of every id', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 40 }), (seq) => {
        expect(ids.seqOf('order', ids.idOf('order', seq))).toBe(seq);
      }),
    );
  });

  it('are shaped as version 4 UUIDs', () => {
    for (let seq = 1; seq <= 500; seq += 1) {
      expect(ids.idOf('order', seq)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    }
  });

  it('know neither the ids of another kind nor of another account, nor any other text', () => {
    expect(ids.seqOf('activity', ids.idOf('order', 7))).toBeNull();
    expect(ids.seqOf('order', new IdScheme('another').idOf('order', 7))).toBeNull();
    expect(ids.seqOf('order', 'nonsense')).toBeNull();
    expect(ids.seqOf('order', '00000000-0000-4000-8000-000000000000')).toBeNull();
  });
});
