import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type PolicyRequest, policyRequestSchema, reasoningVerdictSchema } from '@/server/contracts/policy';
import { formatUnits, ONE, parseUnits } from '@/server/kernel/money';
import type { Decision, TradingState } from '@/server/kernel/vocabulary';
import {
  compilePolicy,
  DEFAULT_POLICY_BODY,
  evaluateGate,
  evaluatePolicy,
  type GateInput,
  numberFromUnits,
  overridePolicy,
  type PolicyDecision,
  type StageFacts,
  unitsFromNumber,
} from './index';
import { withoutMemo } from './without-memo';

// Many cases: the default of 5 s is for a quiet machine.
vi.setConfig({ testTimeout: 60_000 });

const NOW = 1_767_625_200_000;
const POLICY = compilePolicy(DEFAULT_POLICY_BODY, 1);
const STRICTNESS: Readonly<Record<Decision, number>> = { APPROVE: 0, REVIEW: 1, REJECT: 2 };

/** Decimals in [min, max], often on the very edges of the rules. */
function decimals(min: number, max: number, edges: readonly number[]): fc.Arbitrary<number> {
  const steps = fc.integer({ min: Math.ceil(min * 1e4), max: Math.floor(max * 1e4) }).map((step) => step / 1e4);
  return fc.oneof(fc.constantFrom(...edges), steps);
}

const symbols = fc.constantFrom('AAPL', 'MSFT', 'SPY', 'TSLA');
const sizes = decimals(0.0001, 1, [0.02, 0.005, 0.01, 1]);

const requests: fc.Arbitrary<PolicyRequest> = fc.record(
  {
    signal_id: fc.constant('00000000-0000-4000-8000-000000000000'),
    symbol: symbols,
    candidate_action: fc.constantFrom('BUY', 'SELL'),
    confidence: decimals(0, 1, [0.6, 0.5999, 0.71]),
    size_pct: sizes,
    stop_distance_pct: decimals(0.0001, 1, [0.1, 0.5, 1]),
    market_context: fc.record(
      {
        data_age_seconds: decimals(0, 60, [0, 30, 30.0001]),
        market_open: fc.boolean(),
        event_blackout_active: fc.boolean(),
        liquidity_score: decimals(0, 1, [0.7, 0.6999]),
      },
      { requiredKeys: ['data_age_seconds', 'market_open', 'event_blackout_active'] },
    ),
    portfolio_context: fc.record(
      {
        gross_exposure_pct: decimals(0, 2, [0.25, 0.99, 1]),
        daily_drawdown_pct: decimals(0, 0.1, [0.03, 0.0299]),
        correlation: decimals(-1, 1, [0.35, 0.3501]),
        position_effect: fc.constantFrom('OPEN', 'REDUCE'),
      },
      { requiredKeys: ['gross_exposure_pct', 'daily_drawdown_pct'] },
    ),
  },
  {
    requiredKeys: [
      'signal_id',
      'symbol',
      'candidate_action',
      'confidence',
      'size_pct',
      'market_context',
      'portfolio_context',
    ],
  },
) as fc.Arbitrary<PolicyRequest>;

/** Requests that nothing speaks against, so that what is changed in them shows. */
const calmRequests = requests.map(
  (request): PolicyRequest => ({
    ...request,
    symbol: 'AAPL',
    confidence: 0.9,
    market_context: { data_age_seconds: 1, market_open: true, event_blackout_active: false },
    portfolio_context: { gross_exposure_pct: 0.1, daily_drawdown_pct: 0 },
  }),
);

const memos = fc.oneof(
  fc.record({
    status: fc.constant('OK' as const),
    recommendation: fc.constantFrom('ALLOW', 'ALLOW_WITH_CAUTION', 'AVOID'),
  }),
  fc.record(
    {
      status: fc.constantFrom('FAILED', 'DISABLED'),
      recommendation: fc.constantFrom('ALLOW', 'ALLOW_WITH_CAUTION', 'AVOID'),
    },
    { requiredKeys: ['status'] },
  ),
);

const stages: fc.Arbitrary<StageFacts> = fc.record(
  {
    stage: fc.constantFrom('M0_LOCAL', 'M1_PAPER', 'M2_SANDBOX', 'M3_LIVE_SMALL'),
    equity: fc.bigInt(-(10n ** 24n), 10n ** 30n),
    activeSymbols: fc.array(symbols, { maxLength: 6 }),
    msToClose: fc.integer({ min: 0, max: 2_000_000 }),
    dayProfit: fc.bigInt(-(10n ** 26n), 10n ** 26n),
    unresolvedBreak: fc.boolean(),
  },
  { requiredKeys: ['stage'] },
) as fc.Arbitrary<StageFacts>;

