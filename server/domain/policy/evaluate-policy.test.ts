import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type PolicyRequest, policyRequestSchema, policyResponseSchema } from '@/server/contracts/policy';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { formatUnits, ONE_MONEY } from '@/server/kernel/money';
import type { TradingState } from '@/server/kernel/vocabulary';
import { haveShared, sharedFile } from '@/test-support/shared';
import {
  compilePolicy,
  DEFAULT_POLICY_BODY,
  evaluatePolicy,
  newlyHit,
  overridePolicy,
  policyInputRecord,
  STAGES,
  type StageFacts,
  toPolicyResponse,
} from './index';
import { POLICY_RULES } from './rules';

const NOW = Date.parse('2026-01-05T15:00:00.000Z');
const POLICY = compilePolicy(DEFAULT_POLICY_BODY, 1);
const M0: StageFacts = { stage: 'M0_LOCAL' };

interface Change {
  readonly request?: Partial<PolicyRequest>;
  readonly market?: Partial<PolicyRequest['market_context']>;
  readonly portfolio?: Partial<PolicyRequest['portfolio_context']>;
}

function requestWith({ request, market, portfolio }: Change = {}): PolicyRequest {
  return {
    signal_id: '00000000-0000-4000-8000-000000000000',
    symbol: 'AAPL',
    candidate_action: 'BUY',
    confidence: 0.71,
    size_pct: 0.02,
    market_context: { data_age_seconds: 12, market_open: true, event_blackout_active: false, ...market },
    portfolio_context: { gross_exposure_pct: 0.25, daily_drawdown_pct: 0.01, ...portfolio },
    ...request,
  };
}

function judge(change: Change = {}, stage: StageFacts = M0, tradingState: TradingState | null = 'ACTIVE') {
  const decision = evaluatePolicy(requestWith(change), POLICY, stage, tradingState, NOW);
  const codes = decision.reasons.map(({ code }) => code);
  return { ...decision, codes, size: formatUnits(decision.approvedSizePct) };
}

