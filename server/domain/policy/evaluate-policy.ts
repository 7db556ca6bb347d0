import type { PolicyRequest, PolicyResponse } from '@/server/contracts/policy';
import type { CompiledPolicy } from '@/server/domain/policy/compile-policy';
import type { JsonValue } from '@/server/kernel/canonical-json';
import { isoTime } from '@/server/kernel/iso-time';
import { formatMoney, type Units } from '@/server/kernel/money';
import type { TradingState } from '@/server/kernel/vocabulary';
import { applyRules, decisionOf, expiryOf } from './judge';
import { numberFromUnits, unitsFromNumber } from './number-units';
import { allowedSize } from './sizing';
import { STAGES } from './stages';
import { NOT_EVALUATED, type NotEvaluated, type PolicyDecision, type PolicyFacts, type StageFacts } from './types';

function optionalUnits(value: number | undefined): Units | NotEvaluated {
  return value === undefined ? NOT_EVALUATED : unitsFromNumber(value);
}

/** What a request states and the server adds, in the form the rules read. */
function factsOf(request: PolicyRequest, stage: StageFacts, tradingState: TradingState | null): PolicyFacts {
  const { market_context: market, portfolio_context: portfolio, reasoning } = request;
  return {
    symbol: request.symbol,
    positionEffect: portfolio.position_effect ?? 'OPEN',
    confidence: unitsFromNumber(request.confidence),
    sizePct: unitsFromNumber(request.size_pct),
    stopDistancePct: request.stop_distance_pct === undefined ? null : unitsFromNumber(request.stop_distance_pct),
    marketOpen: market.market_open,
    dataAgeSeconds: unitsFromNumber(market.data_age_seconds),
    eventBlackoutActive: market.event_blackout_active,
    liquidityScore: optionalUnits(market.liquidity_score),
    grossExposurePct: unitsFromNumber(portfolio.gross_exposure_pct),
    positionPct: NOT_EVALUATED,
    dailyDrawdownPct: unitsFromNumber(portfolio.daily_drawdown_pct),
    correlation: optionalUnits(portfolio.correlation),
    reasoningStatus: reasoning?.status ?? NOT_EVALUATED,
    recommendation: reasoning?.recommendation ?? NOT_EVALUATED,
    tradingState,
    unresolvedBreak: stage.unresolvedBreak ?? NOT_EVALUATED,
    stage: STAGES[stage.stage],
    equity: stage.equity ?? null,
    activeSymbols: stage.activeSymbols ?? NOT_EVALUATED,
    msToClose: stage.msToClose ?? NOT_EVALUATED,
    dayProfit: stage.dayProfit ?? NOT_EVALUATED,
  };
}

/**
 * Judges what the caller states: pure, deterministic, and advisory (no order consumes it; the gate judges again).
 * @param request a body that passed `policyRequestSchema`
 * @param stage the rollout stage, and what the server knows beside the request; what is left out is not evaluated
 * @param tradingState `null` when it could not be read: counts as halted
 */
export function evaluatePolicy(
  request: PolicyRequest,
  policy: CompiledPolicy,
  stage: StageFacts,
  tradingState: TradingState | null,
  nowMs: number,
): PolicyDecision {
  const facts = factsOf(request, stage, tradingState);
  const { hits, notEvaluated } = applyRules(facts, policy);
  const decision = decisionOf(hits);
  return {
    decision,
    reasons: hits,
    notEvaluated,
    approvedSizePct: decision === 'REJECT' ? 0n : allowedSize(facts, policy),
    positionEffect: facts.positionEffect,
    expiresAtMs: expiryOf(decision, policy, nowMs),
  };
}

/** All that a decision rests on, as JSON: to be stored, hashed (as canonical JSON) and judged again. */
export function policyInputRecord(
  request: PolicyRequest,
  policy: CompiledPolicy,
  stage: StageFacts,
  tradingState: TradingState | null,
  nowMs: number,
): JsonValue {
  return {
    at: isoTime(nowMs),
    policy_version: policy.version,
    request,
    stage: {
      active_symbols: stage.activeSymbols,
      day_profit: stage.dayProfit === undefined ? undefined : formatMoney(stage.dayProfit),
      equity: stage.equity === undefined ? undefined : formatMoney(stage.equity),
      ms_to_close: stage.msToClose,
      stage: stage.stage,
      unresolved_break: stage.unresolvedBreak,
    },
    trading_state: tradingState,
  };
}

/** The REST answer. Ids and hashes are made outside the domain. Keys are in canonical order. */
export function toPolicyResponse(
  decision: PolicyDecision,
  record: { readonly evaluationId: string; readonly policyVersion: number; readonly inputHash: string },
): PolicyResponse {
  return {
    approved_size_pct: numberFromUnits(decision.approvedSizePct),
    decision: decision.decision,
    evaluation_id: record.evaluationId,
    expires_at: isoTime(decision.expiresAtMs),
    input_hash: record.inputHash,
    not_evaluated: [...decision.notEvaluated],
    policy_version: record.policyVersion,
    reasons: [...decision.reasons],
  };
}
