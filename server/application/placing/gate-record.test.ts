import { expect, test } from 'vitest';
import { compilePolicy, DEFAULT_POLICY_BODY } from '@/server/domain/policy';
import { evaluateGate } from '@/server/domain/policy/gate';
import type { GateInput } from '@/server/domain/policy/gate-types';
import { RULE_SET } from '@/server/domain/policy/rule-table';
import { NOT_EVALUATED } from '@/server/domain/policy/types';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { parseMoney, parseUnits } from '@/server/kernel/money';
import { gateRecord, readGateRecord } from './gate-record';

const policy = compilePolicy(DEFAULT_POLICY_BODY, 1);

const FULL: GateInput = {
  nowMs: 1_767_625_200_123,
  policy,
  stage: 'M0_LOCAL',
  tradingState: 'ACTIVE',
  signal: {
    symbol: 'AAPL',
    action: 'BUY',
    confidence: parseUnits('0.710000000001'),
    sizePct: parseUnits('0.02'),
    stopDistancePct: parseUnits('0.05'),
    expiresAtMs: 1_767_625_300_000,
    consumed: false,
    reasoning: { status: 'OK', recommendation: 'ALLOW_WITH_CAUTION' },
  },
  order: {
    symbol: 'AAPL',
    side: 'BUY',
    qty: parseUnits('10'),
    orderType: 'LIMIT',
    limitPrice: parseUnits('100.0100'),
    stopPrice: null,
    protectiveStopPrice: null,
    fractionable: false,
  },
  account: {
    equity: parseMoney('100000.000000000000000000000001'),
    previousCloseEquity: parseMoney('100001'),
    requestsUsed: 7,
    requestsAllowed: 200,
    buyingPower: parseMoney('50000.5'),
    grossPositionValue: 0n,
    workingBuyNotional: parseMoney('12.34'),
    heldQty: 0n,
    workingSellQty: 0n,
    activeSymbols: ['MSFT'],
    portfolioAgeSeconds: parseUnits('1.25'),
    reconciliationAgeSeconds: parseUnits('2'),
    heldValue: parseMoney('10.5'),
    symbolBuyNotional: parseMoney('1'),
    openingOrderCount: 2,
    openedNotional: parseMoney('5000'),
    opposite: { atMarket: false, limit: parseUnits('99') },
    duplicate: false,
    strategyQty: parseUnits('3'),
    protectedQty: 0n,
  },
  market: {
    open: true,
    dataAgeSeconds: parseUnits('0.5'),
    quote: { bid: parseUnits('99.99'), ask: parseUnits('100.01') },
    msToClose: 1_000_000,
    eventBlackoutActive: false,
    liquidityScore: parseUnits('0.985029'),
    correlation: null,
    basis: {
      marketNowMs: 1_767_625_200_123.5,
      bidSize: parseUnits('500.5'),
      askSize: parseUnits('100'),
      dollarsPerMinute: 1_234_567.891,
      featuresAtMs: 1_767_625_200_000,
      held: [
        { symbol: 'MSFT', value: 1000.25, featuresAtMs: 1_767_625_200_000 },
        { symbol: 'TSLA', value: -3, featuresAtMs: null },
      ],
      eventIds: ['0198f2a0-0000-7000-8000-000000000001'],
    },
  },
  unresolvedBreak: false,
  uncertainSubmission: false,
  recentOrderCount: 3,
  ruleSet: RULE_SET,
  shown: { price: parseUnits('100'), equity: parseMoney('100000'), exposureAfter: parseUnits('0.3') },
};

const UNKNOWN: GateInput = {
  ...FULL,
  tradingState: null,
  signal: null,
  account: null,
  market: null,
  unresolvedBreak: null,
  uncertainSubmission: null,
  recentOrderCount: null,
};

const NO_PRICE: GateInput = {
  ...FULL,
  market: FULL.market && { ...FULL.market, quote: NOT_EVALUATED, dataAgeSeconds: null },
};

test.each([
  ['complete', FULL],
  ['with everything unknown', UNKNOWN],
  ['without a price', NO_PRICE],
])('an input that is %s is judged again to the same decision from what was stored', (_, input) => {
  const stored = JSON.parse(canonicalJson(gateRecord(input))) as ReturnType<typeof gateRecord>;
  expect(readGateRecord(stored, policy)).toEqual(input);
  expect(evaluateGate(readGateRecord(stored, policy))).toEqual(evaluateGate(input));
});

test('P-6: a record of the first rule set lacks the figures that came later, and reads them as nothing', () => {
  const { account, ...rest } = gateRecord(FULL);
  const {
    held_value: _a,
    symbol_buy_notional: _b,
    opening_order_count: _c,
    opened_notional: _d,
    strategy_qty: _g,
    ...first
  } = account ?? {};
  const { opposite: _e, duplicate: _f, ...early } = first as Partial<NonNullable<typeof account>>;
  const stored = { ...rest, account: early } as ReturnType<typeof gateRecord>;
  expect(readGateRecord(stored, policy).account).toEqual({
    ...FULL.account,
    heldValue: 0n,
    symbolBuyNotional: 0n,
    openingOrderCount: 0,
    openedNotional: null,
    opposite: NOT_EVALUATED,
    duplicate: false,
    strategyQty: 0n,
  });
});

test.each(['equity', 'gross_position_value'])('a record whose %s is not a decimal is not read', (figure) => {
  const { account, ...rest } = gateRecord(FULL);
  const stored = { ...rest, account: { ...account, [figure]: 'much' } } as ReturnType<typeof gateRecord>;
  expect(() => readGateRecord(stored, policy)).toThrow();
});

test('a record that lacks a figure of its rule set is not read', () => {
  const { account, ...rest } = gateRecord(FULL);
  const { held_qty: _, ...without } = account ?? {};
  expect(() => readGateRecord({ ...rest, account: without } as ReturnType<typeof gateRecord>, policy)).toThrow();
});
