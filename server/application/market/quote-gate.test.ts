import { describe, expect, test } from 'vitest';
import { parseUnits } from '@/server/kernel/money';
import { QuoteGate } from './quote-gate';
import { staleSince } from './staleness';
import { MarketTally, NO_SYMBOL } from './tally';

const at = (now: number | null, speed = 1) => ({ now: () => now, speed });
const quote = (atMs: number, bid = '10', ask = '11', size = 0n) => ({
  symbol: 'SPY',
  bid: parseUnits(bid),
  ask: parseUnits(ask),
  bidSize: size,
  askSize: 0n,
  atMs,
});
const trade = (atMs: number, price = '10', size = '1') => ({
  symbol: 'SPY',
  price: parseUnits(price),
  size: parseUnits(size),
  atMs,
});
const bar = (over: Record<string, bigint | number> = {}) => ({
  symbol: 'SPY',
  startMs: 60_000,
  endMs: 120_000,
  open: 10n,
  high: 12n,
  low: 9n,
  close: 11n,
  volume: 0n,
  ...over,
});

describe('quotes', () => {
  test('only a newer one than the last is taken', () => {
    const gate = new QuoteGate(at(2_000));
    expect(gate.quote(quote(1_000))).toBeNull();
    expect(gate.quote(quote(1_000))).toBe('duplicate');
    expect(gate.quote(quote(900))).toBe('out_of_order');
    expect(gate.quote(quote(1_000, '9'))).toBe('out_of_order');
    expect(gate.quote(quote(1_001))).toBeNull();
    expect(gate.quote({ ...quote(500), symbol: 'AAPL' })).toBeNull();
  });

  test.each([
    ['2 s ahead of the market passes', quote(12_000), 10_000, 1, null],
    ['further ahead is of the future', quote(12_001), 10_000, 1, 'future'],
    ['at 20 times the speed clocks differ by more', quote(50_000), 10_000, 20, null],
    ['crossed', quote(1, '11', '10'), 10_000, 1, 'crossed'],
    ['locked passes', quote(1, '10', '10'), 10_000, 1, null],
    ['no bid', quote(1, '0', '10'), 10_000, 1, 'empty'],
    ['a size below zero', quote(1, '9', '10', -1n), 10_000, 1, 'empty'],
    ["without the market's clock nothing is judged", quote(1), null, 1, 'no_clock'],
  ] as const)('%s', (_name, given, nowMs, speed, fault) => {
    expect(new QuoteGate(at(nowMs, speed)).quote(given)).toBe(fault);
  });
});

test('trades of one instant are many, an older one is out of order', () => {
  const gate = new QuoteGate(at(10_000));
  expect(
    [trade(5), trade(5), trade(4), trade(6, '0'), trade(6, '1', '0'), trade(12_001)].map((t) => gate.trade(t)),
  ).toEqual([null, null, 'out_of_order', 'empty', 'empty', 'future']);
});

test.each([
  ['a sound bar', bar(), null],
  ['open above high', bar({ open: 13n }), 'bad_bar'],
  ['close below low', bar({ close: 8n }), 'bad_bar'],
  ['volume below zero', bar({ volume: -1n }), 'bad_bar'],
  ['off the minute', bar({ startMs: 60_001 }), 'bad_bar'],
  ['no price', bar({ low: 0n }), 'empty'],
  ['not over yet', bar({ startMs: 180_000, endMs: 240_000 }), 'future'],
] as const)('%s: %s', (_name, given, fault) => {
  expect(new QuoteGate(at(120_000)).bar({ ...given })).toBe(fault);
});

test('of symbols that were not asked for nothing is taken, and they are counted together', () => {
  const [gate, tally] = [new QuoteGate(at(120_000)), new MarketTally()];
  gate.want(['SPY']);
  expect([gate.quote(quote(1)), gate.trade(trade(1)), gate.bar(bar())]).toEqual([null, null, null]);
  for (let n = 0; n < 100; n += 1) {
    const symbol = `X${n}`;
    for (const fault of [
      gate.quote({ ...quote(1), symbol }),
      gate.trade({ ...trade(1), symbol }),
      gate.bar({ ...bar(), symbol }),
    ]) {
      expect(fault).toBe('not_wanted');
      if (fault !== null) tally.refuse(symbol, fault);
    }
  }
  expect([...tally.symbols.keys()]).toEqual([NO_SYMBOL]);
  expect(tally.of(NO_SYMBOL).refused).toEqual({ not_wanted: 300 });
  gate.want(['X1']);
  expect([gate.quote(quote(2)), gate.quote({ ...quote(2), symbol: 'X1' })]).toEqual(['not_wanted', null]);
});

test('refusals are counted by symbol and reason, and those without a symbol on their own', () => {
  const tally = new MarketTally();
  tally.refuse('SPY', 'crossed');
  tally.refuse('SPY', 'crossed');
  tally.refuse(null, 'bad_symbol');
  expect(tally.of('SPY').refused).toEqual({ crossed: 2 });
  expect(tally.of(NO_SYMBOL).refused).toEqual({ bad_symbol: 1 });
  expect(tally.totals()).toEqual({ quotes: 0, trades: 0, bars: 0, refused: { crossed: 2, bad_symbol: 1 } });
});

test.each([
  ['30 market seconds pass', 100_000, 70_000, 0, true, 1, null],
  ['more are stale, since the quote', 100_001, 70_000, 0, true, 1, 70_000],
  ['never quoted: since it was to be expected', 100_000, null, 60_000, true, 1, 60_000],
  ['a quote of before the open does not count', 100_000, 10_000, 90_000, true, 1, null],
  ['a closed market has no stale data', 100_000, 0, 0, false, 1, null],
  ['at 60 times the speed two seconds of ours are allowed', 100_000, 0, 0, true, 60, null],
  ['without the clock nothing is said', null, 0, 0, true, 1, null],
] as const)('%s', (_name, nowMs, lastQuoteMs, expectedFromMs, isOpen, speed, expected) => {
  expect(staleSince({ lastQuoteMs, expectedFromMs }, nowMs, isOpen, speed)).toBe(expected);
});
