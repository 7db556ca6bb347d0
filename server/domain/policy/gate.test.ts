import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatMoney, formatUnits, ONE, ONE_MONEY, parseMoney, parseUnits } from '@/server/domain/money/decimal';
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
  NOT_EVALUATED,
  overridePolicy,
  quantityFor,
  summariseAccount,
} from './index';

const NOW = Date.parse('2026-01-05T15:00:00.000Z');
const POLICY = compilePolicy(DEFAULT_POLICY_BODY, 1);
const units = parseUnits;
const money = parseMoney;

/** Equity 100,000, nothing held; AAPL at 199.9 to 200: one percent is 5 shares. */
const ACCOUNT: GateAccount = {
  equity: money('100000'),
  previousCloseEquity: money('100000'),
  buyingPower: money('100000'),
  grossPositionValue: 0n,
  workingBuyNotional: 0n,
  heldQty: 0n,
  workingSellQty: 0n,
  activeSymbols: [],
  portfolioAgeSeconds: units('2'),
  reconciliationAgeSeconds: units('4'),
};

const MARKET: GateMarket = {
  open: true,
  dataAgeSeconds: units('1'),
  quote: { bid: units('199.9'), ask: units('200') },
  msToClose: 3_600_000,
  eventBlackoutActive: false,
  liquidityScore: units('0.9'),
  correlation: units('0.1'),
};

const SIGNAL: GateSignal = {
  symbol: 'AAPL',
  action: 'BUY',
  confidence: units('0.71'),
  sizePct: units('0.02'),
  stopDistancePct: null,
  expiresAtMs: NOW + 1,
  consumed: false,
  reasoning: null,
};

const ORDER: GateOrder = {
  symbol: 'AAPL',
  side: 'BUY',
  qty: units('5'),
  orderType: 'MARKET',
  limitPrice: null,
  stopPrice: null,
  protectiveStopPrice: null,
  fractionable: false,
};

interface Change {
  readonly input?: Partial<GateInput>;
  readonly signal?: Partial<GateSignal>;
  readonly order?: Partial<GateOrder>;
  readonly account?: Partial<GateAccount>;
  readonly market?: Partial<GateMarket>;
}