const tradingStates = fc.constantFrom<TradingState | null>('ACTIVE', 'REDUCING', 'HALTED', null);

const judge = (request: PolicyRequest, stage: StageFacts, state: TradingState | null) =>
  evaluatePolicy(request, POLICY, stage, state, NOW);

function expectNoLooser(after: PolicyDecision, before: PolicyDecision): void {
  expect(STRICTNESS[after.decision]).toBeGreaterThanOrEqual(STRICTNESS[before.decision]);
  expect(after.approvedSizePct <= before.approvedSizePct).toBe(true);
}

describe('reasoning can only tighten', () => {
  it('makes no decision more permissive or larger, and never causes a rejection: any request, any memo', () => {
    const anyRequest = fc.oneof(requests, calmRequests);
    fc.assert(
      fc.property(anyRequest, memos, stages, tradingStates, (request, memo, stage, state) => {
        const reasoning = reasoningVerdictSchema.parse(memo);
        const before = judge(request, stage, state);
        const after = judge({ ...request, reasoning }, stage, state);
        expectNoLooser(after, before);
        if (before.decision !== 'REJECT') {
          expect(after.decision).not.toBe('REJECT');
          expect(after.approvedSizePct).toBe(before.approvedSizePct);
        }
      }),
      { numRuns: 20_000 },
    );
  });

  it('sends to review whatever opens, was approved, and is warned of or has no memo; and is judged blind as without a memo', () => {
    let [pairs, tightened] = [0, 0];
    fc.assert(
      fc.property(fc.oneof(requests, calmRequests), memos, (request, memo) => {
        const reasoning = reasoningVerdictSchema.parse(memo);
        const before = judge(request, { stage: 'M0_LOCAL' }, 'ACTIVE');
        const after = judge({ ...request, reasoning }, { stage: 'M0_LOCAL' }, 'ACTIVE');
        const codes = before.reasons.map(({ code }) => code);
        expect(withoutMemo(after)).toEqual({ decision: before.decision, codes });
        pairs += 1;
        const warned = reasoning.status === 'FAILED' || (reasoning.recommendation ?? 'ALLOW') !== 'ALLOW';
        if (!warned || before.decision !== 'APPROVE' || before.positionEffect === 'REDUCE') return;
        tightened += 1;
        expect(after.decision).toBe('REVIEW');
      }),
      { numRuns: 10_000 },
    );
    process.stdout.write(
      `${pairs} pairs of a memo and a request: ${tightened} approvals, all of them reviews by the memo\n`,
    );
    expect(pairs).toBeGreaterThanOrEqual(10_000);
    expect(tightened).toBeGreaterThan(2_000);
  });
});

