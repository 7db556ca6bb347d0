import type { GateSnapshot, PlacementRows, StoredSignal } from '@/server/application/ports/placement-store';
import type { OrderRequest } from '@/server/contracts/order';
import { evaluateGate } from '@/server/domain/policy/gate';
import type { GateDecision, GateInput } from '@/server/domain/policy/gate-types';
import { withoutMemo } from '@/server/domain/policy/without-memo';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { formatMoney, formatUnits, ONE } from '@/server/kernel/money';
import { placedBody, rejectedBody, reviewBody } from './answers';
import { type BatchReservations, gateInput } from './gate-input';
import { gateRecord } from './gate-record';

/** Ids and hashing come from outside, so that a decision can be repeated. */
export interface DecidingTools {
  readonly newId: () => string;
  /** SHA-256, hex. */
  readonly sha256: (text: string) => string;
}

export interface PlacementRequest {
  readonly actor: Actor;
  readonly key: string;
  readonly request: OrderRequest;
  /** SHA-256 of the canonical JSON payload. */
  readonly requestHash: string;
}

/** What an approver is shown and must send back: any change of it voids the countersignature. */
export interface ShownApproval {
  readonly approvalId: string;
  readonly symbol: string;
  readonly side: string;
  readonly qty: string;
  readonly orderType: string;
  readonly limitPrice: string | null;
  readonly stopPrice: string | null;
  readonly timeInForce: string;
  readonly referencePrice: string;
  readonly notional: string;
  readonly exposureAfter: string;
  readonly codes: readonly string[];
  readonly policyVersion: number;
}

export function shownHash(shown: ShownApproval, sha256: (text: string) => string): string {
  return sha256(canonicalJson({ ...shown }));
}

/**
 * Whether a signal is another principal's to place (O-12). A strategy's queued signal is the worker's, which sizes it; once the
 * worker is done with it, anyone may place it. The function gate_commit enforces the same rule.
 */
export function belongsToAnother(signal: StoredSignal | undefined, { principalId }: Actor): boolean {
  if (signal === undefined || signal.principalId === null || signal.principalId === principalId) return false;
  return signal.queued || signal.principalId !== SYSTEM_PRINCIPAL_ID;
}

const iso = (ms: number) => new Date(ms).toISOString();
const text = (value: bigint | null) => (value === null ? null : formatUnits(value));

/** The rows of an evaluation, shared by placing and by approving. */
export function evaluationRow(
  kind: 'GATE' | 'APPROVAL',
  signalId: string,
  input: GateInput,
  decision: GateDecision,
  tools: DecidingTools,
) {
  const record = canonicalJson(gateRecord(input));
  return {
    id: tools.newId(),
    signalId,
    kind,
    decision: decision.decision,
    approvedSizePct: formatUnits(decision.approvedSizePct),
    policyVersion: input.policy.version,
    stage: input.stage,
    input: record,
    inputHash: tools.sha256(record),
    reasons: decision.reasons,
    withoutMemo: (input.signal?.reasoning ?? null) === null ? null : withoutMemo(decision),
    expiresAt: iso(decision.expiresAtMs),
  };
}

export function decisionEvent(
  evaluation: { id: string; signalId: string; kind: string; decision: string; reasons: readonly { code: string }[] },
  symbol: string,
  newId: () => string,
) {
  return {
    id: newId(),
    topic: 'policy.decision.made' as const,
    subject: evaluation.signalId,
    data: {
      evaluation_id: evaluation.id,
      signal_id: evaluation.signalId,
      symbol,
      decision: evaluation.decision,
      kind: evaluation.kind,
      codes: evaluation.reasons.map((reason) => reason.code),
    },
  };
}

/** The columns an order and an approval have in common. */
function orderColumns(request: OrderRequest, input: GateInput, decision: GateDecision) {
  return {
    symbol: request.symbol,
    side: request.side,
    qty: formatUnits(decision.orderQty),
    orderType: request.order_type,
    limitPrice: text(input.order.limitPrice),
    stopPrice: text(input.order.stopPrice),
    timeInForce: request.time_in_force,
    // A gate that passes knows its reference price; 0 would reserve nothing, so it is refused by the caller.
    referencePrice: formatUnits(decision.referencePrice ?? 0n),
  };
}

/**
 * Judges one placement and says all that must be stored and answered. Pure but for ids and hashing.
 * Reserves in `reservations` what the next placement of the batch must count.
 */
