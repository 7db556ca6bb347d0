import { DRILL_STRATEGY } from '@/server/application/halt/drill/drill-strategy';
import { type GateRecord, readGateRecord } from '@/server/application/placing/gate-record';
import type { OrderBasis, OrderTerms, StoredDecision } from '@/server/application/ports/execution-store';
import { readStoredPolicy } from '@/server/contracts/policy-body';
import { compilePolicy } from '@/server/domain/policy';
import { admit, admitCountersigned, type GatedOrder } from '@/server/domain/policy/gate';
import type { GateInput } from '@/server/domain/policy/gate-types';
import { RULE_SET } from '@/server/domain/policy/rule-table';
import { SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { formatMoney, formatUnits, type Money, type Units } from '@/server/kernel/money';

/** The largest opening order that this worker sends, by its own settings: nothing in the database can raise them. Null: no cap. */
export interface OrderCaps {
  readonly notional: Money | null;
  readonly qty: Units | null;
}

const APPROVED = new Set(['APPROVED', 'REDUCED']);

/** First difference between the order and the terms that were decided; null when there is none. */
function differing(order: OrderTerms, decided: Partial<OrderTerms>): string | null {
  for (const [name, value] of Object.entries(decided)) {
    if (order[name as keyof OrderTerms] !== value) return name;
  }
  return null;
}

const termsOf = ({
  symbol,
  side,
  qty,
  orderType,
  limitPrice,
  stopPrice,
  referencePrice,
  positionEffect,
  protectiveStopPrice,
}: GatedOrder) => ({
  ...{ symbol, side, qty, orderType, limitPrice, stopPrice, referencePrice, positionEffect, protectiveStopPrice },
});

function readInput({ record, policy, policyVersion }: StoredDecision): GateInput {
  return readGateRecord(record as GateRecord, compilePolicy(readStoredPolicy(policy), policyVersion));
}

/** What is wrong with the record of the decision itself, whatever it says. */
function recordFault(basis: OrderBasis, decision: StoredDecision, input: GateInput): string | null {
  const { policy_version } = decision.record as GateRecord;
  if (decision.signalId !== basis.signalId) return 'its decision is about another signal';
  if (policy_version !== decision.policyVersion) return 'its decision was made under another policy version';
  if (input.stage !== decision.stage) return 'its decision was made in another stage';
  if (input.ruleSet !== RULE_SET) return 'its decision was made by other rules than those of this version';
  const isDrill = basis.principalId === SYSTEM_PRINCIPAL_ID && basis.strategy === DRILL_STRATEGY;
  if (input.drill === true && !isDrill) return 'its decision was made for a kill drill';
  return null;
}

function approvalFault({ approval, order, orderId, signalId }: OrderBasis): string | null {
  if (approval === null) return 'its approval is not stored';
  if (!APPROVED.has(approval.status)) return `its approval is ${approval.status}`;
  if (approval.orderId !== orderId || approval.signalId !== signalId) return 'its approval released another order';
  if (approval.requested.kind !== 'GATE' || approval.requested.decision !== 'REVIEW')
    return 'its approval was not opened by the gate';
  const field = differing(order, approval.terms);
  return field === null ? null : `its approval has another ${field}`;
}

/** Judges the stored inputs again. @returns what is wrong; null when they give the order as it stands */
function decisionFault(basis: OrderBasis, decision: StoredDecision, input: GateInput): string | null {
  const { approval, order } = basis;
  const admission = approval === null ? admit(input) : admitCountersigned(input, approval.requested.reasons);
  const again = admission.decision.decision;
  if (again !== decision.decision) return `its stored decision is ${decision.decision}, and its inputs give ${again}`;
  if (admission.order === null) return `its decision is ${again}`;
  const field = differing(order, termsOf(admission.order));
  if (field !== null) return `its decision has another ${field}`;
  const lastMs = input.nowMs + input.policy.approveTtlSeconds * 1_000;
  if (basis.expiresAtMs === null || basis.expiresAtMs > lastMs) return 'it would outlive its decision';
  return null;
}

function capFault({ order }: OrderBasis, caps: OrderCaps): string | null {
  if (order.positionEffect !== 'OPEN') return null;
  const { qty, limitPrice, referencePrice } = order;
  if (caps.qty !== null && qty > caps.qty) return `${formatUnits(qty)} shares are more than this worker sends`;
  const price = limitPrice !== null && limitPrice > referencePrice ? limitPrice : referencePrice;
  const notional = qty * price;
  if (caps.notional === null || notional <= caps.notional) return null;
  return `$${formatMoney(notional)} is more than this worker sends`;
}

/**
 * Checks what a gated order rests on (D-4, O-13): its decision is judged again from the stored inputs and policy version and must give
 * the order as it stands, by an APPROVE or by an approval that released the same terms; and it must be within the worker's own caps.
 * @returns why it must not be sent; null when all agrees
 */
export function judgeDecision(basis: OrderBasis | null, caps: OrderCaps): string | null {
  const decision = basis?.decision ?? null;
  if (basis === null || decision === null) return 'its decision is not stored';
  const kind = basis.approvalId === null ? 'GATE' : 'APPROVAL';
  if (decision.kind !== kind) return `its decision is of the kind ${decision.kind}`;
  const approval = basis.approvalId === null ? null : approvalFault(basis);
  if (approval !== null) return approval;
  let input: GateInput;
  try {
    input = readInput(decision);
  } catch {
    return 'the inputs of its decision cannot be read';
  }
  return recordFault(basis, decision, input) ?? decisionFault(basis, decision, input) ?? capFault(basis, caps);
}
