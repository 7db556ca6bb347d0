import { describe, expect, it } from 'vitest';
import { matchAgainstQuote } from '@/server/domain/exchange/match-quote';
import type { Match, Quote, RestingOrder } from '@/server/domain/exchange/types';
import { formatUnits, parseUnits } from '@/server/kernel/money';

const u = parseUnits;
const quote: Quote = { symbol: 'SPY', bid: u('99'), ask: u('100'), bidSize: u('50'), askSize: u('100'), atMs: 2 };

function order(terms: Partial<RestingOrder> & { qty?: string; limit?: string; stop?: string } = {}): RestingOrder {
  const { qty = '10', limit, stop, ...rest } = terms;
  return {
    id: 'o',
    symbol: 'SPY',
    side: 'BUY',
    orderType: limit !== undefined ? 'LIMIT' : stop !== undefined ? 'STOP' : 'MARKET',
    leavesQty: u(qty),
    limitPrice: limit === undefined ? null : u(limit),
    stopPrice: stop === undefined ? null : u(stop),
    timeInForce: 'DAY',
    acceptedAtMs: 1,
    triggered: false,
    ...rest,
  };
}

/** `10@100 5@100.1`, then `triggered` and `done` where they are set. */
function text({ executions, triggered, done }: Match): string {
  const fills = executions.map(({ qty, price }) => `${formatUnits(qty)}@${formatUnits(price)}`);
  return [...fills, ...(triggered ? ['triggered'] : []), ...(done ? ['done'] : [])].join(' ');
}

describe('matching against a quote', () => {
  it.each<[string, RestingOrder, string]>([
    ['a market buy takes the ask', order(), '10@100'],
    ['a market sell takes the bid', order({ side: 'SELL' }), '10@99'],
    ['a market order takes more than is displayed', order({ qty: '250' }), '250@100'],
    ['a stop limit waits for its stop', order({ orderType: 'STOP_LIMIT', stop: '101', limit: '102' }), ''],
    [
      'a stop limit is then a limit',
      order({ orderType: 'STOP_LIMIT', stop: '100', limit: '102', qty: '130' }),
      '100@100 triggered',
    ],
    [
      'a stop limit does not fill beyond its limit',
      order({ orderType: 'STOP_LIMIT', stop: '98', limit: '99' }),
      'triggered',
    ],
    ['a marketable limit takes the opposite price', order({ limit: '101' }), '10@100'],
    ['a limit at the price fills', order({ limit: '100' }), '10@100'],
    ['a limit takes at most the displayed size', order({ limit: '100', qty: '130' }), '100@100'],
    ['a limit away waits', order({ limit: '99.99' }), ''],
    ['a sell limit at the bid fills', order({ side: 'SELL', limit: '99' }), '10@99'],
    ['a sell limit above the bid waits', order({ side: 'SELL', limit: '99.5' }), ''],
    ['a buy stop above the ask waits', order({ stop: '100.01' }), ''],
    ['a buy stop at the ask is touched and fills', order({ stop: '100' }), '10@100 triggered'],
    ['a sell stop below the bid waits', order({ side: 'SELL', stop: '98.99' }), ''],
    ['a sell stop at the bid is touched', order({ side: 'SELL', stop: '99' }), '10@99 triggered'],
    ['a stop touched before fills at any price', order({ stop: '200', triggered: true }), '10@100 triggered'],
    ['immediate or cancel drops the rest', order({ limit: '100', qty: '130', timeInForce: 'IOC' }), '100@100 done'],
    ['immediate or cancel is judged once', order({ limit: '99', timeInForce: 'IOC' }), 'done'],
    ['fill or kill fills when all is there', order({ limit: '100', qty: '100', timeInForce: 'FOK' }), '100@100 done'],
    ['fill or kill fills nothing otherwise', order({ limit: '100', qty: '101', timeInForce: 'FOK' }), 'done'],
    ['a stop to be filled or killed waits for its touch', order({ stop: '101', timeInForce: 'FOK' }), ''],
    ['another symbol does not concern it', order({ symbol: 'AAPL' }), ''],
    ['nothing left, nothing filled', order({ qty: '0' }), ''],
  ])('%s', (_, resting, expected) => {
    expect(text(matchAgainstQuote(resting, quote))).toBe(expected);
  });

  it('walks the impact for each further displayed size', () => {
    const impact = { impactBps: u('10') };
    expect(text(matchAgainstQuote(order({ qty: '250' }), quote, impact))).toBe('100@100 100@100.1 50@100.2');
    expect(text(matchAgainstQuote(order({ qty: '60', side: 'SELL' }), quote, impact))).toBe('50@99 10@98.901');
    expect(text(matchAgainstQuote(order({ qty: '60', limit: '100' }), quote, impact))).toBe('60@100');
  });

  it('goes on where others left the quote', () => {
    const taken = { impactBps: u('10'), takenQty: u('130') };
    expect(text(matchAgainstQuote(order({ qty: '100' }), quote, taken))).toBe('70@100.1 30@100.2');
    expect(text(matchAgainstQuote(order({ qty: '100', limit: '100' }), quote, { takenQty: u('60') }))).toBe('40@100');
    expect(text(matchAgainstQuote(order({ limit: '100' }), quote, { takenQty: u('100') }))).toBe('');
  });

  it('never sells below zero, and kills what cannot be had whole', () => {
    const steep = { impactBps: u('6000') };
    expect(text(matchAgainstQuote(order({ side: 'SELL', qty: '500' }), quote, steep))).toBe('50@99 50@39.6');
    expect(text(matchAgainstQuote(order({ side: 'SELL', qty: '500', timeInForce: 'FOK' }), quote, steep))).toBe('done');
  });

  it('fills nothing from a side without price or size', () => {
    expect(text(matchAgainstQuote(order(), { ...quote, ask: 0n }))).toBe('');
    expect(text(matchAgainstQuote(order(), { ...quote, askSize: 0n }))).toBe('');
    expect(text(matchAgainstQuote(order({ stop: '99' }), { ...quote, askSize: 0n }))).toBe('triggered');
    expect(text(matchAgainstQuote(order({ side: 'SELL', stop: '99' }), { ...quote, bid: 0n }))).toBe('');
  });
});
