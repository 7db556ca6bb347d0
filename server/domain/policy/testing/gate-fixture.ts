import { formatUnits, parseMoney, parseUnits } from '@/server/kernel/money';
import {
  type CompiledPolicy,
  compilePolicy,
  DEFAULT_POLICY_BODY,
  evaluateGate,
  type GateAccount,
  type GateInput,
  type GateMarket,
  type GateOrder,
  type GateSignal,
  overridePolicy,
} from '../index';

export const NOW = Date.parse('2026-01-05T15:00:00.000Z');
export const POLICY = compilePolicy(DEFAULT_POLICY_BODY, 1);
export const units = parseUnits;
export const money = parseMoney;

/** Equity 100,000, nothing held; AAPL at 199.9 to 200: one percent is 5 shares. */
export const ACCOUNT: GateAccount = {
  equity: money('100000'),
  previousCloseEquity: money('100000'),
  requestsUsed: 0,
  requestsAllowed: 200,
  buyingPower: money('100000'),
  grossPositionValue: 0n,
  workingBuyNotional: 0n,
  heldQty: 0n,
  workingSellQty: 0n,
  activeSymbols: [],
  portfolioAgeSeconds: units('2'),
  reconciliationAgeSeconds: units('4'),
  heldValue: 0n,
  symbolBuyNotional: 0n,
  openingOrderCount: 0,
  openedNotional: 0n,
  opposite: { atMarket: false, limit: null },
  duplicate: false,
  strategyQty: 0n,
  protectedQty: 0n,
};

export const MARKET: GateMarket = {
  open: true,
  dataAgeSeconds: units('1'),
  quote: { bid: units('199.9'), ask: units('200') },
  msToClose: 3_600_000,
  eventBlackoutActive: false,
  liquidityScore: units('0.9'),
  correlation: units('0.1'),
};

export const SIGNAL: GateSignal = {
  symbol: 'AAPL',
  action: 'BUY',
  confidence: units('0.71'),
  sizePct: units('0.02'),
  stopDistancePct: null,
  expiresAtMs: NOW + 1,
  consumed: false,
  reasoning: null,
};

export const ORDER: GateOrder = {
  symbol: 'AAPL',
  side: 'BUY',
  qty: units('5'),
  orderType: 'MARKET',
  limitPrice: null,
  stopPrice: null,
  protectiveStopPrice: null,
  fractionable: false,
};

export interface Change {
  readonly input?: Partial<GateInput>;
  readonly signal?: Partial<GateSignal>;
  readonly order?: Partial<GateOrder>;
  readonly account?: Partial<GateAccount>;
  readonly market?: Partial<GateMarket>;
}

export function inputWith({ input, signal, order, account, market }: Change = {}): GateInput {
  return {
    nowMs: NOW,
    policy: POLICY,
    stage: 'M0_LOCAL',
    tradingState: 'ACTIVE',
    signal: { ...SIGNAL, ...signal },
    order: { ...ORDER, ...order },
    account: { ...ACCOUNT, ...account },
    market: { ...MARKET, ...market },
    unresolvedBreak: false,
    uncertainSubmission: false,
    recentOrderCount: 0,
    ...input,
  };
}

export function judge(change: Change = {}) {
  const decision = evaluateGate(inputWith(change));
  return {
    ...decision,
    codes: decision.reasons.map(({ code }) => code),
    approved: formatUnits(decision.approvedQty),
    sends: formatUnits(decision.orderQty),
  };
}

export const policyWith = (override: Parameters<typeof overridePolicy>[1]): CompiledPolicy =>
  compilePolicy(overridePolicy(DEFAULT_POLICY_BODY, override), 1);

/** A sale of AAPL, of which 10 are held. */
export const SELLING: Change = {
  signal: { action: 'SELL' },
  order: { side: 'SELL' },
  account: { heldQty: units('10'), strategyQty: units('10'), grossPositionValue: money('1999') },
};

export function selling(change: Change): Change {
  return {
    ...(change.input === undefined ? {} : { input: change.input }),
    signal: { ...SELLING.signal, ...change.signal },
    order: { ...SELLING.order, ...change.order },
    account: { ...SELLING.account, ...change.account },
    market: { ...change.market },
  };
}
