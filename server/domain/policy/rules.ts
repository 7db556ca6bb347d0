import { formatMoney, formatUnits, type Units } from '@/server/kernel/money';
import type { CompiledPolicy } from './compile-policy';
import { POLICY_RULE_TABLE, type RuleCode, type RuleEntry } from './rule-table';
import { type Input, NOT_EVALUATED, type NotEvaluated, type PolicyFacts } from './types';

/** Numbers of a hit, or why there is none: `null` is passed. */
export type RuleOutcome =
  | { readonly observed: string; readonly threshold: string; readonly message: string }
  | NotEvaluated
  | null;

export interface PolicyRule extends RuleEntry {
  readonly code: RuleCode;
  evaluate(facts: PolicyFacts, policy: CompiledPolicy): RuleOutcome;
}

/** Shown as observed where an input should be there and is not. */
export const UNKNOWN = 'unknown';

function finding(observed: string, threshold: string, message: string): RuleOutcome {
  return { observed, threshold, message };
}

/** A rule on one decimal input: hit when it lies beyond its threshold, or is unknown. Without a threshold it is off. */
function bound(
  input: Input<Units>,
  threshold: Units | null,
  isHit: (observed: Units, threshold: Units) => boolean,
  describe: (observed: string, threshold: string) => string,
  describeMissing: string,
): RuleOutcome {
  if (threshold === null) return null;
  if (input === NOT_EVALUATED) return NOT_EVALUATED;
  if (input !== null && !isHit(input, threshold)) return null;
  const limit = formatUnits(threshold);
  if (input === null) return finding(UNKNOWN, limit, describeMissing);
  const observed = formatUnits(input);
  return finding(observed, limit, describe(observed, limit));
}

const above = (observed: Units, threshold: Units) => observed > threshold;
const below = (observed: Units, threshold: Units) => observed < threshold;
const atLeast = (observed: Units, threshold: Units) => observed >= threshold;

const describeAge = (observed: string, limit: string) =>
  `market data is ${observed} s old; at most ${limit} s is allowed`;
const describeDrawdown = (observed: string, limit: string) =>
  `the day's drawdown is ${observed}; trading stops at ${limit}`;
const describeLiquidity = (observed: string, limit: string) =>
  `the liquidity score is ${observed}; the minimum is ${limit}`;
const describeExposure = (observed: string, limit: string) =>
  `gross exposure is ${observed} of equity; the limit is ${limit}`;
const describeConfidence = (observed: string, limit: string) =>
  `confidence is ${observed}, below ${limit}: manual approval required`;
const describeCorrelation = (observed: string, limit: string) =>
  `correlation with the portfolio is ${observed}, above ${limit}: manual approval required`;

function marketClosed({ marketOpen }: PolicyFacts): RuleOutcome {
  if (marketOpen === true) return null;
  if (marketOpen === null) return finding(UNKNOWN, 'open', 'the market state is unknown');
  return finding('closed', 'open', 'the market is closed');
}

function symbolNotAllowed({ symbol }: PolicyFacts, { allowlist }: CompiledPolicy): RuleOutcome {
  return allowlist.has(symbol) ? null : finding(symbol, 'allowlist', `${symbol} is not on the allowlist`);
}

function eventBlackout({ eventBlackoutActive: active }: PolicyFacts): RuleOutcome {
  if (active === false) return null;
  if (active === NOT_EVALUATED) return NOT_EVALUATED;
  if (active === null) return finding(UNKNOWN, 'inactive', 'whether an event blackout is active is unknown');
  return finding('active', 'inactive', 'an event blackout is active');
}

function tradingHalted({ tradingState }: PolicyFacts): RuleOutcome {
  if (tradingState !== null && tradingState !== 'HALTED') return null;
  if (tradingState === null) return finding(UNKNOWN, 'ACTIVE', 'the trading state is unknown');
  return finding(tradingState, 'ACTIVE', 'trading is halted');
}

function tradingReducing({ tradingState }: PolicyFacts): RuleOutcome {
  return tradingState === 'REDUCING' ? finding('REDUCING', 'ACTIVE', 'only trades that reduce risk are allowed') : null;
}

function reconciliationBreak({ unresolvedBreak, symbol }: PolicyFacts): RuleOutcome {
  if (unresolvedBreak === false) return null;
  if (unresolvedBreak === NOT_EVALUATED) return NOT_EVALUATED;
  if (unresolvedBreak === null) return finding(UNKNOWN, 'none', `whether ${symbol} agrees with the broker is unknown`);
  return finding('unresolved', 'none', `${symbol} has an unresolved reconciliation break`);
}

