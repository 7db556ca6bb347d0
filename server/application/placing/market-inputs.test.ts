import { describe, expect, it } from 'vitest';
import type { GateFeatures, GateSnapshot } from '@/server/application/ports/placement-store';
import { formatUnits, parseMoney, parseUnits } from '@/server/kernel/money';
import { marketInputs } from './market-inputs';

const MINUTE_MS = 60_000;
const NOW = Date.parse('2026-11-23T15:00:30Z');
const BAR = Date.parse('2026-11-23T15:00:00Z');

type State = Pick<GateSnapshot, 'quotes' | 'features' | 'events' | 'positions'>;

/** A walk that is the same for the same seed, one close a minute up to `atMs`. */
function featuresOf(seed: number, atMs = BAR, bars = 60, dollarsPerMinute: number | null = 1e6): GateFeatures {
  let state = seed;
  const closes = new Map<number, number>();
  for (let n = bars - 1; n >= 0; n -= 1) {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    closes.set(atMs - n * MINUTE_MS, 100 + state / 2_147_483_648);
  }
  return { atMs, dollarsPerMinute, closes };
}

const quote = (bid = '99.99', ask = '100.01', size = '500') => ({
  bid: parseUnits(bid),
  ask: parseUnits(ask),
  bidSize: parseUnits(size),
  askSize: parseUnits(size),
  atMs: NOW,
});

const position = (value: string, qty = '10') => ({ qty: parseUnits(qty), value: parseMoney(value) });

function judge(change: Partial<State>, { nowMs = NOW, speed = 1 } = {}) {
  const state: State = {
    quotes: new Map([['AAPL', quote()]]),
    features: new Map([['AAPL', featuresOf(1)]]),
    events: [],
    positions: new Map(),
    ...change,
  };
  const { liquidityScore, correlation, eventBlackoutActive, basis } = marketInputs(state, { speed }, 'AAPL', nowMs);
  const shown = (value: typeof correlation) => (typeof value === 'bigint' ? formatUnits(value) : value);
  return { liquidity: shown(liquidityScore), correlation: shown(correlation), blackout: eventBlackoutActive, basis };
}

describe('liquidity', () => {
  it('comes from the quote and from what is traded', () => {
    expect(judge({}).liquidity).toBe('1');
    expect(judge({ quotes: new Map([['AAPL', quote('99.87', '100.13')]]) }).liquidity).toBe('0.707106');
    expect(judge({ quotes: new Map([['AAPL', quote('100.01', '99.99')]]) }).liquidity).toBe('0');
  });

  it.each<[string, Partial<State>]>([
    ['a quote', { quotes: new Map() }],
    ['features', { features: new Map() }],
    ['what is traded', { features: new Map([['AAPL', featuresOf(1, BAR, 60, null)]]) }],
  ])('is unknown without %s', (_, change) => {
    expect(judge(change).liquidity).toBeNull();
  });

  it('is unknown once five bars are missed, with ten seconds of wall time for the newest to be on its way', () => {
    const at = (ageMs: number, speed = 1) => judge({}, { nowMs: BAR + ageMs, speed }).liquidity;
    expect([at(310_000), at(310_001)]).toEqual(['1', null]);
    expect([at(500_000, 20), at(500_001, 20)]).toEqual(['1', null]);
  });

  it('is unknown where the bar lies ahead of the market by more than a minute: it is of another market', () => {
    const at = (aheadMs: number) => judge({}, { nowMs: BAR - aheadMs }).liquidity;
    expect([at(60_000), at(60_001)]).toEqual(['1', null]);
  });
});

describe('correlation', () => {
  const held = new Map([['MSFT', position('1000')]]);

  it('is 0 where nothing is held, and where only the same is: size and exposure bound more of that', () => {
    expect(judge({}).correlation).toBe('0');
    expect(judge({ positions: new Map([['AAPL', position('1000')]]) }).correlation).toBe('0');
    expect(judge({ positions: new Map([['MSFT', position('0', '0')]]) }).correlation).toBe('0');
  });

  it('is with what else is held, against it where that is short', () => {
    const twins = new Map([
      ['AAPL', featuresOf(1)],
      ['MSFT', featuresOf(1)],
    ]);
    expect(judge({ features: twins, positions: held }).correlation).toBe('1');
    const short = new Map([['MSFT', position('1000', '-10')]]);
    expect(judge({ features: twins, positions: short }).correlation).toBe('-1');
  });

  it.each<[string, GateFeatures | undefined]>([
    ['without features of what is held', undefined],
    ['where those are old', featuresOf(2, BAR - 10 * MINUTE_MS)],
    ['with 20 bars in common', featuresOf(2, BAR, 20)],
  ])('is unknown %s', (_, features) => {
    const known = new Map([['AAPL', featuresOf(1)]]);
    if (features !== undefined) known.set('MSFT', features);
    expect(judge({ features: known, positions: held }).correlation).toBeNull();
  });

  it('is unknown where the candidate has no fresh features', () => {
    expect(judge({ features: new Map([['MSFT', featuresOf(2)]]), positions: held }).correlation).toBeNull();
  });
});

describe('an event', () => {
  const event = (symbol: string | null, fromMs: number, untilMs: number) => ({ id: 'e1', symbol, fromMs, untilMs });

  it.each([
    ['from its first moment', event('AAPL', NOW, NOW + 1), true],
    ['not before', event('AAPL', NOW + 1, NOW + 2), false],
    ['not at its end', event('AAPL', NOW - 1, NOW), false],
    ['for every symbol where it names none', event(null, NOW - 1, NOW + 1), true],
    ['not for another symbol', event('MSFT', NOW - 1, NOW + 1), false],
  ])('is in effect %s', (_, given, active) => {
    const { blackout, basis } = judge({ events: [given] });
    expect([blackout, basis.eventIds]).toEqual([active, active ? ['e1'] : []]);
  });
});

it('says what the three were worked out from', () => {
  const positions = new Map([
    ['SPY', position('500', '-1')],
    ['MSFT', position('1000')],
    ['AAPL', position('1')],
  ]);
  const features = new Map([
    ['AAPL', featuresOf(1)],
    ['MSFT', featuresOf(2)],
  ]);
  expect(judge({ positions, features }).basis).toEqual({
    marketNowMs: NOW,
    bidSize: parseUnits('500'),
    askSize: parseUnits('500'),
    dollarsPerMinute: 1e6,
    featuresAtMs: BAR,
    held: [
      { symbol: 'MSFT', value: 1000, featuresAtMs: BAR },
      { symbol: 'SPY', value: -500, featuresAtMs: null },
    ],
    eventIds: [],
  });
});
