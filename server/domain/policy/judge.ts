import type { CompiledPolicy } from '@/server/domain/policy/compile-policy';
import type { Decision } from '@/server/kernel/vocabulary';
import type { GateCode, RuleCode } from './rule-table';
import { POLICY_RULES } from './rules';
import type { PolicyFacts, RuleHit } from './types';
import { NOT_EVALUATED } from './types';

/** What the rules found, to be added to and then decided on. */
export interface Findings {
  readonly hits: RuleHit[];
  readonly notEvaluated: (RuleCode | GateCode)[];
}

/** Asks every rule that binds the trade. */
export function applyRules(facts: PolicyFacts, policy: CompiledPolicy): Findings {
  const hits: RuleHit[] = [];
  const notEvaluated: (RuleCode | GateCode)[] = [];
  const reducing = facts.positionEffect === 'REDUCE';
  for (const rule of POLICY_RULES) {
    if (reducing && !rule.appliesToReduce) continue;
    const outcome = rule.evaluate(facts, policy);
    if (outcome === null) continue;
    if (outcome === NOT_EVALUATED) {
      notEvaluated.push(rule.code);
      continue;
    }
    const { observed, threshold, message } = outcome;
    hits.push({ code: rule.code, tier: rule.tier, observed, threshold, message });
  }
  return { hits, notEvaluated };
}

/** REJECT before REVIEW before APPROVE. */
export function decisionOf(hits: readonly RuleHit[]): Decision {
  let decision: Decision = 'APPROVE';
  for (const { tier } of hits) {
    if (tier === 'REJECT') return 'REJECT';
    decision = 'REVIEW';
  }
  return decision;
}

/** Until when a decision holds, epoch ms. A REJECT is worth nothing from the moment it is made. */
export function expiryOf(decision: Decision, policy: CompiledPolicy, nowMs: number): number {
  if (decision === 'REJECT') return nowMs;
  return nowMs + 1000 * (decision === 'APPROVE' ? policy.approveTtlSeconds : policy.reviewTtlSeconds);
}

/**
 * What is hit now and was not before: why a countersignature is refused. A REJECT always counts.
 */
export function newlyHit(before: readonly RuleHit<string>[], after: readonly RuleHit[]): RuleHit[] {
  const known = new Set(before.map(({ code }) => code));
  return after.filter(({ code, tier }) => tier === 'REJECT' || !known.has(code));
}
