import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { NumberIndex } from './number-index';

describe('an index that keeps no texts', () => {
  it('finds every text and no other, through growth and shared hashes', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { maxLength: 200 }), fc.string(), (texts, other) => {
        const index = new NumberIndex();
        for (const [position, text] of texts.entries()) index.add(text, position + 1);
        const find = (text: string) => index.find(text, (number) => texts[number - 1] === text);
        expect(texts.map(find)).toEqual(texts.map((_, position) => position + 1));
        if (!texts.includes(other)) expect(find(other)).toBeUndefined();
      }),
    );
    const many = new NumberIndex();
    for (let number = 1; number <= 20_000; number += 1) many.add(`order-${number}`, number);
    for (let number = 1; number <= 20_000; number += 1) {
      expect(many.find(`order-${number}`, (found) => found === number)).toBe(number);
    }
  });

  it('asks for the right one where two texts share a hash', () => {
    // A well-known pair of FNV-1a collisions.
    const index = new NumberIndex();
    const texts = ['costarring', 'liquid'];
    for (const [position, text] of texts.entries()) index.add(text, position + 1);
    for (const [position, text] of texts.entries()) {
      const asked: number[] = [];
      const found = index.find(text, (number) => asked.push(number) > 0 && texts[number - 1] === text);
      expect(found).toBe(position + 1);
      expect(asked.length).toBe(position + 1);
    }
  });
});