describe("the specification's cases", () => {
  const VECTORS = sharedFile('vectors/policy/spec-rules.jsonl');

  it.skipIf(!haveShared)('hold, all 13 (skipped without ../shared)', () => {
    const [header, ...lines] = readFileSync(VECTORS, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    const body = overridePolicy(DEFAULT_POLICY_BODY, header?.policy as Partial<typeof DEFAULT_POLICY_BODY>);
    const policy = compilePolicy(body, 1);
    const seen = new Map<string, unknown>();
    let expectations = 0;
    for (const { at: _at, type, ...rest } of lines) {
      if (type === 'signal') {
        const request = policyRequestSchema.parse(rest);
        const { decision, reasons, approvedSizePct } = evaluatePolicy(request, policy, M0, 'ACTIVE', NOW);
        const codes = reasons.map(({ code }) => code);
        const { signal_id } = request;
        seen.set(signal_id, { signal_id, decision, codes, approved_size_pct: formatUnits(approvedSizePct) });
      } else {
        expect(seen.get(rest.signal_id as string)).toEqual(rest);
        expectations += 1;
      }
    }
    expect(expectations).toBe(13);
  });
});

describe('each rule at and beyond its bound', () => {
  const cases: [string, Change, string[]][] = [
    ['an open market', {}, []],
    ['a closed market', { market: { market_open: false } }, ['MARKET_CLOSED']],
    ['data of 30 s', { market: { data_age_seconds: 30 } }, []],
    ['data of 30.0001 s', { market: { data_age_seconds: 30.0001 } }, ['DATA_STALE']],
    ['data of 30.000000000001 s', { market: { data_age_seconds: 30.000000000001 } }, ['DATA_STALE']],
    ['data of 31 s', { market: { data_age_seconds: 31 } }, ['DATA_STALE']],
    ['data of 100,000.5 s', { market: { data_age_seconds: 100_000.5 } }, ['DATA_STALE']],
    ['a symbol off the list', { request: { symbol: 'TSLA' } }, ['SYMBOL_NOT_ALLOWED']],
    ['a drawdown of 0.029999999999', { portfolio: { daily_drawdown_pct: 0.029999999999 } }, []],
    ['a drawdown of 0.03', { portfolio: { daily_drawdown_pct: 0.03 } }, ['DAILY_DRAWDOWN_LIMIT']],
    ['an event blackout', { market: { event_blackout_active: true } }, ['EVENT_BLACKOUT']],
    ['a liquidity of 0.7', { market: { liquidity_score: 0.7 } }, []],
    ['a liquidity of 0.69', { market: { liquidity_score: 0.69 } }, ['LIQUIDITY_LOW']],
    ['an exposure of 0.999', { portfolio: { gross_exposure_pct: 0.999 } }, []],
    ['an exposure of 1', { portfolio: { gross_exposure_pct: 1 } }, ['GROSS_EXPOSURE_LIMIT']],
    ['an exposure of 1.2', { portfolio: { gross_exposure_pct: 1.2 } }, ['GROSS_EXPOSURE_LIMIT']],
    ['a confidence of 0.6', { request: { confidence: 0.6 } }, []],
    ['a confidence of 0.599999999999', { request: { confidence: 0.599999999999 } }, ['CONFIDENCE_LOW']],
    ['a memo that allows', { request: { reasoning: { status: 'OK', recommendation: 'ALLOW' } } }, []],
    [
      'a memo with caution',
      { request: { reasoning: { status: 'OK', recommendation: 'ALLOW_WITH_CAUTION' } } },
      ['REASONING_CAUTION'],
    ],
    ['a memo against', { request: { reasoning: { status: 'OK', recommendation: 'AVOID' } } }, ['REASONING_CAUTION']],
    ['a memo that failed', { request: { reasoning: { status: 'FAILED' } } }, ['REASONING_FAILED']],
    ['memos switched off', { request: { reasoning: { status: 'DISABLED' } } }, []],
    ['a correlation of 0.35', { portfolio: { correlation: 0.35 } }, []],
    ['a correlation of 0.36', { portfolio: { correlation: 0.36 } }, ['CORRELATION_HIGH']],
  ];

  it.each(cases)('%s', (_name, change, codes) => {
    expect(judge(change).codes).toEqual(codes);
  });

  it('lists every hit in the order of the table', () => {
    const all = judge(
      {
        request: { symbol: 'TSLA', confidence: 0, reasoning: { status: 'FAILED', recommendation: 'AVOID' } },
        market: { market_open: false, data_age_seconds: 99, event_blackout_active: true, liquidity_score: 0 },
        portfolio: { gross_exposure_pct: 2, daily_drawdown_pct: 0.5, correlation: 1 },
      },
      {
        stage: 'M1_PAPER',
        activeSymbols: ['A', 'B', 'C', 'D', 'E'],
        msToClose: 1,
        unresolvedBreak: true,
      },
      'HALTED',
    );
    const stageOnly = ['TRADING_REDUCING', 'STAGE_DAILY_LOSS', 'STAGE_MANUAL_APPROVAL'];
    expect(all.codes).toEqual(POLICY_RULES.map(({ code }) => code).filter((code) => !stageOnly.includes(code)));
    expect(all).toMatchObject({ decision: 'REJECT', size: '0', expiresAtMs: NOW });
  });

  it('gives each hit its numbers', () => {
    expect(judge({ market: { data_age_seconds: 31 } }).reasons).toEqual([
      {
        code: 'DATA_STALE',
        tier: 'REJECT',
        observed: '31',
        threshold: '30',
        message: 'market data is 31 s old; at most 30 s is allowed',
      },
    ]);
  });
});

describe('trading state', () => {
  it.each([
    ['ACTIVE', []],
    ['REDUCING', ['TRADING_REDUCING']],
    ['HALTED', ['TRADING_HALTED']],
    [null, ['TRADING_HALTED']],
  ] as const)('%s', (state, codes) => {
    expect(judge({}, M0, state).codes).toEqual(codes);
  });
});

describe('rollout stages', () => {
  const five = ['AAPL', 'MSFT', 'SPY', 'NVDA', 'AMZN'];
  const cases: [string, StageFacts, string[]][] = [
    ['M1: a fifth symbol', { stage: 'M1_PAPER', activeSymbols: five.slice(1), msToClose: 1e7 }, []],
    ['M1: one of five', { stage: 'M1_PAPER', activeSymbols: five, msToClose: 1e7 }, []],
    [
      'M1: a sixth',
      { stage: 'M1_PAPER', activeSymbols: ['X', ...five.slice(1)], msToClose: 1e7 },
      ['STAGE_SYMBOL_LIMIT'],
    ],
    ['M1: more than 15 min left', { stage: 'M1_PAPER', activeSymbols: [], msToClose: 900_001 }, []],
    ['M1: 15 min left', { stage: 'M1_PAPER', activeSymbols: [], msToClose: 900_000 }, ['STAGE_CLOSING']],
    ['M2: every opening trade', { stage: 'M2_SANDBOX' }, ['STAGE_MANUAL_APPROVAL']],
    [
      'M3: a loss of $49.99',
      { stage: 'M3_LIVE_SMALL', dayProfit: (-4999n * ONE_MONEY) / 100n },
      ['STAGE_MANUAL_APPROVAL'],
    ],
    [
      'M3: a loss of $50',
      { stage: 'M3_LIVE_SMALL', dayProfit: -50n * ONE_MONEY },
      ['STAGE_DAILY_LOSS', 'STAGE_MANUAL_APPROVAL'],
    ],
    ['M0: none of it', { stage: 'M0_LOCAL', activeSymbols: five, msToClose: 0, dayProfit: -99n * ONE_MONEY }, []],
  ];

  it.each(cases)('%s', (_name, stage, codes) => {
    expect(judge({ request: { symbol: 'AAPL' } }, stage).codes).toEqual(codes);
  });

  it('caps a trade at $100 in M2', () => {
    expect(judge({}, { stage: 'M2_SANDBOX', equity: 100_000n * ONE_MONEY })).toMatchObject({
      decision: 'REVIEW',
      size: '0.001',
    });
    expect(judge({}, { stage: 'M2_SANDBOX', equity: 1_000n * ONE_MONEY }).size).toBe('0.01');
    expect(judge({}, { stage: 'M2_SANDBOX' }).size).toBe('0');
    expect(judge({}, { stage: 'M2_SANDBOX', equity: 0n }).size).toBe('0');
  });

  it('lists what was not supplied', () => {
    expect(judge({}, { stage: 'M1_PAPER' }).notEvaluated).toEqual([
      'LIQUIDITY_LOW',
      'RECONCILIATION_BREAK',
      'STAGE_SYMBOL_LIMIT',
      'STAGE_CLOSING',
      'REASONING_CAUTION',
      'REASONING_FAILED',
      'CORRELATION_HIGH',
    ]);
    expect(judge({}, { stage: 'M3_LIVE_SMALL' }).notEvaluated).toContain('STAGE_DAILY_LOSS');
    expect(judge({}, { stage: 'M0_LOCAL', unresolvedBreak: false }).notEvaluated).not.toContain('RECONCILIATION_BREAK');
    expect(STAGES.M1_PAPER.flatBeforeCloseMs).toBe(300_000);
  });
});

describe('sizing', () => {
  it.each([
    ['the assumed stop halves the example', {}, '0.01'],
    ['a small size is kept', { request: { size_pct: 0.004 } }, '0.004'],
    ['a near stop allows all that is asked', { request: { stop_distance_pct: 0.1 } }, '0.02'],
    ['a far stop less', { request: { stop_distance_pct: 1 } }, '0.005'],
    ['thirds are cut, not rounded', { request: { size_pct: 1, stop_distance_pct: 0.3 } }, '0.016666666666'],
    ['headroom is all there is', { portfolio: { gross_exposure_pct: 0.9975 } }, '0.0025'],
    ['a review releases the same', { request: { confidence: 0.1 } }, '0.01'],
    ['a reject nothing', { market: { market_open: false } }, '0'],
  ])('%s', (_name, change: Change, size) => {
    expect(judge(change).size).toBe(size);
  });
});

describe('a trade that closes what is held', () => {
  const reduce = { position_effect: 'REDUCE' } as const;

  it('keeps its size and passes what only binds opening', () => {
    const change: Change = {
      request: {
        symbol: 'TSLA',
        confidence: 0,
        size_pct: 0.5,
        reasoning: { status: 'FAILED', recommendation: 'AVOID' },
      },
      market: { event_blackout_active: true, liquidity_score: 0 },
      portfolio: { ...reduce, gross_exposure_pct: 3, daily_drawdown_pct: 0.9, correlation: 1 },
    };
    expect(judge(change, { stage: 'M2_SANDBOX' }, 'REDUCING')).toMatchObject({
      decision: 'APPROVE',
      codes: [],
      size: '0.5',
      notEvaluated: ['RECONCILIATION_BREAK'],
    });
  });

  it('is bound by the market, its data, the kill switch and breaks', () => {
    const change: Change = { market: { market_open: false, data_age_seconds: 31 }, portfolio: reduce };
    expect(judge(change, { stage: 'M0_LOCAL', unresolvedBreak: true }, 'HALTED').codes).toEqual([
      'MARKET_CLOSED',
      'DATA_STALE',
      'TRADING_HALTED',
      'RECONCILIATION_BREAK',
    ]);
  });
});

describe('the answer', () => {
  const record = { evaluationId: '00000000-0000-4000-8000-000000000009', policyVersion: 1, inputHash: 'ab' };

  it('is the response of the contract, with a number for the size and times to live of 30 s and 15 min', () => {
    const approved = toPolicyResponse(judge(), record);
    expect(policyResponseSchema.parse(approved)).toMatchObject({
      decision: 'APPROVE',
      reasons: [],
      approved_size_pct: 0.01,
      expires_at: '2026-01-05T15:00:30.000Z',
      policy_version: 1,
    });
    expect(toPolicyResponse(judge({ request: { confidence: 0.2 } }), record).expires_at).toBe(
      '2026-01-05T15:15:00.000Z',
    );
    expect(toPolicyResponse(judge({ market: { market_open: false } }), record).expires_at).toBe(
      '2026-01-05T15:00:00.000Z',
    );
  });

  it('rests on a record that has everything that was judged', () => {
    const stage: StageFacts = {
      stage: 'M1_PAPER',
      activeSymbols: ['SPY'],
      msToClose: 5,
      equity: ONE_MONEY,
      dayProfit: -ONE_MONEY,
      unresolvedBreak: false,
    };
    const text = canonicalJson(policyInputRecord(requestWith(), POLICY, stage, 'ACTIVE', NOW));
    expect(JSON.parse(text)).toEqual({
      at: '2026-01-05T15:00:00.000Z',
      policy_version: 1,
      request: requestWith(),
      stage: {
        stage: 'M1_PAPER',
        active_symbols: ['SPY'],
        ms_to_close: 5,
        equity: '1',
        day_profit: '-1',
        unresolved_break: false,
      },
      trading_state: 'ACTIVE',
    });
    expect(canonicalJson(policyInputRecord(requestWith(), POLICY, M0, null, NOW))).toContain(
      '"stage":{"stage":"M0_LOCAL"}',
    );
  });
});

describe('overrides and versions', () => {
  it('replace single thresholds, as numbers or text', () => {
    const body = overridePolicy(DEFAULT_POLICY_BODY, {
      min_confidence: '0.8',
      risk_per_trade_pct: 0.01,
      approve_ttl_seconds: 5,
    });
    const decision = evaluatePolicy(
      requestWith({ request: { confidence: 0.79 } }),
      compilePolicy(body, 2),
      M0,
      'ACTIVE',
      NOW,
    );
    expect(decision).toMatchObject({ decision: 'REVIEW', approvedSizePct: 20_000_000_000n });
    expect(body.max_data_age_seconds).toBe(30);
  });
});

it('newly hit is what was not hit before, and every reject', () => {
  const before = judge({ request: { confidence: 0.1 } }).reasons;
  const after = judge({
    request: { confidence: 0.1 },
    market: { market_open: false },
    portfolio: { correlation: 0.9 },
  }).reasons;
  expect(newlyHit(before, before)).toEqual([]);
  expect(newlyHit(before, after).map(({ code }) => code)).toEqual(['MARKET_CLOSED', 'CORRELATION_HIGH']);
  expect(newlyHit(after, after).map(({ code }) => code)).toEqual(['MARKET_CLOSED']);
});
