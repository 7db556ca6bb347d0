import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseUnits } from '@/server/kernel/money';
import { fuzz } from '@/test-support/fuzz';
import { allowanceOf, type BudgetLimits, costOf, LEAST_INPUT_TOKENS } from './budget';

const FULL = { input: 5_000, output: 700 };
const NONE: BudgetLimits = { tokensPerDay: null, dollarsPerDay: null, tokensPerSignal: null, dollarsPerSignal: null };
const PRICE = { inputPerMillion: parseUnits('2.5'), outputPerMillion: parseUnits('10') };

describe('the allowance of a memo', () => {
  it.each<[string, Partial<BudgetLimits>, typeof PRICE | null, object]>([
    ['no limits', {}, null, { ok: true, maxInputTokens: 5_000, maxAttempts: 2 }],
    ['two full calls', { tokensPerSignal: 11_400 }, null, { ok: true, maxInputTokens: 5_000, maxAttempts: 2 }],
    ['a token less', { tokensPerSignal: 11_399 }, null, { ok: true, maxInputTokens: 4_999, maxAttempts: 2 }],
    ['one call', { tokensPerSignal: 4_000 }, null, { ok: true, maxInputTokens: 3_300, maxAttempts: 1 }],
    ['too little', { tokensPerSignal: 2_000 }, null, { ok: false, reason: expect.stringContaining('2000 tokens') }],
    ['nothing', { tokensPerSignal: 0 }, null, { ok: false }],
    [
      'dollars enough',
      { dollarsPerSignal: parseUnits('0.1') },
      PRICE,
      { ok: true, maxInputTokens: 5_000, maxAttempts: 2 },
    ],
    [
      'fewer dollars',
      { dollarsPerSignal: parseUnits('0.03') },
      PRICE,
      { ok: true, maxInputTokens: 3_200, maxAttempts: 2 },
    ],
    [
      'dollars for one',
      { dollarsPerSignal: parseUnits('0.0175') },
      PRICE,
      { ok: true, maxInputTokens: 4_200, maxAttempts: 1 },
    ],
    ['no dollars', { dollarsPerSignal: 0n }, PRICE, { ok: false, reason: expect.stringContaining('0 dollars') }],
    [
      'free of charge',
      { dollarsPerSignal: 0n },
      { inputPerMillion: 0n, outputPerMillion: 0n },
      { ok: true, maxAttempts: 2 },
    ],
    ['no price', { dollarsPerDay: 1n }, null, { ok: false, reason: expect.stringContaining('no price is known') }],
  ])('with %s', (_, limits, price, expected) => {
    expect(allowanceOf({ ...NONE, ...limits }, price, 'm', FULL)).toMatchObject(expected);
  });

  it('never lets a signal exceed its limits, whatever they and the price are', () => {
    const dollars = fc.bigInt(0n, parseUnits('2'));
    fc.assert(
      fc.property(
        fc.option(fc.nat(20_000)),
        fc.option(dollars),
        fc.record({
          inputPerMillion: fc.bigInt(0n, parseUnits('50')),
          outputPerMillion: fc.bigInt(0n, parseUnits('200')),
        }),
        (tokensPerSignal, dollarsPerSignal, price) => {
          const allowed = allowanceOf({ ...NONE, tokensPerSignal, dollarsPerSignal }, price, 'm', FULL);
          if (!allowed.ok) return;
          const { maxInputTokens: input, maxAttempts: calls } = allowed;
          expect(input).toBeLessThanOrEqual(FULL.input);
          expect(input).toBeGreaterThanOrEqual(LEAST_INPUT_TOKENS);
          if (tokensPerSignal !== null) expect(calls * (input + FULL.output)).toBeLessThanOrEqual(tokensPerSignal);
          if (dollarsPerSignal !== null)
            expect(costOf(price, calls * input, calls * FULL.output) <= dollarsPerSignal).toBe(true);
        },
      ),
      fuzz(2_000),
    );
  });
});

describe('what tokens cost', () => {
  it('is exact, and rounded up where it is not', () => {
    expect(costOf(PRICE, 1_000, 100)).toBe(parseUnits('0.0035'));
    expect(costOf({ inputPerMillion: 1n, outputPerMillion: 0n }, 1, 0)).toBe(1n);
    expect(costOf(PRICE, 0, 0)).toBe(0n);
  });
});
