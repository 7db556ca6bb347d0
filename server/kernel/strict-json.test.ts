import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fuzz } from '@/test-support/fuzz';
import { JsonError, parseStrictJson } from './strict-json';

describe('what JSON.parse reads', () => {
  it('is read alike when written by JSON.stringify', () => {
    const anyJson = fc.jsonValue({ maxDepth: 6, stringUnit: 'grapheme' });
    fc.assert(
      fc.property(anyJson, fc.constantFrom(undefined, 1, '\t'), (value, space) => {
        const text = JSON.stringify(value, null, space);
        fc.pre(!text.includes('__proto__') && !text.includes('\\u0000'));
        expect(parseStrictJson(text)).toEqual(JSON.parse(text));
      }),
    );
  });

  it('is never read where JSON.parse refuses', () => {
    const noise = fc.string({ unit: fc.constantFrom(...'{}[]",:\\u0019eE+-.truefalsn \n\t') });
    fc.assert(
      fc.property(noise, (text) => {
        const own = attempt(() => parseStrictJson(text));
        const platform = attempt(() => JSON.parse(text));
        if (own.ok) expect(own.value).toEqual(platform.ok ? platform.value : 'refused by JSON.parse');
      }),
      fuzz(2_000),
    );
  });
});

describe('what is refused', () => {
  const cases: readonly (readonly [string, string, number])[] = [
    ['nothing', '', 0],
    ['only spaces', '  ', 2],
    ['text after the value', '{} x', 3],
    ['a comma too many', '[1,]', 3],
    ['single quotes', "{'a':1}", 1],
    ['a key twice', '{"qty":1,"qty":2}', 9],
    ['a key twice, once escaped', '{"a":1,"\\u0061":2}', 7],
    ['NaN', '{"qty":NaN}', 7],
    ['Infinity', '{"qty":-Infinity}', 7],
    ['a number beyond a double', '{"qty":1e400}', 7],
    ['a number that would be rounded', '{"qty":123456789.123456789012}', 7],
    ['an integer that would be rounded', '[9007199254740993]', 1],
    ['a number too small for a double', '[1e-400]', 1],
    ['a leading zero', '[01]', 2],
    ['a NUL character', '["a\\u0000"]', 1],
    ['half a surrogate pair', '["\\ud800"]', 1],
    ['a raw line break in a string', '["a\nb"]', 3],
    ['an unknown escape', '["\\x"]', 2],
    ['an unfinished escape', '["\\u12"]', 4],
    ['an unfinished string', '["abc', 5],
    ['a key named __proto__', '{"__proto__":{}}', 1],
    ['deep nesting', '['.repeat(33), 32],
    ['very deep nesting', '['.repeat(60_000), 32],
  ];

  it.each(cases)('%s', (_name, text, position) => {
    const result = attempt(() => parseStrictJson(text));
    expect(result.ok ? 'accepted' : result.error).toBeInstanceOf(JsonError);
    expect(result.ok ? result : result.error).toMatchObject({ position });
  });
});

it('keeps numbers whose shortest text is what was written, however long', () => {
  expect(
    parseStrictJson('[0.7100000000000001, 1.00000000000000000000, 0.000000000000100, 1e-7, 5E+2, 0, -0.0, 0e5]'),
  ).toEqual([0.7100000000000001, 1, 1e-13, 1e-7, 500, 0, -0, 0]);
});

function attempt<T>(run: () => T): { ok: true; value: T } | { ok: false; error: unknown } {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return { ok: false, error };
  }
}
