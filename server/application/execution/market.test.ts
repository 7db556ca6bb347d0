import { describe, expect, test } from 'vitest';
import { parseUnits } from '@/server/domain/money/decimal';
import { QuoteGate } from './quote-gate';
import { venueRefusal } from './stage-venue';

const quote = (atMs: number, bid = '10', ask = '11') => ({
  symbol: 'SPY',
  bid: parseUnits(bid),
  ask: parseUnits(ask),
  bidSize: 0n,
  askSize: 0n,
  atMs,
});

describe('quotes', () => {
  test('only a newer one than the last is taken', () => {
    const gate = new QuoteGate();
    expect(gate.admit(quote(1_000), 1_000, 1)).toBeNull();
    expect(gate.admit(quote(1_000), 1_000, 1)).toBe('duplicate');
    expect(gate.admit(quote(900), 1_000, 1)).toBe('out_of_order');
    expect(gate.admit(quote(1_000, '9'), 1_000, 1)).toBe('out_of_order');
    expect(gate.admit(quote(1_001), 1_001, 1)).toBeNull();
    expect(gate).toMatchObject({ accepted: 2, refused: { duplicate: 1, out_of_order: 2 } });
  });

  test.each([
    ['2 s ahead of the market passes', quote(12_000), 10_000, 1, null],
    ['further ahead is of the future', quote(12_001), 10_000, 1, 'future'],
    ['at 20 times the speed clocks differ by more', quote(50_000), 10_000, 20, null],
    ['crossed', quote(1, '11', '10'), 10_000, 1, 'crossed'],
    ['locked passes', quote(1, '10', '10'), 10_000, 1, null],
    ['no bid', quote(1, '0', '10'), 10_000, 1, 'empty'],
    ["without the market's clock nothing is judged", quote(1), null, 1, 'no_clock'],
  ] as const)('%s', (_name, given, nowMs, speed, fault) => {
    expect(new QuoteGate().admit(given, nowMs, speed)).toBe(fault);
  });
});

test.each([
  ['M0_LOCAL', 'SIM', true],
  ['M0_LOCAL', 'PAPER', false],
  ['M0_LOCAL', 'LIVE', false],
  ['M1_PAPER', 'PAPER', true],
  ['M2_SANDBOX', 'SIM', false],
  ['M2_SANDBOX', 'LIVE', false],
  ['M3_LIVE_SMALL', 'LIVE', true],
  ['none', 'SIM', false],
] as const)('stage %s at %s: %s', (stage, environment, allowed) => {
  expect(venueRefusal(stage, environment) === null).toBe(allowed);
});