function inputWith({ input, signal, order, account, market }: Change = {}): GateInput {
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

function judge(change: Change = {}) {
  const decision = evaluateGate(inputWith(change));
  return {
    ...decision,
    codes: decision.reasons.map(({ code }) => code),
    approved: formatUnits(decision.approvedQty),
    sends: formatUnits(decision.orderQty),
  };
}

const policyWith = (override: Parameters<typeof overridePolicy>[1]): CompiledPolicy =>
  compilePolicy(overridePolicy(DEFAULT_POLICY_BODY, override), 1);

/** A sale of AAPL, of which 10 are held. */
const SELLING: Change = {
  signal: { action: 'SELL' },
  order: { side: 'SELL' },
  account: { heldQty: units('10'), grossPositionValue: money('1999') },
};

function selling(change: Change): Change {
  return {
    ...(change.input === undefined ? {} : { input: change.input }),
    signal: { ...SELLING.signal, ...change.signal },
    order: { ...SELLING.order, ...change.order },
    account: { ...SELLING.account, ...change.account },
    market: { ...change.market },
  };
}

describe('an order that passes', () => {
  it('comes with its size, quantity, price, notional and the exposure after it', () => {
    const decision = judge();
    expect(decision).toMatchObject({
      decision: 'APPROVE',
      codes: [],
      approved: '5',
      sends: '5',
      positionEffect: 'OPEN',
      expiresAtMs: NOW + 30_000,
    });
    expect(formatUnits(decision.approvedSizePct)).toBe('0.01');
    expect(formatUnits(decision.referencePrice ?? 0n)).toBe('200');
    expect(formatMoney(decision.notional ?? 0n)).toBe('1000');
    expect(formatUnits(decision.exposureAfter ?? 0n)).toBe('0.01');
  });

  it('may leave its quantity to the gate', () => {
    expect(judge({ order: { qty: null } })).toMatchObject({ decision: 'APPROVE', approved: '5', sends: '5' });
  });

  it('is reviewed with the size that a countersignature would release', () => {
    expect(judge({ signal: { confidence: units('0.55') } })).toMatchObject({
      decision: 'REVIEW',
      codes: ['CONFIDENCE_LOW'],
      sends: '5',
      expiresAtMs: NOW + 900_000,
    });
  });

  it('is judged with the memo of its signal', () => {
    expect(judge({ signal: { reasoning: { status: 'FAILED' } } }).codes).toEqual(['REASONING_FAILED']);
    expect(judge({ signal: { reasoning: { status: 'OK', recommendation: 'AVOID' } } }).codes).toEqual([
      'REASONING_CAUTION',
    ]);
  });
});

describe('what is missing never trades', () => {
  const cases: [string, Change, string[]][] = [
    ['no signal', { input: { signal: null } }, ['UNKNOWN_SIGNAL']],
    ['no signal, no quantity', { input: { signal: null }, order: { qty: null } }, ['UNKNOWN_SIGNAL']],
    ['trading state unknown', { input: { tradingState: null } }, ['TRADING_HALTED']],
    ['breaks unknown', { input: { unresolvedBreak: null } }, ['RECONCILIATION_BREAK']],
    ['submissions unknown', { input: { uncertainSubmission: null } }, ['SUBMIT_UNCERTAIN']],
    ['order rate unknown', { input: { recentOrderCount: null } }, ['ORDER_RATE_LIMIT']],
    [
      'no market',
      { input: { market: null } },
      ['MARKET_CLOSED', 'DATA_STALE', 'EVENT_BLACKOUT', 'LIQUIDITY_LOW', 'CORRELATION_HIGH'],
    ],
    ['market clock unknown', { market: { open: null } }, ['MARKET_CLOSED']],
    ['data age unknown', { market: { dataAgeSeconds: null } }, ['DATA_STALE']],
    ['no quote', { market: { quote: null } }, ['DATA_STALE']],
    ['a quote of nothing', { market: { quote: { bid: 0n, ask: 0n } } }, ['DATA_STALE']],
    ['a crossed quote', { market: { quote: { bid: units('201'), ask: units('200') } } }, ['DATA_STALE']],
    ['blackout unknown', { market: { eventBlackoutActive: null } }, ['EVENT_BLACKOUT']],
    ['liquidity unknown', { market: { liquidityScore: null } }, ['LIQUIDITY_LOW']],
    [
      'no account',
      { input: { account: null } },
      ['DAILY_DRAWDOWN_LIMIT', 'GROSS_EXPOSURE_LIMIT', 'PORTFOLIO_STALE', 'BUYING_POWER'],
    ],
    [
      'equity unknown',
      { account: { equity: null } },
      ['DAILY_DRAWDOWN_LIMIT', 'GROSS_EXPOSURE_LIMIT', 'PORTFOLIO_STALE'],
    ],
    ['no equity left', { account: { equity: 0n } }, ['DAILY_DRAWDOWN_LIMIT', 'GROSS_EXPOSURE_LIMIT', 'SIZE_EXCEEDED']],
    ['previous close unknown', { account: { previousCloseEquity: null } }, ['DAILY_DRAWDOWN_LIMIT']],
    ['previous close of nothing', { account: { previousCloseEquity: 0n } }, ['DAILY_DRAWDOWN_LIMIT']],
    ['buying power unknown', { account: { buyingPower: null } }, ['BUYING_POWER']],
    ['portfolio age unknown', { account: { portfolioAgeSeconds: null } }, ['PORTFOLIO_STALE']],
    ['never reconciled', { account: { reconciliationAgeSeconds: null } }, ['PORTFOLIO_STALE']],
  ];

  it.each(cases)('%s', (_name, change, codes) => {
    const decision = judge(change);
    expect(decision.codes).toEqual(codes);
    expect(decision).toMatchObject({ decision: 'REJECT', approved: '0', sends: '0', approvedSizePct: 0n });
  });

  it.each([
    ['symbols in use', { input: { account: null } }, 'STAGE_SYMBOL_LIMIT'],
    ['time to the close', { market: { msToClose: null } }, 'STAGE_CLOSING'],
    ['both, without a market', { input: { market: null } }, 'STAGE_CLOSING'],
  ])('in M1: %s unknown', (_name, change: Change, code) => {
    expect(judge({ ...change, input: { stage: 'M1_PAPER', ...change.input } }).codes).toContain(code);
  });

  it("in M3: the day's result unknown", () => {
    expect(judge({ input: { stage: 'M3_LIVE_SMALL' }, account: { previousCloseEquity: null } }).codes).toContain(
      'STAGE_DAILY_LOSS',
    );
  });
});

describe('inputs that are no part of the judgement', () => {
  it('are recorded, not hit', () => {
    const market: Partial<GateMarket> = {
      eventBlackoutActive: NOT_EVALUATED,
      liquidityScore: NOT_EVALUATED,
      correlation: NOT_EVALUATED,
    };
    expect(judge({ market })).toMatchObject({
      decision: 'APPROVE',
      notEvaluated: ['EVENT_BLACKOUT', 'LIQUIDITY_LOW', 'REASONING_CAUTION', 'REASONING_FAILED', 'CORRELATION_HIGH'],
    });
  });

  it('leave out what needs a price where there is none by agreement', () => {
    const priceless = judge({ market: { quote: NOT_EVALUATED } });
    expect(priceless).toMatchObject({
      decision: 'APPROVE',
      sends: '5',
      referencePrice: null,
      notional: null,
      exposureAfter: null,
    });
    expect(priceless.notEvaluated).toEqual(
      expect.arrayContaining(['ORDER_NOTIONAL_LIMIT', 'SIZE_EXCEEDED', 'BUYING_POWER']),
    );
    const limit = judge({ market: { quote: NOT_EVALUATED }, order: { orderType: 'LIMIT', limitPrice: units('200') } });
    expect(limit).toMatchObject({ decision: 'APPROVE', notEvaluated: expect.arrayContaining(['PRICE_COLLAR']) });
    expect(judge({ market: { quote: NOT_EVALUATED }, order: { qty: null } }).codes).toEqual(['SIZE_EXCEEDED']);
  });

  it('take stated exposure and drawdown in the place of the account', () => {
    const stated = { grossExposurePct: units('0.995'), dailyDrawdownPct: units('0.01') };
    expect(judge({ input: { stated } })).toMatchObject({ codes: ['SIZE_EXCEEDED'] });
    expect(
      judge({ input: { stated: { ...stated, dailyDrawdownPct: units('0.03') } }, order: { qty: units('2') } }).codes,
    ).toEqual(['DAILY_DRAWDOWN_LIMIT']);
  });
});

describe("the gate's own rules", () => {
  const tight = policyWith({ max_order_qty: 4, max_order_notional: '999.99', max_orders_per_minute: 3 });
  const cases: [string, Change, string[]][] = [
    ['another symbol', { signal: { symbol: 'MSFT' } }, ['SIGNAL_MISMATCH']],
    ['the other side', { signal: { action: 'SELL' } }, ['SIGNAL_MISMATCH']],
    ['a consumed signal', { signal: { consumed: true } }, ['SIGNAL_CONSUMED']],
    ['a signal at its expiry', { signal: { expiresAtMs: NOW } }, ['SIGNAL_EXPIRED']],
    [
      'a portfolio of 15 s',
      { account: { portfolioAgeSeconds: units('15'), reconciliationAgeSeconds: units('15') } },
      [],
    ],
    ['a portfolio of 15.001 s', { account: { portfolioAgeSeconds: units('15.001') } }, ['PORTFOLIO_STALE']],
    ['a reconciliation of 15.001 s', { account: { reconciliationAgeSeconds: units('15.001') } }, ['PORTFOLIO_STALE']],
    ['too many shares, too dear', { input: { policy: tight } }, ['ORDER_QUANTITY_LIMIT', 'ORDER_NOTIONAL_LIMIT']],
    ['two orders in the minute', { input: { policy: tight, recentOrderCount: 2 }, order: { qty: units('4') } }, []],
    [
      'three orders in the minute',
      { input: { policy: tight, recentOrderCount: 3 }, order: { qty: units('4') } },
      ['ORDER_RATE_LIMIT'],
    ],
    ['part of a share', { order: { qty: units('0.5') } }, ['ORDER_QUANTITY_LIMIT']],
    ['no shares', { order: { qty: 0n } }, ['ORDER_QUANTITY_LIMIT']],
    ['fewer than none', { order: { qty: -ONE } }, ['ORDER_QUANTITY_LIMIT']],
    ['a share more than approved', { order: { qty: units('6') } }, ['SIZE_EXCEEDED']],
    ['a size that buys no share', { signal: { sizePct: units('0.001') }, order: { qty: null } }, ['SIZE_EXCEEDED']],
    ['a limit 1% through the market', { order: { orderType: 'LIMIT', limitPrice: units('202'), qty: units('4') } }, []],
    [
      'a limit further',
      { order: { orderType: 'LIMIT', limitPrice: units('202.01'), qty: units('4') } },
      ['PRICE_COLLAR'],
    ],
    ['a limit far below', { order: { orderType: 'LIMIT', limitPrice: units('100') } }, []],
    ['just enough money', { account: { buyingPower: money('1500'), workingBuyNotional: money('500') } }, []],
    [
      'a cent too little',
      { account: { buyingPower: money('1499.99'), workingBuyNotional: money('500') } },
      ['BUYING_POWER'],
    ],
    ['an unresolved break', { input: { unresolvedBreak: true } }, ['RECONCILIATION_BREAK']],
    ['an earlier order of unknown fate', { input: { uncertainSubmission: true } }, ['SUBMIT_UNCERTAIN']],
    ['reducing only', { input: { tradingState: 'REDUCING' } }, ['TRADING_REDUCING']],
  ];

  it.each(cases)('%s', (_name, change, codes) => {
    expect(judge(change).codes).toEqual(codes);
  });

  it('measures drawdown from the previous close', () => {
    const at = (equity: string) => judge({ account: { equity: money(equity) }, order: { qty: units('4') } }).codes;
    expect(at('97000.01')).toEqual([]);
    expect(at('97000')).toEqual(['DAILY_DRAWDOWN_LIMIT']);
    expect(at('110000')).toEqual([]);
  });

  it('counts working buys as exposure, and leaves only the room that is left', () => {
    const account = { grossPositionValue: money('60000'), workingBuyNotional: money('39800') };
    expect(judge({ account })).toMatchObject({ codes: ['SIZE_EXCEEDED'] });
    expect(judge({ account, order: { qty: null } })).toMatchObject({ decision: 'APPROVE', sends: '1' });
    expect(judge({ account: { ...account, workingBuyNotional: money('40000') } }).codes).toContain(
      'GROSS_EXPOSURE_LIMIT',
    );
  });

  it('rounds exposure up: a hair over the limit is over it', () => {
    const account = {
      equity: money('3'),
      previousCloseEquity: money('3'),
      grossPositionValue: money('2.9999999999999999999'),
    };
    expect(judge({ account }).codes).toContain('GROSS_EXPOSURE_LIMIT');
  });

  it('refuses a countersignature when the price has left what was shown, either way', () => {
    const shown = (price: string) => judge({ input: { shownPrice: units(price) } }).codes;
    expect([shown('200'), shown('198.1'), shown('202')]).toEqual([[], [], []]);
    expect([shown('198'), shown('202.1')]).toEqual([['PRICE_COLLAR'], ['PRICE_COLLAR']]);
    const limit: Change = {
      order: { orderType: 'LIMIT', limitPrice: units('150') },
      input: { shownPrice: units('150') },
    };
    expect(judge(limit).codes).toEqual([]);
    expect(judge({ input: { shownPrice: units('200') }, market: { quote: NOT_EVALUATED } }).notEvaluated).toContain(
      'PRICE_COLLAR',
    );
  });
});

describe('stops', () => {
  const stated = { stopDistancePct: units('0.1') };

  it('count only when the order carries them to the broker', () => {
    expect(judge({ signal: stated, order: { qty: null } }).sends).toBe('5');
    expect(judge({ signal: stated, order: { qty: null, protectiveStopPrice: units('180') } }).sends).toBe('10');
  });

  it('count by the wider of what is stated and what is carried', () => {
    expect(judge({ signal: stated, order: { qty: null, protectiveStopPrice: units('190') } }).sends).toBe('10');
    expect(
      judge({ signal: { ...stated, sizePct: units('0.5') }, order: { qty: null, protectiveStopPrice: units('160') } })
        .sends,
    ).toBe('12');
    expect(
      judge({ signal: { sizePct: units('0.5') }, order: { qty: null, protectiveStopPrice: units('160') } }).sends,
    ).toBe('12');
  });

  it.each(['200', '250', '0'])('do not count at %s, where they protect nothing', (price) => {
    expect(judge({ signal: stated, order: { qty: null, protectiveStopPrice: units(price) } }).sends).toBe('5');
  });
});

describe('reference prices', () => {
  const cases: [string, Change, string][] = [
    ['a market order to buy: the ask', {}, '200'],
    ['a limit order: its limit', { order: { orderType: 'LIMIT', limitPrice: units('150') } }, '150'],
    ['a stop to buy above the market: its trigger', { order: { orderType: 'STOP', stopPrice: units('210') } }, '210'],
    ['a stop to buy below the market: the ask', { order: { orderType: 'STOP', stopPrice: units('190') } }, '200'],
    ['a sale: the bid', selling({}), '199.9'],
  ];

  it.each(cases)('%s', (_name, change, price) => {
    expect(formatUnits(judge(change).referencePrice ?? 0n)).toBe(price);
  });

  it('a limit order to sell may not lie through the bid by more than the collar', () => {
    const limit = (price: string, held: string) =>
      judge(selling({ order: { orderType: 'LIMIT', limitPrice: units(price) }, account: { heldQty: units(held) } }))
        .codes;
    expect(limit('150', '10')).toEqual([]);
    expect(limit('150', '4')).toEqual(['SHORT_NOT_ALLOWED', 'PRICE_COLLAR']);
  });
});

describe('closing what is held', () => {
  it('is derived, never taken from the caller: at most what is held less working sells', () => {
    expect(judge(selling({}))).toMatchObject({
      decision: 'APPROVE',
      positionEffect: 'REDUCE',
      sends: '5',
      approved: '10',
    });
    expect(judge(selling({ order: { qty: units('10') } }))).toMatchObject({ positionEffect: 'REDUCE', sends: '10' });
    expect(judge(selling({ order: { qty: units('11') } })).codes).toContain('SHORT_NOT_ALLOWED');
    expect(judge(selling({ account: { workingSellQty: units('6') } })).codes).toContain('SHORT_NOT_ALLOWED');
    expect(judge(selling({ account: { heldQty: 0n } })).codes).toContain('SHORT_NOT_ALLOWED');
    expect(judge(selling({ account: { heldQty: units('-10') } })).codes).toContain('SHORT_NOT_ALLOWED');
    expect(judge(selling({ account: { heldQty: 0n }, order: { qty: null } })).codes).toContain('SHORT_NOT_ALLOWED');
  });

  it('without a quantity sells the size asked, at most what may be sold', () => {
    expect(judge(selling({ order: { qty: null } })).sends).toBe('10');
    expect(judge(selling({ order: { qty: null }, signal: { sizePct: units('0.01') } })).sends).toBe('5');
    expect(judge(selling({ order: { qty: null }, signal: { sizePct: units('0.0001') } })).codes).toEqual([
      'SIZE_EXCEEDED',
    ]);
  });

  it('passes what only binds opening', () => {
    const change = selling({
      input: {
        policy: policyWith({ allowlist: [], max_order_notional: 1, max_order_qty: 1, max_orders_per_minute: 0 }),
        tradingState: 'REDUCING',
        stage: 'M2_SANDBOX',
        recentOrderCount: null,
      },
      signal: { confidence: 0n, reasoning: { status: 'FAILED' } },
      market: { eventBlackoutActive: null, liquidityScore: null, correlation: null },
      account: { buyingPower: null, previousCloseEquity: null },
      order: { qty: units('0.5') },
    });
    expect(judge(change)).toMatchObject({ decision: 'APPROVE', codes: [], sends: '0.5' });
  });

  it('is still bound by market, data, kill switch, breaks, its signal and a known portfolio', () => {
    const change = selling({
      input: { tradingState: 'HALTED', unresolvedBreak: true },
      market: { open: false, quote: null },
      signal: { consumed: true, expiresAtMs: 0, symbol: 'MSFT' },
      account: { portfolioAgeSeconds: null },
    });
    expect(judge(change).codes).toEqual([
      'MARKET_CLOSED',
      'DATA_STALE',
      'TRADING_HALTED',
      'RECONCILIATION_BREAK',
      'SIGNAL_MISMATCH',
      'SIGNAL_CONSUMED',
      'SIGNAL_EXPIRED',
      'PORTFOLIO_STALE',
    ]);
  });

  it('refuses a quantity that is none', () => {
    expect(judge(selling({ order: { qty: 0n } })).codes).toEqual(['ORDER_QUANTITY_LIMIT']);
    expect(judge(selling({ order: { qty: -ONE } })).codes).toEqual(['ORDER_QUANTITY_LIMIT']);
  });

  it('lowers the exposure, never below nothing', () => {
    const left = (qty: string) => formatUnits(judge(selling({ order: { qty: units(qty) } })).exposureAfter ?? -1n);
    expect([left('5'), left('10')]).toEqual(['0.009995', '0']);
    const marked = selling({ account: { grossPositionValue: money('1') } });
    expect(judge(marked).exposureAfter).toBe(0n);
  });
});

describe('fractions of a share', () => {
  it('are bought in M2 where the asset takes them, so that $100 buys part of one', () => {
    const sandbox = (order: Partial<GateOrder>) => judge({ input: { stage: 'M2_SANDBOX' }, order });
    expect(sandbox({ qty: null, fractionable: true })).toMatchObject({ decision: 'REVIEW', sends: '0.5' });
    expect(sandbox({ qty: units('0.4999'), fractionable: true }).codes).toEqual(['STAGE_MANUAL_APPROVAL']);
    expect(sandbox({ qty: units('0.49999'), fractionable: true }).codes).toEqual([
      'STAGE_MANUAL_APPROVAL',
      'ORDER_QUANTITY_LIMIT',
    ]);
    expect(sandbox({ qty: null, fractionable: false }).codes).toContain('SIZE_EXCEEDED');
  });

  it('and quantities are cut, never rounded up', () => {
    const fractional = { fractional: true };
    expect(formatUnits(quantityFor(units('0.001'), money('100000'), units('333'), fractional))).toBe('0.3003');
    expect(quantityFor(units('0.01'), money('100000'), units('1000.01'), { fractional: false })).toBe(0n);
    expect(quantityFor(0n, money('1'), ONE, fractional)).toBe(0n);
    expect(quantityFor(ONE, 0n, ONE, fractional)).toBe(0n);
    expect(quantityFor(ONE, ONE_MONEY, 0n, fractional)).toBe(0n);
    fc.assert(
      fc.property(
        fc.bigInt(1n, ONE),
        fc.bigInt(1n, 10n ** 33n),
        fc.bigInt(1n, 10n ** 17n),
        fc.boolean(),
        (size, equity, price, parts) => {
          const qty = quantityFor(size, equity, price, { fractional: parts });
          const step = parts ? 10n ** 8n : ONE;
          expect(qty % step).toBe(0n);
          // What it costs is within the size; one step more would not be. All times ONE, exactly.
          expect(qty * price * ONE <= size * equity).toBe(true);
          expect((qty + step) * price * ONE > size * equity).toBe(true);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('summing an account up', () => {
  it('adds positions by their absolute value and keeps working orders apart', () => {
    const known = {
      equity: 1n,
      previousCloseEquity: 2n,
      buyingPower: 3n,
      portfolioAgeSeconds: 4n,
      reconciliationAgeSeconds: 5n,
    };
    const position = (symbol: string, qty: string, price: string) => ({
      symbol,
      qty: units(qty),
      marketPrice: units(price),
    });
    const working = (symbol: string, side: 'BUY' | 'SELL', qty: string, price: string) => ({
      symbol,
      side,
      leavesQty: units(qty),
      price: units(price),
    });
    const summary = summariseAccount(
      {
        ...known,
        positions: [position('AAPL', '10', '200'), position('SPY', '-2', '500'), position('NVDA', '0', '9')],
        workingOrders: [
          working('MSFT', 'BUY', '3', '400'),
          working('AAPL', 'SELL', '4', '201'),
          working('SPY', 'SELL', '1', '1'),
          working('AMZN', 'BUY', '0', '1'),
        ],
      },
      'AAPL',
    );
    expect(summary).toEqual({
      ...known,
      grossPositionValue: money('3000'),
      workingBuyNotional: money('1200'),
      heldQty: units('10'),
      workingSellQty: units('4'),
      activeSymbols: ['AAPL', 'SPY', 'MSFT'],
    });
  });
});
