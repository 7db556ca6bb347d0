import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PackedLog } from './packed-log';

describe('packed log', () => {
  it('gives back every text by its number, across chunks', () => {
    const log = new PackedLog();
    const texts = Array.from({ length: 5000 }, (_, index) => `${index}:${'ä'.repeat(index % 200)}`);
    for (const [index, text] of texts.entries()) expect(log.append(text)).toBe(index);
    expect(texts.map((_, index) => log.read(index))).toEqual(texts);
    expect(log.size).toBe(5000);
  });

  it('keeps any texts in order', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        const log = new PackedLog();
        for (const text of texts) log.append(text);
        expect(texts.map((_, index) => log.read(index))).toEqual(texts);
      }),
    );
  });

  it('refuses numbers that it never gave out', () => {
    expect(() => new PackedLog().read(0)).toThrow(RangeError);
  });
});
