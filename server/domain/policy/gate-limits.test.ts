import { describe, expect, it } from 'vitest';
import type { ReasoningVerdict } from '@/server/domain/reasoning/types';
import type { GateInput, GateOrder } from './index';
import { type Change, judge, money, policyWith, selling, units } from './testing/gate-fixture';

const NEXT = units('0.000000000001');
const codes = (change: Change) => judge(change).codes;
const limit = (price: string): Partial<GateOrder> => ({ orderType: 'LIMIT', limitPrice: units(price) });

describe('each control of the gate at its bound (P-4): one case that passes, one that does not', () => {
  it.each<[string, string, Change, Change]>([
    ['PRICE_INCREMENT', 'from $1 on', { order: limit('199.99') }, { order: limit('199.995') }],
    ['PRICE_INCREMENT', 'below $1', { order: limit('0.9999') }, { order: limit('0.99995') }],
    ['PRICE_INCREMENT', 'at $1', { order: limit('1.01') }, { order: limit('1.0001') }],
    [
      'POSITION_LIMIT',
      'of 10% of equity, held and being bought',
      { account: { heldValue: money('5000'), symbolBuyNotional: money('3999.99') } },
      { account: { heldValue: money('5000'), symbolBuyNotional: money('5000') } },
    ],
    [
      'MAX_OPEN_POSITIONS',
      'of 10',
      { account: { activeSymbols: 'ABCDEFGHI'.split('') } },
      { account: { activeSymbols: 'ABCDEFGHIJ'.split('') } },
    ],
    ['MAX_OPEN_ORDERS', 'of 50', { account: { openingOrderCount: 49 } }, { account: { openingOrderCount: 50 } }],
    [
      'DAILY_TURNOVER_LIMIT',
      'of 5 times equity, this order counted',
      { account: { openedNotional: money('499000') } },
      { account: { openedNotional: money('499000.01') } },
    ],
    [
      'MESSAGE_RATE',
      'of 180 requests less the 60 that are kept',
      { account: { requestsUsed: 119 } },
      { account: { requestsUsed: 120 } },
    ],
    [
      'MESSAGE_RATE',
      "of 90% of the broker's limit where that is less",
      { account: { requestsAllowed: 111, requestsUsed: 38 } },
      { account: { requestsAllowed: 111, requestsUsed: 39 } },
    ],
    ['DUPLICATE_ORDER', 'within the window', { account: { duplicate: false } }, { account: { duplicate: true } }],
    [
      'SELF_MATCH',
      'against a limit order on the other side',
      { order: limit('199'), account: { opposite: { atMarket: false, limit: units('199.01') } } },
      { order: limit('199'), account: { opposite: { atMarket: false, limit: units('199') } } },
    ],
    [
      'SELF_MATCH',
      'a market order against any order on the other side',
      { account: { opposite: { atMarket: false, limit: null } } },
      { account: { opposite: { atMarket: false, limit: units('500') } } },
    ],
    [
      'SELF_MATCH',
      'a limit order against a market or stop order',
      { order: limit('1'), account: { opposite: { atMarket: false, limit: null } } },
      { order: limit('1'), account: { opposite: { atMarket: true, limit: null } } },
    ],
  ])('%s %s', (code, _, passes, fails) => {
    expect(codes(passes).filter((each) => each === code)).toEqual([]);
    expect(codes(fails)).toContain(code);
  });

  it('MAX_OPEN_POSITIONS: more of what is held already is no new position', () => {
    expect(codes({ account: { activeSymbols: ['AAPL', ...'BCDEFGHIJK'.split('')] } })).toEqual([]);
  });

  it('P-9: the size keeps to the room that is left under the position limit', () => {
    const { approvedSizePct } = judge({ order: { qty: units('3') }, account: { heldValue: money('9400') } });
    expect(approvedSizePct).toBe(units('0.006'));
  });

  it('MESSAGE_RATE: nothing opens while the count is unknown; what closes is not delayed', () => {
    expect(codes({ account: { requestsUsed: null } })).toEqual(['MESSAGE_RATE']);
    expect(codes(selling({ account: { requestsUsed: 1_000 } }))).toEqual([]);
  });

  it.each([0, null])('MESSAGE_RATE: is not evaluated where the limit of the venue is %s', (requestsAllowed) => {
    const { decision, notEvaluated } = judge({ account: { requestsAllowed, requestsUsed: 1_000 } });
    expect(decision).toBe('APPROVE');
    expect(notEvaluated).toContain('MESSAGE_RATE');
  });

  it('MESSAGE_RATE: decisions before rule set 4 are judged again without it', () => {
    expect(codes({ account: { requestsUsed: 1_000 }, input: { ruleSet: 3 } })).toEqual([]);
  });

  it('P-6: a policy that does not name a threshold has its rule off', () => {
    const off = {
      max_position_pct: null,
      max_open_positions: null,
      max_open_orders: null,
      max_daily_turnover: null,
      duplicate_window_seconds: null,
      max_requests_per_minute: null,
    };
    const account = {
      heldValue: money('50000'),
      activeSymbols: 'BCDEFGHIJKL'.split(''),
      openingOrderCount: 99,
      openedNotional: money('1000000'),
      duplicate: true,
      requestsUsed: 1_000,
    };
    expect(codes({ input: { policy: policyWith(off) }, account })).toEqual([]);
  });

  it('P-6: a decision of the first rule set is judged again without the rules that came later', () => {
    const change = { order: limit('199.995'), account: { openingOrderCount: 99, duplicate: true } };
    expect(codes({ ...change, input: { ruleSet: 1 } })).toEqual([]);
  });

  it('P-5: the rules that count orders do not bind a kill drill', () => {
    const account = { openingOrderCount: 99, duplicate: true, requestsUsed: 1_000 };
    expect(codes({ account, input: { drill: true, recentOrderCount: 10_000 } })).toEqual([]);
  });

  it.each<[string, ReasoningVerdict | null, readonly string[]]>([
    ['no memo', null, ['MEMO_REQUIRED']],
    ['reasoning is switched off', { status: 'DISABLED', recommendation: 'ALLOW' }, ['MEMO_REQUIRED']],
    ['a memo', { status: 'OK', recommendation: 'ALLOW' }, []],
    ['a memo that failed is the other rule', { status: 'FAILED', recommendation: 'ALLOW' }, ['REASONING_FAILED']],
  ])('MEMO_REQUIRED: %s', (_what, reasoning, expected) => {
    const policy = policyWith({ memo_required: true });
    expect(judge({ input: { policy }, signal: { reasoning } })).toMatchObject({
      codes: expected,
      decision: expected.length === 0 ? 'APPROVE' : 'REVIEW',
    });
    for (const memo_required of [false, null])
      expect(codes({ input: { policy: policyWith({ memo_required }) }, signal: { reasoning } })).not.toContain(
        'MEMO_REQUIRED',
      );
    expect(codes({ input: { policy, drill: true }, signal: { reasoning } })).not.toContain('MEMO_REQUIRED');
    expect(codes({ input: { policy, ruleSet: 2 }, signal: { reasoning } })).not.toContain('MEMO_REQUIRED');
    expect(codes(selling({ input: { policy }, signal: { reasoning } }))).not.toContain('MEMO_REQUIRED');
  });

  it.each<[string, GateInput['haltedScope'], GateInput['symbolStatus'], readonly string[], readonly string[]]>([
    ['nothing is halted', null, 'trading', [], []],
    [
      'its strategy is halted',
      { name: 'strategy trend', reduced: false },
      'trading',
      ['SCOPE_HALTED'],
      ['SCOPE_HALTED'],
    ],
    ['its symbol may only be reduced', { name: 'symbol AAPL', reduced: true }, 'trading', ['SCOPE_HALTED'], []],
    ['the exchange has halted the symbol', null, 'halted', ['SYMBOL_HALTED'], []],
    ['the exchange limits the symbol', null, 'limited', ['SYMBOL_HALTED'], []],
  ])('SCOPE_HALTED and SYMBOL_HALTED: %s', (_what, haltedScope, symbolStatus, opening, closing) => {
    const input = { ...(haltedScope === undefined ? {} : { haltedScope }), ...(symbolStatus ? { symbolStatus } : {}) };
    expect(codes({ input })).toEqual(opening);
    expect(codes(selling({ input }))).toEqual(closing);
    expect(codes({ input: { ...input, ruleSet: 2 } })).toEqual([]);
  });

  it('SYMBOL_HALTED: a closing limit order does not wait for the symbol to trade', () => {
    const order = { orderType: 'LIMIT' as const, limitPrice: units('199.9') };
    expect(codes(selling({ input: { symbolStatus: 'halted' }, order }))).toEqual(['SYMBOL_HALTED']);
  });

  it('says that scopes and statuses were not evaluated where they are not known', () => {
    expect(judge({}).notEvaluated).toEqual(expect.arrayContaining(['SCOPE_HALTED', 'SYMBOL_HALTED']));
  });

  it('none of them but PRICE_INCREMENT and the collar binds a trade that closes', () => {
    const account = {
      heldValue: money('50000'),
      openingOrderCount: 99,
      openedNotional: money('1000000'),
      opposite: { atMarket: true, limit: null },
      duplicate: true,
    };
    expect(codes(selling({ account }))).toEqual([]);
    expect(codes(selling({ account, order: limit('210.001') }))).toEqual(['PRICE_INCREMENT']);
  });

  it('A19: a closing LIMIT order keeps to the collar, to the exact price', () => {
    // One percent below the bid of 199.9 is 197.901.
    expect(codes(selling({ order: limit('197.91') }))).toEqual([]);
    expect(codes(selling({ order: limit('197.9') }))).toEqual(['PRICE_COLLAR']);
    expect(codes(selling({ order: { orderType: 'LIMIT', limitPrice: units('197.901') - NEXT } }))).toContain(
      'PRICE_COLLAR',
    );
  });
});