describe('precedence', () => {
  it('is REJECT over REVIEW over APPROVE, whatever is hit', () => {
    fc.assert(
      fc.property(requests, stages, tradingStates, (request, stage, state) => {
        const { decision, reasons, approvedSizePct } = judge(request, stage, state);
        const tiers = reasons.map(({ tier }) => tier);
        expect(decision).toBe(tiers.includes('REJECT') ? 'REJECT' : tiers.includes('REVIEW') ? 'REVIEW' : 'APPROVE');
        if (decision === 'REJECT') expect(approvedSizePct).toBe(0n);
      }),
      { numRuns: 10_000 },
    );
  });

  it('no worsening of one input loosens a decision', () => {
    const worsenings = fc.constantFrom<(request: PolicyRequest) => PolicyRequest>(
      (request) => ({ ...request, confidence: 0 }),
      (request) => ({ ...request, symbol: 'TSLA' }),
      (request) => ({ ...request, market_context: { ...request.market_context, market_open: false } }),
      (request) => ({ ...request, market_context: { ...request.market_context, data_age_seconds: 60 } }),
      (request) => ({ ...request, market_context: { ...request.market_context, event_blackout_active: true } }),
      (request) => ({ ...request, market_context: { ...request.market_context, liquidity_score: 0 } }),
      (request) => ({ ...request, portfolio_context: { ...request.portfolio_context, daily_drawdown_pct: 1 } }),
      (request) => ({ ...request, portfolio_context: { ...request.portfolio_context, gross_exposure_pct: 3 } }),
      (request) => ({ ...request, portfolio_context: { ...request.portfolio_context, correlation: 1 } }),
      (request) => ({ ...request, stop_distance_pct: 1 }),
    );
    fc.assert(
      fc.property(requests, worsenings, stages, tradingStates, (request, worsen, stage, state) => {
        expectNoLooser(judge(worsen(request), stage, state), judge(request, stage, state));
        expectNoLooser(judge(request, { ...stage, unresolvedBreak: true }, state), judge(request, stage, state));
        expectNoLooser(judge(request, stage, 'HALTED'), judge(request, stage, state));
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('size', () => {
  it('is never more than asked, than risk allows, or than the room that is left', () => {
    fc.assert(
      fc.property(requests, stages, tradingStates, (request, stage, state) => {
        const { approvedSizePct: size, positionEffect } = judge(request, stage, state);
        expect(size >= 0n && size <= parseUnits(request.size_pct)).toBe(true);
        if (positionEffect === 'REDUCE') return;
        const stop = parseUnits(request.stop_distance_pct ?? 0.5);
        expect(size * stop <= parseUnits('0.005') * ONE).toBe(true);
        const room = ONE - parseUnits(request.portfolio_context.gross_exposure_pct);
        expect(size <= (room > 0n ? room : 0n)).toBe(true);
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('the same input', () => {
  it('gives the same decision, and every request that is judged passes the contract', () => {
    fc.assert(
      fc.property(requests, stages, tradingStates, (request, stage, state) => {
        expect(judge(policyRequestSchema.parse(structuredClone(request)), stage, state)).toEqual(
          judge(request, stage, state),
        );
      }),
      { numRuns: 1000 },
    );
  });
});

describe('numbers', () => {
  it('become the decimal that they are written as, and back', () => {
    const scaled = fc.oneof(fc.bigInt(-(10n ** 14n), 10n ** 14n), fc.bigInt(-(10n ** 25n), 10n ** 25n));
    fc.assert(
      fc.property(scaled, (units) => {
        const number = Number(formatUnits(units));
        expect(numberFromUnits(units)).toBe(number);
        if (units > -(10n ** 15n) && units < 10n ** 15n) expect(unitsFromNumber(number)).toBe(units);
      }),
      { numRuns: 10_000 },
    );
    expect(unitsFromNumber(123_456.5)).toBe(parseUnits('123456.5'));
    expect(unitsFromNumber(-0)).toBe(0n);
    expect(() => unitsFromNumber(1e-13)).toThrow('decimals');
  });
});

describe('the gate', () => {
  const amounts = fc.oneof(fc.constantFrom(0n, 10n ** 28n, 10n ** 29n), fc.bigInt(-(10n ** 28n), 10n ** 30n));
  const whole = (max: number) => fc.integer({ min: 0, max }).map((count) => BigInt(count) * ONE);
  const prices = fc.integer({ min: 1, max: 100_000 }).map((cents) => BigInt(cents) * 10n ** 10n);
  const seldom = fc.integer({ min: 0, max: 9 }).map((draw) => draw === 0);
  const ages = fc.constantFrom(0n, 1n, ONE, 15n * ONE, 16n * ONE, null);
  const input = fc.record({
    side: fc.constantFrom('BUY' as const, 'SELL' as const),
    mismatch: seldom,
    qty: fc.oneof(whole(50), fc.constant(null)),
    size: sizes,
    stop: fc.oneof(prices, fc.constant(null)),
    bid: prices,
    spread: fc.integer({ min: -1, max: 50 }).map((cents) => BigInt(cents) * 10n ** 10n),
    limit: fc.oneof(prices, fc.constant(null)),
    equity: fc.oneof(amounts, fc.constant(null)),
    buyingPower: fc.oneof(amounts, fc.constant(null)),
    gross: amounts.map((amount) => (amount < 0n ? -amount : amount)),
    held: whole(60),
    working: whole(30),
    age: ages,
    stage: fc.constantFrom('M0_LOCAL' as const, 'M1_PAPER' as const, 'M2_SANDBOX' as const),
    state: fc.oneof({ weight: 9, arbitrary: fc.constant('ACTIVE' as const) }, tradingStates),
    fractionable: fc.boolean(),
  });

  const toInput = (draw: typeof input extends fc.Arbitrary<infer T> ? T : never): GateInput => ({
    nowMs: NOW,
    policy: compiledGenerous,
    stage: draw.stage,
    tradingState: draw.state,
    signal: {
      symbol: 'AAPL',
      action: draw.mismatch ? (draw.side === 'BUY' ? 'SELL' : 'BUY') : draw.side,
      confidence: ONE,
      sizePct: parseUnits(draw.size),
      stopDistancePct: null,
      expiresAtMs: NOW + 1,
      consumed: false,
      reasoning: null,
    },
    order: {
      symbol: 'AAPL',
      side: draw.side,
      qty: draw.qty,
      orderType: draw.limit === null ? 'MARKET' : 'LIMIT',
      // Not finer than a price may be, so that the other rules decide.
      limitPrice: draw.limit === null ? null : draw.limit - (draw.limit % (ONE / 100n)),
      stopPrice: null,
      protectiveStopPrice: draw.stop,
      fractionable: draw.fractionable,
    },
    account: {
      equity: draw.equity,
      previousCloseEquity: draw.equity,
      requestsUsed: 0,
      requestsAllowed: 200,
      buyingPower: draw.buyingPower,
      grossPositionValue: draw.gross,
      workingBuyNotional: 0n,
      heldQty: draw.held,
      workingSellQty: draw.working,
      activeSymbols: [],
      portfolioAgeSeconds: draw.age,
      reconciliationAgeSeconds: 0n,
      heldValue: 0n,
      symbolBuyNotional: 0n,
      openingOrderCount: 0,
      openedNotional: 0n,
      opposite: { atMarket: false, limit: null },
      duplicate: false,
      strategyQty: draw.held,
      protectedQty: 0n,
    },
    market: {
      open: true,
      dataAgeSeconds: 0n,
      quote: { bid: draw.bid, ask: draw.bid + draw.spread },
      msToClose: 3_600_000,
      eventBlackoutActive: false,
      liquidityScore: ONE,
      correlation: 0n,
    },
    unresolvedBreak: false,
    uncertainSubmission: false,
    recentOrderCount: 0,
  });
  const compiledGenerous = compilePolicy(
    overridePolicy(DEFAULT_POLICY_BODY, { risk_per_trade_pct: 0.5, max_order_notional: 1e9, max_position_pct: 100 }),
    1,
  );

  it('with a memo is the gate without it, but for a review', () => {
    fc.assert(
      fc.property(input, memos, (draw, memo) => {
        const given = toInput(draw);
        const before = evaluateGate(given);
        const signal = given.signal && { ...given.signal, reasoning: reasoningVerdictSchema.parse(memo) };
        const after = evaluateGate({ ...given, signal });
        expectNoLooser(after, before);
        expect(withoutMemo(after)).toEqual({
          decision: before.decision,
          codes: before.reasons.map(({ code }) => code),
        });
        expect([after.orderQty, after.approvedQty, after.notional]).toEqual([
          before.orderQty,
          before.approvedQty,
          before.notional,
        ]);
      }),
      { numRuns: 5_000 },
    );
  });

  it('lets nothing out that opens beyond exposure, money or size, and nothing that sells more than is held', () => {
    let released = 0;
    fc.assert(
      fc.property(input, (draw) => {
        const given = toInput(draw);
        const out = evaluateGate(given);
        if (out.decision === 'REJECT') {
          expect([out.orderQty, out.approvedQty, out.approvedSizePct]).toEqual([0n, 0n, 0n]);
          return;
        }
        released += 1;
        expect(out.orderQty > 0n && out.orderQty <= out.approvedQty).toBe(true);
        expect(draw.mismatch).toBe(false);
        if (draw.qty !== null) expect(out.orderQty).toBe(draw.qty);
        if (out.positionEffect === 'REDUCE') {
          expect(out.orderQty <= draw.held - draw.working).toBe(true);
          return;
        }
        expect(draw.side).toBe('BUY');
        const cost = out.orderQty * (out.referencePrice ?? 0n);
        expect(cost <= (draw.buyingPower ?? -1n)).toBe(true);
        expect(draw.gross + cost <= (draw.equity ?? -1n)).toBe(true);
        expect(cost * ONE <= parseUnits(draw.size) * (draw.equity ?? 0n)).toBe(true);
      }),
      { numRuns: 12_000 },
    );
    expect(released).toBeGreaterThan(500);
  });
});
