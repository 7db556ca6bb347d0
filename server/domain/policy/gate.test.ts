import { describe, expect, it } from 'vitest';
import { formatMoney, formatUnits, ONE } from '@/server/kernel/money';
import { admit, admitCountersigned, type GatedOrder } from './gate';
import { type GateMarket, NOT_EVALUATED } from './index';
import { type Change, inputWith, judge, money, NOW, ORDER, policyWith, units } from './testing/gate-fixture';

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
      [
        'DAILY_DRAWDOWN_LIMIT',
        'GROSS_EXPOSURE_LIMIT',
        'PORTFOLIO_STALE',
        'BUYING_POWER',
        'POSITION_LIMIT',
        'MAX_OPEN_POSITIONS',
        'MAX_OPEN_ORDERS',
        'DAILY_TURNOVER_LIMIT',
      ],
    ],
    [
      'equity unknown',
      { account: { equity: null } },
      ['DAILY_DRAWDOWN_LIMIT', 'GROSS_EXPOSURE_LIMIT', 'PORTFOLIO_STALE', 'POSITION_LIMIT', 'DAILY_TURNOVER_LIMIT'],
    ],
    [
      'no equity left',
      { account: { equity: 0n } },
      ['DAILY_DRAWDOWN_LIMIT', 'GROSS_EXPOSURE_LIMIT', 'SIZE_EXCEEDED', 'POSITION_LIMIT', 'DAILY_TURNOVER_LIMIT'],
    ],
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
      notEvaluated: [
        'EVENT_BLACKOUT',
        'LIQUIDITY_LOW',
        'REASONING_CAUTION',
        'REASONING_FAILED',
        'CORRELATION_HIGH',
        'SCOPE_HALTED',
        'SYMBOL_HALTED',
      ],
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

  const shownAt = (price: string) => ({ price: units(price), equity: null, exposureAfter: null });

  it('refuses a countersignature when the price has left what was shown, either way', () => {
    const shown = (price: string) => judge({ input: { shown: shownAt(price) } }).codes;
    expect([shown('200'), shown('198.1'), shown('202')]).toEqual([[], [], []]);
    expect([shown('198'), shown('202.1')]).toEqual([['PRICE_COLLAR'], ['PRICE_COLLAR']]);
    const limit: Change = {
      order: { orderType: 'LIMIT', limitPrice: units('150') },
      input: { shown: shownAt('150') },
    };
    expect(judge(limit).codes).toEqual([]);
    expect(judge({ input: { shown: shownAt('200') }, market: { quote: NOT_EVALUATED } }).notEvaluated).toContain(
      'PRICE_COLLAR',
    );
  });
});

