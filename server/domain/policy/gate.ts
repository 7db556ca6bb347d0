import { GATE_RULES } from './gate-rules';
import type { GateDecision, GateInput } from './gate-types';
import { exposureAfter, viewOf } from './gate-view';
import { applyRules, decisionOf, expiryOf } from './judge';
import { NOT_EVALUATED } from './types';

/**
 * Judges an order anew from the server's own state: what every order passes, and countersignatures pass again.
 * Pure; lists every hit, policy's first. Whatever is missing is a hit, so that it never trades.
 */
export function evaluateGate(input: GateInput): GateDecision {
  const view = viewOf(input);
  const { hits, notEvaluated } = applyRules(view.facts, input.policy);
  const reducing = view.positionEffect === 'REDUCE';
  for (const rule of GATE_RULES) {
    if (reducing && !rule.appliesToReduce) continue;
    const outcome = rule.evaluate(view);
    if (outcome === null) continue;
    if (outcome === NOT_EVALUATED) notEvaluated.push(rule.code);
    else hits.push({ code: rule.code, tier: rule.tier, ...outcome });
  }
  const decision = decisionOf(hits);
  const rejected = decision === 'REJECT';
  return {
    decision,
    reasons: hits,
    notEvaluated,
    approvedSizePct: rejected ? 0n : view.allowedSizePct,
    positionEffect: view.positionEffect,
    expiresAtMs: expiryOf(decision, input.policy, input.nowMs),
    approvedQty: rejected ? 0n : (view.allowedQty ?? 0n),
    orderQty: rejected ? 0n : (view.qty ?? 0n),
    referencePrice: view.referencePrice,
    notional: view.notional,
    exposureAfter: exposureAfter(view),
  };
}
