import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { fuzz } from '@/test-support/fuzz';
import { canonicalJson, type JsonValue } from './canonical-json';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

const json = fc.jsonValue({ maxDepth: 4 }) as fc.Arbitrary<JsonValue>;

function shuffled(value: JsonValue): JsonValue {
  if (value === null || typeof value !== 'object') return value;
  if (Array.isArray(value)) return value.map((item: JsonValue) => shuffled(item));
  const entries = Object.entries(value).map(([key, member]) => [key, shuffled(member ?? null)] as const);
  return Object.fromEntries(entries.reverse());
}

describe('canonical JSON', () => {
  it('sorts keys, leaves out undefined, and writes no spaces', () => {
    expect(canonicalJson({ b: 1, a: [true, null, { d: 'x', c: undefined }], ab: -0 })).toBe(
      '{"a":[true,null,{"d":"x"}],"ab":0,"b":1}',
    );
    expect(canonicalJson({ a: undefined })).toBe('{}');
    expect(canonicalJson([])).toBe('[]');
  });

  it('reads back as the same value and does not depend on the order of keys', () => {
    fc.assert(
      fc.property(json, (value) => {
        const text = canonicalJson(value);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
        expect(canonicalJson(shuffled(value))).toBe(text);
      }),
      fuzz(3000),
    );
  });

  it('escapes as JSON does', () => {
    for (const text of ['"', '\\', '\n', '\u0007', '\ud800', 'é', '💵', '\u2028']) {
      expect(canonicalJson(text)).toBe(JSON.stringify(text));
      expect(canonicalJson({ [text]: 1 })).toBe(JSON.stringify({ [text]: 1 }));
    }
  });

  it('sorts large objects too', () => {
    const keys = Array.from({ length: 100 }, (_, index) => `k${(index * 37) % 100}`);
    const text = canonicalJson(Object.fromEntries(keys.map((key) => [key, 1])));
    expect(Object.keys(JSON.parse(text) as object)).toEqual([...keys].sort());
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, 1n, new Date(0), () => 1, Symbol('s')])('refuses %s', (value) => {
    expect(() => canonicalJson(value as JsonValue)).toThrow(TypeError);
  });
});