describe('A-4: a countersigned order', () => {
  /** Five shares at 200 of 100,000: exactly the approved size. */
  const SHOWN = { price: units('200'), equity: money('100000'), exposureAfter: units('0.01') };
  const approving = ({ input, ...change }: Change = {}) => judge({ ...change, input: { shown: SHOWN, ...input } });
  const quote = (bid: string, ask: string) => ({ quote: { bid: units(bid), ask: units(ask) } });
  const ask = (price: string) => ({ market: quote('199', price) });

  it.each([['200.01'], ['201'], ['202']])('of the full size is no flip when the ask is %s', (price) => {
    expect(approving(ask(price)).codes).toEqual([]);
    expect(judge(ask(price)).codes).toEqual(['SIZE_EXCEEDED']);
  });

  it('is refused beyond the collar, by that rule alone', () => {
    expect(approving(ask('202.01')).codes).toEqual(['PRICE_COLLAR']);
  });

  it('is no larger than the size that the shown price and equity allow', () => {
    expect(approving({ order: { qty: units('6') } }).codes).toEqual(['SIZE_EXCEEDED']);
    expect(approving({ order: { qty: units('6') }, market: quote('100', '100.5') }).codes).toContain('SIZE_EXCEEDED');
  });

  it.each([
    ['0.9%', '900', []],
    ['1%', '1000', []],
    ['more than 1%', '1000.000001', ['EXPOSURE_DRIFT']],
  ])('A17: is refused when the exposure after it has grown by more than 1% of equity: %s', (_, held, codes) => {
    expect(approving({ account: { grossPositionValue: money(held) } }).codes).toEqual(codes);
  });

  it.each([
    ['98000', []],
    ['102000', []],
    ['97999.99', ['EQUITY_DRIFT']],
    ['102000.01', ['EQUITY_DRIFT']],
  ])('is refused when equity has moved by more than 2%%: %s', (equity, codes) => {
    const account = { equity: money(equity), previousCloseEquity: money(equity) };
    expect(approving({ account }).codes).toEqual(codes);
  });

  it('is refused when equity is unknown', () => {
    expect(approving({ account: { equity: null } }).codes).toContain('EQUITY_DRIFT');
  });

  it('at the exposure limit is no flip when the exposure ticks up, and is refused beyond the drift', () => {
    const shown = { ...SHOWN, exposureAfter: ONE };
    const held = (value: string) =>
      approving({ input: { shown }, account: { grossPositionValue: money(value) } }).codes;
    expect(held('99010')).toEqual([]);
    expect(held('99999')).toEqual([]);
    expect(held('100000')).toContain('GROSS_EXPOSURE_LIMIT');
  });

  it.each([['approval_exposure_drift_pct'], ['approval_equity_drift_pct']])(
    'P-6: is judged by present figures under a policy without %s',
    (field) => {
      const policy = policyWith({ [field]: null });
      expect(approving({ ...ask('200.01'), input: { policy } }).codes).toEqual(['SIZE_EXCEEDED']);
    },
  );

  it('of an earlier version, which recorded the price alone, is judged by present figures', () => {
    const shown = { price: units('200'), equity: null, exposureAfter: null };
    expect(judge({ ...ask('200.01'), input: { shown } }).codes).toEqual(['SIZE_EXCEEDED']);
  });

  it('A-2: is not refused for the rate of orders', () => {
    const busy = { recentOrderCount: 1_000 };
    expect(judge({ input: busy }).codes).toEqual(['ORDER_RATE_LIMIT']);
    expect(approving({ input: busy }).codes).toEqual([]);
  });
});

describe('a gated order', () => {
  const REVIEWED: Change = { signal: { confidence: units('0.55') } };

  it('comes of an approval with the terms that were judged', () => {
    const { decision, order } = admit(inputWith({ order: { qty: null } }));
    expect(decision.decision).toBe('APPROVE');
    expect(order).toMatchObject({ symbol: 'AAPL', side: 'BUY', qty: units('5'), referencePrice: units('200') });
  });

  it.each([
    ['a review', REVIEWED],
    ['a rejection', { input: { tradingState: 'HALTED' } }],
  ] as const)('does not come of %s', (_, change: Change) => {
    expect(admit(inputWith(change)).order).toBeNull();
  });

  it('comes of a countersignature for the rules that were shown, and of no other', () => {
    const shown = judge(REVIEWED).reasons;
    expect(admitCountersigned(inputWith(REVIEWED), shown)).toMatchObject({ flips: [], order: { qty: ORDER.qty } });
    const unseen = admitCountersigned(inputWith(REVIEWED), []);
    expect([unseen.flips.map(({ code }) => code), unseen.order]).toEqual([['CONFIDENCE_LOW'], null]);
    const halted = admitCountersigned(inputWith({ ...REVIEWED, input: { tradingState: 'HALTED' } }), shown);
    expect([halted.flips.map(({ code }) => code), halted.order]).toEqual([['TRADING_HALTED'], null]);
  });

  it('cannot be made outside the gate', () => {
    const { symbol, side, orderType, limitPrice, stopPrice } = ORDER;
    const terms = { symbol, side, qty: ONE, orderType, limitPrice, stopPrice, referencePrice: ONE };
    // @ts-expect-error only the gate has the brand
    const forged: GatedOrder = { ...terms, positionEffect: 'OPEN' };
    const genuine = admit(inputWith()).order;
    expect(Object.getOwnPropertySymbols(forged)).toEqual([]);
    expect(Object.getOwnPropertySymbols(genuine)).toHaveLength(1);
  });
});
