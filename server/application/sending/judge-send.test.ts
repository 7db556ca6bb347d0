import { expect, test } from 'vitest';
import type { SendFacts } from '@/server/application/ports/execution-store';
import { GOOD_FACTS, GOOD_MARKET_MS } from '@/server/application/testing/fakes';
import { parseUnits } from '@/server/kernel/money';
import { judgeSend } from './judge-send';

const NO_CAPS = { notional: null, qty: null };

const judge = (changes: Partial<SendFacts>) => judgeSend({ ...GOOD_FACTS, ...changes }, NO_CAPS).kind;

interface Terms {
  readonly side?: 'BUY' | 'SELL';
  readonly orderType?: 'MARKET' | 'LIMIT';
  readonly limitPrice?: string;
  readonly bid?: string;
  readonly ask?: string;
  readonly quote?: null;
  readonly quotedAtMs?: number;
}

/** An order that was decided at 100, under a collar of 1%. */
function priced(terms: Terms): Partial<SendFacts> {
  const {
    side = 'BUY',
    orderType = 'MARKET',
    limitPrice,
    bid = '100',
    ask = '100.01',
    quotedAtMs = GOOD_MARKET_MS,
  } = terms;
  const quote = terms.quote === null ? null : { bid: parseUnits(bid), ask: parseUnits(ask), quotedAtMs };
  const limit = limitPrice === undefined ? null : parseUnits(limitPrice);
  return { pricing: { ...GOOD_FACTS.pricing, side, orderType, limitPrice: limit, quote } };
}

const closing = (terms: Terms): Partial<SendFacts> => ({
  ...priced({ side: 'SELL', orderType: 'LIMIT', ...terms }),
  positionEffect: 'REDUCE',
});

/** A protective stop for all of the ten shares that are held. */
const stopped = (changes: Partial<NonNullable<SendFacts['protection']>> = {}): Partial<SendFacts> => ({
  kind: 'PROTECTIVE',
  positionEffect: 'REDUCE',
  basis: null,
  protection: {
    stopPrice: parseUnits('95'),
    entryStopPrice: parseUnits('95'),
    held: parseUnits('10'),
    protectedQty: parseUnits('10'),
    ...changes,
  },
});

const NOTHING_KNOWN: Partial<SendFacts> = {
  tradingState: 'HALTED',
  breakOpen: true,
  symbolUncertain: true,
  clockAgeMs: null,
  reconciledAgeMs: null,
  marketOpen: false,
};