function stageSymbolLimit({ stage, activeSymbols, symbol }: PolicyFacts): RuleOutcome {
  const limit = stage.maxSymbols;
  if (limit === null) return null;
  if (activeSymbols === NOT_EVALUATED) return NOT_EVALUATED;
  if (activeSymbols !== null && (activeSymbols.includes(symbol) || activeSymbols.length < limit)) return null;
  const observed = activeSymbols === null ? UNKNOWN : String(activeSymbols.length);
  return finding(
    observed,
    String(limit),
    `${stage.stage} allows at most ${limit} symbols at a time; ${observed} are in use`,
  );
}

function stageClosing({ stage, msToClose }: PolicyFacts): RuleOutcome {
  const limit = stage.noOpeningBeforeCloseMs;
  if (limit === null) return null;
  if (msToClose === NOT_EVALUATED) return NOT_EVALUATED;
  if (msToClose !== null && msToClose > limit) return null;
  const observed = msToClose === null ? UNKNOWN : String(msToClose / 60_000);
  const minutes = String(limit / 60_000);
  return finding(
    observed,
    minutes,
    `${stage.stage} allows no new positions in the last ${minutes} minutes before the close`,
  );
}

function stageDailyLoss({ stage, dayProfit }: PolicyFacts): RuleOutcome {
  const limit = stage.maxDailyLoss;
  if (limit === null) return null;
  if (dayProfit === NOT_EVALUATED) return NOT_EVALUATED;
  if (dayProfit !== null && -dayProfit < limit) return null;
  const observed = dayProfit === null ? UNKNOWN : formatMoney(-dayProfit);
  return finding(observed, formatMoney(limit), `${stage.stage} stops at a daily loss of ${formatMoney(limit)}`);
}

function reasoningCaution({ recommendation }: PolicyFacts): RuleOutcome {
  if (recommendation === 'ALLOW') return null;
  if (recommendation === NOT_EVALUATED) return NOT_EVALUATED;
  return finding(recommendation, 'ALLOW', `the memo recommends ${recommendation}`);
}

function reasoningFailed({ reasoningStatus }: PolicyFacts): RuleOutcome {
  if (reasoningStatus === NOT_EVALUATED) return NOT_EVALUATED;
  return reasoningStatus === 'FAILED' ? finding('FAILED', 'OK', 'no valid memo was produced') : null;
}

function stageManualApproval({ stage }: PolicyFacts): RuleOutcome {
  if (!stage.manualApproval) return null;
  return finding(stage.stage, 'countersignature', `${stage.stage} requires manual approval of every opening trade`);
}

const EVALUATE: Readonly<Record<RuleCode, PolicyRule['evaluate']>> = {
  MARKET_CLOSED: marketClosed,
  DATA_STALE: (facts, policy) =>
    bound(facts.dataAgeSeconds, policy.maxDataAgeSeconds, above, describeAge, `no market data for ${facts.symbol}`),
  SYMBOL_NOT_ALLOWED: symbolNotAllowed,
  DAILY_DRAWDOWN_LIMIT: (facts, policy) =>
    bound(
      facts.dailyDrawdownPct,
      policy.maxDailyDrawdownPct,
      atLeast,
      describeDrawdown,
      "the day's drawdown is unknown",
    ),
  EVENT_BLACKOUT: eventBlackout,
  LIQUIDITY_LOW: (facts, policy) =>
    bound(facts.liquidityScore, policy.minLiquidityScore, below, describeLiquidity, 'the liquidity score is unknown'),
  TRADING_HALTED: tradingHalted,
  TRADING_REDUCING: tradingReducing,
  GROSS_EXPOSURE_LIMIT: (facts, policy) =>
    bound(facts.grossExposurePct, policy.maxGrossExposurePct, atLeast, describeExposure, 'gross exposure is unknown'),
  RECONCILIATION_BREAK: reconciliationBreak,
  STAGE_SYMBOL_LIMIT: stageSymbolLimit,
  STAGE_CLOSING: stageClosing,
  STAGE_DAILY_LOSS: stageDailyLoss,
  CONFIDENCE_LOW: (facts, policy) =>
    bound(
      facts.confidence,
      policy.minConfidence,
      below,
      describeConfidence,
      'confidence is unknown: manual approval required',
    ),
  REASONING_CAUTION: reasoningCaution,
  REASONING_FAILED: reasoningFailed,
  CORRELATION_HIGH: (facts, policy) =>
    bound(
      facts.correlation,
      policy.maxCorrelation,
      above,
      describeCorrelation,
      'correlation with the portfolio is unknown: manual approval required',
    ),
  STAGE_MANUAL_APPROVAL: stageManualApproval,
};

/** The rules of policy, in the order of the table. Bounds are exactly as the specification writes them. */
export const POLICY_RULES: readonly PolicyRule[] = POLICY_RULE_TABLE.map((entry) => ({
  ...entry,
  evaluate: EVALUATE[entry.code],
}));
