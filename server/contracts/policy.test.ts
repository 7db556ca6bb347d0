import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { DEFAULT_POLICY_BODY } from '@/server/domain/policy';
import { fuzz } from '@/test-support/fuzz';
import { decimalSetting, hasAtMost12Decimals } from './decimal-number';
import { policyRequestSchema, policyResponseSchema } from './policy';
import { policyBodySchema, policyOverrideSchema, readStoredPolicy } from './policy-body';
import { symbolSchema } from './symbol';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

type Json = Record<string, unknown>;

function request(change: Json = {}): Json {
  return {
    signal_id: '00000000-0000-4000-8000-000000000000',
    symbol: 'AAPL',
    candidate_action: 'BUY',
    confidence: 0.71,
    size_pct: 0.02,
    market_context: { data_age_seconds: 12, market_open: true, event_blackout_active: false },
    portfolio_context: { gross_exposure_pct: 0.25, daily_drawdown_pct: 0.01 },
    ...change,
  };
}

/** The request with one member changed, named by its path. */
function withMember(path: string, value: unknown): Json {
  const [head = '', rest] = path.split('.');
  if (rest === undefined) return request({ [head]: value });
  return request({ [head]: { ...(request()[head] as Json | undefined), [rest]: value } });
}

function problemPaths(body: unknown): string[] {
  const result = policyRequestSchema.safeParse(body);
  return result.success ? [] : result.error.issues.map(({ path }) => path.join('.'));
}

describe('a policy request', () => {
  it("accepts the specification's example unchanged", () => {
    expect(policyRequestSchema.parse(request())).toEqual(request());
  });

  it('accepts every optional member', () => {
    const body = request({
      stop_distance_pct: 1,
      market_context: { data_age_seconds: 0, market_open: false, event_blackout_active: true, liquidity_score: 1 },
      portfolio_context: { gross_exposure_pct: 0, daily_drawdown_pct: 1, correlation: -1, position_effect: 'REDUCE' },
      reasoning: { status: 'OK', recommendation: 'AVOID' },
    });
    expect(policyRequestSchema.parse(body)).toEqual(body);
    expect(problemPaths(request({ reasoning: { status: 'FAILED' } }))).toEqual([]);
  });

  it('upper-cases the symbol', () => {
    expect(policyRequestSchema.parse(request({ symbol: 'brk.b' })).symbol).toBe('BRK.B');
  });

  it.each([
    ['signal_id', 'uuid'],
    ['symbol', ''],
    ['symbol', '1AAPL'],
    ['symbol', 'ABCDEFGHIJKLM'],
    ['symbol', 'AA PL'],
    ['symbol', 'AAPL\n'],
    ['symbol', 7],
    ['candidate_action', 'HOLD'],
    ['candidate_action', 'buy'],
    ['confidence', -0.01],
    ['confidence', 1.01],
    ['confidence', '0.7'],
    ['confidence', null],
    ['confidence', Number.NaN],
    ['confidence', Number.POSITIVE_INFINITY],
    ['confidence', 0.1234567890123],
    ['size_pct', 0],
    ['size_pct', -0.02],
    ['size_pct', 1.5],
    ['size_pct', 1e-13],
    ['stop_distance_pct', 0],
    ['stop_distance_pct', 2],
    ['market_context', null],
    ['market_context', []],
    ['market_context.data_age_seconds', -1],
    ['market_context.data_age_seconds', 1e9],
    ['market_context.market_open', 'true'],
    ['market_context.event_blackout_active', 0],
    ['market_context.liquidity_score', 1.1],
    ['portfolio_context.gross_exposure_pct', -0.1],
    ['portfolio_context.gross_exposure_pct', 101],
    ['portfolio_context.daily_drawdown_pct', -0.01],
    ['portfolio_context.daily_drawdown_pct', 1.01],
    ['portfolio_context.correlation', -1.1],
    ['portfolio_context.position_effect', 'CLOSE'],
    ['reasoning.status', 'MAYBE'],
    ['reasoning', { status: 'OK', recommendation: 'BUY_MORE' }],
  ])('names %s when it is %j', (path, value) => {
    const paths = problemPaths(withMember(path, value));
    expect(paths.length).toBeGreaterThan(0);
    for (const found of paths) expect(found.startsWith(path)).toBe(true);
  });

  it('wants a recommendation with a memo that is OK', () => {
    expect(problemPaths(request({ reasoning: { status: 'OK' } }))).toEqual(['reasoning.recommendation']);
  });

  it('refuses unknown keys at every level', () => {
    const unknown = [
      request({ approved: true }),
      withMember('market_context.open', true),
      withMember('portfolio_context.cash', 1),
      request({ reasoning: { status: 'FAILED', note: 'x' } }),
    ];
    for (const body of unknown) expect(policyRequestSchema.safeParse(body).success).toBe(false);
  });

  it('never throws, whatever comes', () => {
    fc.assert(
      fc.property(fc.anything(), fc.anything(), (anything, member) => {
        policyRequestSchema.safeParse(anything);
        policyRequestSchema.safeParse(request({ confidence: member, symbol: anything, market_context: member }));
      }),
      fuzz(3000),
    );
  });

  it('has a JSON schema with its bounds', () => {
    const schema = z.toJSONSchema(policyRequestSchema, { io: 'input' });
    expect(schema.properties).toMatchObject({
      confidence: { type: 'number', minimum: 0, maximum: 1 },
      size_pct: { type: 'number', exclusiveMinimum: 0, maximum: 1 },
    });
    expect(z.toJSONSchema(policyResponseSchema).required).toContain('approved_size_pct');
  });
});