test.each<[string, Partial<SendFacts>, string]>([
  ['all is well', {}, 'go'],
  ['a cancel was asked for', { cancelRequested: true }, 'never'],
  ['halted', { tradingState: 'HALTED' }, 'never'],
  ['halted, closing a position', { tradingState: 'HALTED', positionEffect: 'REDUCE' }, 'never'],
  ['halted, a flatten', { tradingState: 'HALTED', kind: 'FLATTEN', exitOpen: true }, 'go'],
  ['reducing, opening', { tradingState: 'REDUCING' }, 'never'],
  ['reducing, closing', { tradingState: 'REDUCING', positionEffect: 'REDUCE' }, 'go'],
  ['expired', { expired: true }, 'never'],
  [
    'a flatten passes over breaks, clock and reconciliation',
    { kind: 'FLATTEN', exitOpen: true, breakOpen: true, clockAgeMs: null, reconciledAgeMs: null, marketOpen: false },
    'go',
  ],
  ['a flatten whose exit has ended', { kind: 'FLATTEN' }, 'never'],
  ['a flatten that was not sent in time', { kind: 'FLATTEN', exitOpen: true, expired: true }, 'never'],
  ['a stop passes over the state, breaks, clock and reconciliation', { ...stopped(), ...NOTHING_KNOWN }, 'go'],
  ['a stop beside an exit of its symbol', { ...stopped(), exitOpen: true }, 'never'],
  ['a stop for more than is held', stopped({ protectedQty: parseUnits('11') }), 'never'],
  ['a stop whose entry states another price', stopped({ entryStopPrice: parseUnits('94') }), 'unfounded'],
  ['a stop that names no entry of its symbol', stopped({ entryStopPrice: null }), 'unfounded'],
  ['a stop of which nothing is known', { ...stopped(), protection: null }, 'unfounded'],
  ['another order of a symbol with an open exit', { exitOpen: true }, 'never'],
  ['a break', { breakOpen: true }, 'never'],
  ['another order of the symbol is uncertain', { symbolUncertain: true }, 'wait'],
  ['the clock was read 10 s ago', { clockAgeMs: 10_000 }, 'go'],
  ['the clock was read longer ago', { clockAgeMs: 10_001 }, 'wait'],
  ["reconciled within the policy's limit", { reconciledAgeMs: 5_000, portfolioMaxAgeMs: 5_000 }, 'go'],
  ["reconciled longer ago than the policy's limit", { reconciledAgeMs: 5_001, portfolioMaxAgeMs: 5_000 }, 'wait'],
  ['no reconciliation yet', { reconciledAgeMs: null }, 'wait'],
  ['the stage has changed to one that forbids this venue', { stage: 'M3_LIVE_SMALL' }, 'never'],
  ['a live venue, and the stage is live no more', { stage: 'M1_PAPER', environment: 'LIVE' }, 'never'],
  ['a live venue in its stage', { stage: 'M3_LIVE_SMALL', environment: 'LIVE' }, 'go'],
  ['an unknown stage', { stage: 'none' }, 'never'],
  [
    'a flatten at a venue that the stage forbids by now',
    { kind: 'FLATTEN', exitOpen: true, stage: 'M3_LIVE_SMALL' },
    'go',
  ],
  ['market closed', { marketOpen: false }, 'never'],
  ['P-12: the ask is worse by the collar exactly', priced({ ask: '101' }), 'go'],
  ['P-12: the ask is worse by more than the collar', priced({ ask: '101.01' }), 'never'],
  ['P-12: the ask has fallen far', priced({ bid: '49', ask: '50' }), 'go'],
  ['P-12: a sale that opens, the bid worse by the collar exactly', priced({ side: 'SELL', bid: '99' }), 'go'],
  ['P-12: a sale that opens, the bid worse by more than the collar', priced({ side: 'SELL', bid: '98.99' }), 'never'],
  ['P-12: no quote, opening at the market', priced({ quote: null }), 'never'],
  ['P-12: a crossed quote, opening at the market', priced({ bid: '100.02' }), 'never'],
  ['P-12: a quote as old as the policy allows', priced({ quotedAtMs: GOOD_MARKET_MS - 30_000 }), 'go'],
  ['P-12: an older quote', priced({ quotedAtMs: GOOD_MARKET_MS - 30_001 }), 'never'],
  [
    'P-12: an opening limit order keeps its own price',
    priced({ ask: '150', orderType: 'LIMIT', limitPrice: '100' }),
    'go',
  ],
  ['P-12: no active policy', { pricing: { ...GOOD_FACTS.pricing, collarPct: null } }, 'never'],
  ['P-12: a closing limit order at the edge of the collar', closing({ limitPrice: '99' }), 'go'],
  ['P-12: a closing limit order beyond the collar', closing({ limitPrice: '98.99' }), 'never'],
  ['P-12: a closing limit order without a quote is not held back', closing({ limitPrice: '50', quote: null }), 'go'],
  [
    'X-5: a closing market order is not refused for its price',
    { ...priced({ side: 'SELL', bid: '1' }), positionEffect: 'REDUCE' },
    'go',
  ],
  ['X-5: an exit is not refused for its price', { ...priced({ quote: null }), kind: 'FLATTEN', exitOpen: true }, 'go'],
  ['P-12: what may pass is waited for first', { ...priced({ quote: null }), symbolUncertain: true }, 'wait'],
])('%s', (_name, facts, verdict) => {
  expect(judge(facts)).toBe(verdict);
});

test.each([
  [120_000, 'go'],
  [120_001, 'never'],
])('P-12: where the market runs 60 times as fast, a quote %i market ms old: %s', (ageMs, verdict) => {
  const pricing = priced({ quotedAtMs: GOOD_MARKET_MS - ageMs }).pricing ?? GOOD_FACTS.pricing;
  expect(judge({ pricing: { ...pricing, market: { nowMs: GOOD_MARKET_MS, speed: 60 } } })).toBe(verdict);
});

test('P-12: the refusal names the rule and both prices', () => {
  expect(judgeSend({ ...GOOD_FACTS, ...priced({ ask: '101.01' }) }, NO_CAPS)).toEqual({
    kind: 'never',
    why: 'PRICE_COLLAR: the ask is 101.01, past 101: more than 0.01 away from the price of the decision',
  });
  expect(judgeSend({ ...GOOD_FACTS, ...priced({ quote: null }) }, NO_CAPS)).toEqual({
    kind: 'never',
    why: 'DATA_STALE: there is no live quote to send a market order on',
  });
});
