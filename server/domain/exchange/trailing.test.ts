import { describe, expect, it } from 'vitest';
import { matchAgainstBar } from '@/server/domain/exchange/match-bar';
import { matchAgainstQuote } from '@/server/domain/exchange/match-quote';
import type { Match, RestingOrder, Trail } from '@/server/domain/exchange/types';
import { formatUnits, parseUnits } from '@/server/kernel/money';
import type { Side } from '@/server/kernel/vocabulary';

const u = parseUnits;
const BY_TWO: Trail = { amount: u('2') };
const BY_PERCENT: Trail = { percent: u('1') };

function trailing(side: Side, stop: string | null, trail: Trail): RestingOrder {
  return {
    id: 'o',
    symbol: 'SPY',
    side,
    orderType: 'TRAILING_STOP',
    leavesQty: u('10'),
    limitPrice: null,
    stopPrice: stop === null ? null : u(stop),
    trail,
    timeInForce: 'GTC',
    acceptedAtMs: 100,
    triggered: false,
  };
}

/** `10@98 triggered`, or `stop 99`. */
function text({ executions, triggered, stopPrice }: Match): string {
  const fills = executions.map(({ qty, price }) => `${formatUnits(qty)}@${formatUnits(price)}`);
  const stop = stopPrice === undefined ? [] : [`stop ${formatUnits(stopPrice)}`];
  return [...fills, ...(triggered ? ['triggered'] : []), ...stop].join(' ');
}

describe('a trailing stop against bars', () => {
  it.each<[Side, string | null, Trail, readonly [string, string, string, string], string]>([
    ['SELL', '98', BY_TWO, ['100', '104', '99', '103'], 'stop 102'],
    ['SELL', '98', BY_TWO, ['100', '99.5', '99', '99'], 'stop 98'],
    ['SELL', '98', BY_TWO, ['100', '104', '98', '103'], '10@98 triggered'],
    ['SELL', '98', BY_TWO, ['100', '104', '96', '97'], '10@97 triggered'],
    ['SELL', null, BY_TWO, ['100', '104', '96', '97'], 'stop 102'],
    ['SELL', '98', BY_PERCENT, ['100', '104', '99', '103'], 'stop 102.96'],
    ['BUY', '102', BY_TWO, ['100', '101', '96', '97'], 'stop 98'],
    ['BUY', '102', BY_TWO, ['100', '101', '100.5', '101'], 'stop 102'],
    ['BUY', '102', BY_TWO, ['100', '102', '96', '97'], '10@102 triggered'],
    ['BUY', '102', BY_TWO, ['100', '104', '96', '103'], '10@103 triggered'],
    ['BUY', '102', BY_PERCENT, ['100', '101', '96', '97'], 'stop 96.96'],
  ])('%s from %s', (side, stop, trail, [open, high, low, close], expected) => {
    const prices = { open: u(open), high: u(high), low: u(low), close: u(close) };
    const bar = { startMs: 100, endMs: 200, prices, capQty: null };
    expect(text(matchAgainstBar(trailing(side, stop, trail), bar))).toBe(expected);
  });

  it('begins with the first bar that starts at or after the order', () => {
    const prices = { open: u('100'), high: u('104'), low: u('90'), close: u('100') };
    const bar = { startMs: 99, endMs: 200, prices, capQty: null };
    expect(text(matchAgainstBar(trailing('SELL', '98', BY_TWO), bar))).toBe('');
  });
});

describe('a trailing stop against quotes', () => {
  it.each<[Side, string | null, string, string, string]>([
    ['SELL', '98', '101', '101.1', 'stop 99'],
    ['SELL', '98', '99', '99.1', 'stop 98'],
    ['SELL', '98', '98', '98.1', '10@98 triggered'],
    ['SELL', null, '98', '98.1', 'stop 96'],
    ['BUY', '102', '98.9', '99', 'stop 101'],
    ['BUY', '102', '101.9', '102', '10@102 triggered'],
    ['SELL', '98', '0', '98.1', ''],
  ])('%s from %s at %s/%s', (side, stop, bid, ask, expected) => {
    const quote = { symbol: 'SPY', bid: u(bid), ask: u(ask), bidSize: u('100'), askSize: u('100'), atMs: 200 };
    expect(text(matchAgainstQuote(trailing(side, stop, BY_TWO), quote))).toBe(expected);
  });
});
