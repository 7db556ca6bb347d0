import type { Units } from '@/server/kernel/money';
import type { OrderType, PositionEffect, Side } from '@/server/kernel/vocabulary';
import { GATE_RULES } from './gate-rules';
import type { GateDecision, GateInput } from './gate-types';
import { exposureAfter, viewOf } from './gate-view';
import { applyRules, decisionOf, expiryOf, newlyHit } from './judge';
import { RULE_SET } from './rule-table';
import { NOT_EVALUATED, type RuleHit } from './types';

/**
 * Judges an order from the server's own state: what every order passes, and countersignatures pass again.
 * Pure; lists every hit, policy's first. Whatever is missing is a hit, so that it never trades.
 */
export function evaluateGate(input: GateInput): GateDecision {
  const view = viewOf(input);
  const { hits, notEvaluated } = applyRules(view.facts, input.policy);
  const reducing = view.positionEffect === 'REDUCE';
  const { ruleSet = RULE_SET } = input;
  for (const rule of GATE_RULES) {
    if (rule.since > ruleSet || (input.drill === true && rule.exemptsDrills)) continue;
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

/** Not exported: nothing but this module can make a {@link GatedOrder}. */
const GATED: unique symbol = Symbol('gated');

/** An order that passed the gate. Only such an order can be stored, apart from audited exits and stops. */
export interface GatedOrder {
  readonly [GATED]: true;
  readonly symbol: string;
  readonly side: Side;
  readonly qty: Units;
  readonly orderType: OrderType;
  readonly limitPrice: Units | null;
  readonly stopPrice: Units | null;
  readonly referencePrice: Units;
  readonly positionEffect: PositionEffect;
  /** Price of the stop that protects what the order brings; null for none. Dollars per share. */
  readonly protectiveStopPrice: Units | null;
}

/** The gate's decision, and the order if it may be placed. */
export interface Admission {
  readonly decision: GateDecision;
  readonly order: GatedOrder | null;
}

/** Null for an order that nothing can be reserved for: without a quantity or a price. */
function gated({ order }: GateInput, decision: GateDecision): GatedOrder | null {
  const { orderQty: qty, referencePrice, positionEffect } = decision;
  if (qty <= 0n || referencePrice === null) return null;
  const { symbol, side, orderType, limitPrice, stopPrice, protectiveStopPrice } = order;
  const terms = { symbol, side, qty, orderType, limitPrice, stopPrice, referencePrice, positionEffect };
  return { [GATED]: true, ...terms, protectiveStopPrice };
}

/** Judges an order. It may be placed only when the decision is APPROVE. */
export function admit(input: GateInput): Admission {
  const decision = evaluateGate(input);
  return { decision, order: decision.decision === 'APPROVE' ? gated(input, decision) : null };
}

/**
 * Judges an order that a person approved, knowing the rules `shown`. It may be placed unless `flips` lists a rejection or a rule
 * that was not shown.
 */
export function admitCountersigned(
  input: GateInput,
  shown: readonly RuleHit<string>[],
): Admission & { readonly flips: readonly RuleHit[] } {
  const decision = evaluateGate(input);
  const flips = newlyHit(shown, decision.reasons);
  return { decision, flips, order: flips.length === 0 ? gated(input, decision) : null };
}
