import { describe, expect, test } from 'vitest';
import { dollarsText, faultText, flagText, millisecondsText, verdictOf, writerText } from './words';

describe('a memo in words', () => {
  test('the rules are named as no model, a model by its provider and name', () => {
    expect(writerText({ provider: 'rules', model: 'rules-1' })).toBe('rules, no model');
    expect(writerText({ provider: 'anthropic', model: 'claude-x' })).toBe('anthropic · claude-x');
    expect(writerText({ provider: 'none', model: 'none' })).toBe('none');
  });

  test('without a memo its status is the verdict', () => {
    expect(verdictOf({ status: 'FAILED', recommendation: null })).toBe('FAILED');
    expect(verdictOf({ status: 'OK', recommendation: 'AVOID' })).toBe('AVOID');
    // No answer that contradicts itself is read as leave to trade.
    expect(verdictOf({ status: 'OK', recommendation: null })).toBe('FAILED');
  });

  test.each([
    [null, 'price unknown'],
    ['0', '$0'],
    ['0.00001', 'below $0.0001'],
    ['0.0123', '$0.0123'],
    ['12.5', '$12.50'],
  ])('%s dollars are %s', (value, text) => {
    expect(dollarsText(value)).toBe(text);
  });

  test('a fault is a sentence without its code', () => {
    expect(faultText('KEY: anthropic refuses the key (401)')).toBe('Anthropic refuses the key (401).');
    expect(faultText('reasoning is switched off (REASONER=none)')).toBe('Reasoning is switched off (REASONER=none).');
  });

  test('times and flags are short', () => {
    expect([millisecondsText(340.4), millisecondsText(15_040)]).toEqual(['340 ms', '15.0 s']);
    expect(flagText('earnings_proximity')).toBe('Earnings proximity');
  });
});