describe('symbols', () => {
  it.each(['ßAPL', 'ſPY', 'ıBM', 'ＡAPL'])('refuses %s, whose upper case is ASCII or looks like it', (text) => {
    expect(symbolSchema.safeParse(text).success).toBe(false);
  });
});

describe('twelve decimals', () => {
  it('are counted in the shortest decimal text of a number', () => {
    const texts = fc
      .tuple(fc.bigInt({ min: -(10n ** 17n), max: 10n ** 17n }), fc.integer({ min: -2, max: 20 }))
      .map(([digits, exponent]) => Number(`${digits}e-${exponent}`.replace('--', '')));
    fc.assert(
      fc.property(texts, (value) => {
        const plain = decimalsOf(String(value));
        expect(hasAtMost12Decimals(value)).toBe(plain <= 12);
      }),
      fuzz(5000),
    );
  });

  it.each([
    [1e-12, true],
    [1e-13, false],
    [1.5e-11, true],
    [1.5e-12, false],
    [0.1 + 0.2, false],
    [123456.789, true],
    [1e21, true],
    [0, true],
  ])('%d: %s', (value, expected) => {
    expect(hasAtMost12Decimals(value)).toBe(expected);
  });
});

/** Decimals of number text, the slow and plain way: by writing it out. */
function decimalsOf(text: string): number {
  const [mantissa = '', exponent = '0'] = text.split('e');
  const [, fraction = ''] = mantissa.split('.');
  return Math.max(0, fraction.length - Number(exponent));
}

describe('a policy body', () => {
  const override = { allowlist: ['aapl', 'SPY'], max_order_notional: '1000.50', min_confidence: 0.65 };

  it('takes thresholds as numbers or decimal text, and symbols in any case', () => {
    expect(policyOverrideSchema.parse(override)).toEqual({ ...override, allowlist: ['AAPL', 'SPY'] });
    expect(policyBodySchema.safeParse(override).success).toBe(false);
  });

  it.each([
    { max_data_age: 30 },
    { min_confidence: 2 },
    { min_confidence: '2' },
    { min_confidence: '-0.1' },
    { min_confidence: 'high' },
    { min_confidence: '0.1234567890123' },
    { assumed_stop_distance_pct: 0 },
    { approve_ttl_seconds: 0 },
    { max_orders_per_minute: 1.5 },
    { allowlist: ['A B'] },
    { allowlist: 'AAPL' },
  ])('refuses %j', (wrong) => {
    expect(policyOverrideSchema.safeParse(wrong).success).toBe(false);
  });

  it('reads settings within their bounds', () => {
    const setting = decimalSetting(-1, 1);
    expect([setting.parse(-1), setting.parse('-1'), setting.parse('0.000000000001')]).toEqual([
      -1,
      '-1',
      '0.000000000001',
    ]);
  });
});

describe('a stored policy version', () => {
  /** The schema of a later version of the code, which has one threshold more. */
  const later = policyBodySchema.extend({ max_moon_phase: decimalSetting(0, 1).nullable() });

  it('loads without a threshold that was added later: its rule is off', () => {
    expect(readStoredPolicy(DEFAULT_POLICY_BODY, later)).toEqual({ ...DEFAULT_POLICY_BODY, max_moon_phase: null });
  });

  it('keeps what it states of that threshold', () => {
    const stated = { ...DEFAULT_POLICY_BODY, max_moon_phase: 0.1 };
    expect(readStoredPolicy(stated, later)).toEqual(stated);
  });

  it('is refused when it lacks a threshold of version 1, has an unknown one, or is no policy', () => {
    const { min_confidence: _, ...lacking } = DEFAULT_POLICY_BODY;
    for (const body of [
      lacking,
      { ...DEFAULT_POLICY_BODY, min_luck: 1 },
      { ...DEFAULT_POLICY_BODY, min_confidence: null },
      null,
      'policy',
    ]) {
      expect(() => readStoredPolicy(body)).toThrow();
    }
  });
});