export function decidePlacement(
  snapshot: GateSnapshot,
  reservations: BatchReservations,
  placement: PlacementRequest,
  tools: DecidingTools,
): PlacementRows {
  const { actor, request } = placement;
  const input = gateInput(snapshot, reservations, request);
  const decision = evaluateGate(input);
  const evaluation = evaluationRow('GATE', request.signal_id, input, decision, tools);
  const judged = {
    evaluationId: evaluation.id,
    decision,
    expiresAt: evaluation.expiresAt,
    policyVersion: evaluation.policyVersion,
    inputHash: evaluation.inputHash,
  };
  const key = (statusCode: number, body: string) => ({
    principalId: actor.principalId,
    key: placement.key,
    requestHash: placement.requestHash,
    statusCode,
    body,
  });
  const decided = decisionEvent(evaluation, request.symbol, tools.newId);
  const stored = snapshot.signals.get(request.signal_id);
  if (decision.decision === 'REJECT' || stored === undefined || decision.referencePrice === null) {
    return { key: key(422, rejectedBody(judged)), evaluation, order: null, approval: null, outbox: [decided] };
  }
  reservations.consume(request.signal_id);
  const columns = orderColumns(request, input, decision);
  const base = { key, evaluation, decided, judged, columns, stored };
  return decision.decision === 'REVIEW'
    ? openApproval(placement, decision, base, tools)
    : placeOrder(placement, decision, base, reservations, snapshot, tools);
}

interface Base {
  readonly key: (statusCode: number, body: string) => PlacementRows['key'];
  readonly evaluation: ReturnType<typeof evaluationRow>;
  readonly decided: ReturnType<typeof decisionEvent>;
  readonly judged: Parameters<typeof rejectedBody>[0];
  readonly columns: ReturnType<typeof orderColumns>;
  readonly stored: StoredSignal;
}

function openApproval(
  { actor, request }: PlacementRequest,
  decision: GateDecision,
  base: Base,
  tools: DecidingTools,
): PlacementRows {
  const { columns, evaluation } = base;
  const approvalId = tools.newId();
  const notional = formatMoney(decision.notional ?? 0n);
  const exposureAfter = formatUnits(decision.exposureAfter ?? ONE);
  const shown = {
    approvalId,
    ...columns,
    notional,
    exposureAfter,
    codes: decision.reasons.map((reason) => reason.code),
    policyVersion: evaluation.policyVersion,
  };
  const approval = {
    id: approvalId,
    signalId: request.signal_id,
    evaluationId: evaluation.id,
    principalId: actor.principalId,
    ...columns,
    notional,
    exposureAfter,
    shownHash: shownHash(shown, tools.sha256),
    expiresAt: evaluation.expiresAt,
  };
  const requested = {
    id: tools.newId(),
    topic: 'approval.requested' as const,
    subject: approvalId,
    data: {
      approval_id: approvalId,
      symbol: request.symbol,
      side: request.side,
      qty: columns.qty,
      expires_at: evaluation.expiresAt,
    },
  };
  const body = reviewBody(approvalId, request, columns.qty, base.judged);
  return { key: base.key(202, body), evaluation, order: null, approval, outbox: [base.decided, requested] };
}

function placeOrder(
  { actor, request }: PlacementRequest,
  decision: GateDecision,
  base: Base,
  reservations: BatchReservations,
  snapshot: GateSnapshot,
  tools: DecidingTools,
): PlacementRows {
  const { columns, evaluation, stored } = base;
  const orderId = tools.newId();
  reservations.reserve({
    symbol: request.symbol,
    side: request.side,
    strategy: stored.strategy,
    qty: decision.orderQty,
    price: decision.referencePrice ?? 0n,
  });
  const order = {
    id: orderId,
    signalId: request.signal_id,
    evaluationId: evaluation.id,
    approvalId: null,
    principalId: actor.principalId,
    strategy: stored.strategy,
    ...columns,
    positionEffect: decision.positionEffect,
    expiresAt: evaluation.expiresAt,
    created: { by: actor.name, decision: decision.decision, evaluation_id: evaluation.id },
  };
  const body = placedBody(orderId, request, columns.qty, iso(snapshot.nowMs), base.judged);
  return {
    key: base.key(201, body),
    evaluation,
    order,
    approval: null,
    outbox: [base.decided, orderCreatedEvent(order, tools.newId)],
  };
}

export function orderCreatedEvent(
  order: { id: string; symbol: string; side: string; qty: string },
  newId: () => string,
) {
  return {
    id: newId(),
    topic: 'order.created' as const,
    subject: order.id,
    data: { order_id: order.id, symbol: order.symbol, side: order.side, qty: order.qty, kind: 'GATED' },
  };
}
