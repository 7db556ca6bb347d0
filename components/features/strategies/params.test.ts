import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { STRATEGIES } from '@/server/domain/strategy';
import { changesOf, readParams, toParams } from './params';

const schema = z.strictObject({
  fast: z.int().min(1).max(10_000).default(12).describe('Bars of the fast average'),
  size_pct: z.number().gt(0).max(1).default(0.02),
  mode: z.enum(['a', 'b']).default('a'),
});
const params = readParams(z.toJSONSchema(schema, { io: 'input' }), schema.parse({}));

describe('the parameters of a strategy', () => {
  it('are read from its schema with names, bounds, defaults and help', () => {
    expect(params).toEqual([
      {
        name: 'fast',
        label: 'Fast',
        kind: 'integer',
        choices: [],
        hint: 'Bars of the fast average (from 1 to 10000; default 12)',
        defaultText: '12',
      },
      {
        name: 'size_pct',
        label: 'Size pct',
        kind: 'number',
        choices: [],
        hint: 'above 0 to 1; default 0.02',
        defaultText: '0.02',
      },
      { name: 'mode', label: 'Mode', kind: 'choice', choices: ['a', 'b'], hint: 'default a', defaultText: 'a' },
    ]);
  });

  it('are sent as what differs from the defaults', () => {
    expect(toParams(params, { fast: '12', size_pct: '0.05', mode: 'b' })).toEqual({ size_pct: 0.05, mode: 'b' });
    expect(toParams(params, {})).toEqual({});
  });

  it('are optional without a default', () => {
    const optional = readParams(z.toJSONSchema(z.object({ confidence: z.number().min(0).max(1).optional() })), {});
    expect(optional[0]?.hint).toBe('from 0 to 1; optional');
    expect(toParams(optional, { confidence: '' })).toEqual({});
    expect(toParams(optional, { confidence: '0.8' })).toEqual({ confidence: 0.8 });
  });

  it.each([{ fast: 'ten' }, { fast: '1.5' }, { fast: '' }, { mode: 'c' }])('are not sent as %j', (typed) => {
    expect(toParams(params, typed)).toBeNull();
  });

  it('are compared with what stood', () => {
    const before = { enabled: true, params: { fast: 20, size_pct: 0.02 } };
    expect(changesOf(params, before, false, { fast: '12', size_pct: '0.02' })).toEqual([
      { label: 'Runs', from: 'on', to: 'off' },
      { label: 'Fast', from: '20', to: '12' },
    ]);
    expect(changesOf(params, before, true, {})).toEqual([]);
  });

  it.each(STRATEGIES.map((strategy) => [strategy.name, strategy] as const))(
    'of %s are all numbers to be typed',
    (_, strategy) => {
      const read = readParams(z.toJSONSchema(strategy.params, { io: 'input', unrepresentable: 'any' }), {});
      expect(read.length).toBeGreaterThan(0);
      expect(read.map(({ kind }) => kind)).not.toContain('text');
    },
  );
});
