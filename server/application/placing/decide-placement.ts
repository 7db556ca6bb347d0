import { DRILL_STRATEGY } from '@/server/application/halt/drill/drill-strategy';
import type { GateSnapshot, PlacementRows, StoredSignal } from '@/server/application/ports/placement-store';
import type { PlacementVerdict } from '@/server/contracts/placement';
import { admit, type GatedOrder } from '@/server/domain/policy/gate';
import type { GateDecision, GateInput } from '@/server/domain/policy/gate-types';
import { withoutMemo } from '@/server/domain/policy/without-memo';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { canonicalJson } from '@/server/kernel/canonical-json';
import { formatMoney, formatUnits, ONE, type Units } from '@/server/kernel/money';
import { type BatchReservations, gateInput, type OrderToSize } from './gate-input';
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
  readonly order: OrderToSize;
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
  /** Present only for an order that carries a protective stop. */
  readonly protectiveStopPrice?: string;
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

/** A decision with its rows: what the order and the approval have in common. */
interface Judged {
  readonly placement: PlacementRequest;
  readonly input: GateInput;
  readonly decision: GateDecision;
  readonly evaluation: ReturnType<typeof evaluationRow>;
  readonly verdict: PlacementVerdict;
  readonly decided: ReturnType<typeof decisionEvent>;
}

function verdictOf(decision: GateDecision, evaluation: ReturnType<typeof evaluationRow>): PlacementVerdict {
  return {
    decision: decision.decision,
    reasons: decision.reasons,
    approvedSizePct: Number(formatUnits(decision.approvedSizePct)),
    evaluationId: evaluation.id,
    policyVersion: evaluation.policyVersion,
    inputHash: evaluation.inputHash,
    expiresAt: evaluation.expiresAt,
  };
}

/** Whether the gate objects to nothing but the size that it would allow itself: less than can be ordered. */
function isTooSmall({ order }: PlacementRequest, { reasons, decision, orderQty }: GateDecision): boolean {
  if (order.qty !== null || orderQty > 0n) return false;
  return decision !== 'REJECT' || reasons.every(({ tier, code }) => tier !== 'REJECT' || code === 'SIZE_EXCEEDED');
}

/**
 * Judges one placement and says all that must be stored. Pure but for ids and hashing.
 * Reserves in `reservations` what the next placement of the batch must count.
 * @returns NO_SHARES when the gate was to size the order and allows less than can be ordered
 */
export function decidePlacement(
  snapshot: GateSnapshot,
  reservations: BatchReservations,
  placement: PlacementRequest,
  tools: DecidingTools,
): PlacementRows | 'NO_SHARES' {
  const { order } = placement;
  const stored = snapshot.signals.get(order.signal_id);
  const { principalId } = placement.actor;
  const isDrill = principalId === SYSTEM_PRINCIPAL_ID && stored?.strategy === DRILL_STRATEGY;
  const input = gateInput(snapshot, reservations, order, { principalId, ...(isDrill ? { drill: true } : {}) });
  const { decision, order: gated } = admit(input);
  if (isTooSmall(placement, decision)) return 'NO_SHARES';
  const evaluation = evaluationRow('GATE', order.signal_id, input, decision, tools);
  const decided = decisionEvent(evaluation, order.symbol, tools.newId);
  const judged = { placement, input, decision, evaluation, verdict: verdictOf(decision, evaluation), decided };
  if (stored === undefined || decision.decision === 'REJECT') return rejected(judged);
  if (decision.decision === 'REVIEW') {
    // Nothing can be reserved for an order without a price.
    if (decision.referencePrice === null) return rejected(judged);
    reservations.consume(order.signal_id);
    const { strategy } = stored;
    const { symbol, side, orderType, limitPrice } = input.order;
    const { orderQty: qty, positionEffect } = decision;
    reservations.count({ principalId, strategy, symbol, side, qty, orderType, limitPrice, positionEffect });
    return openApproval(judged, decision.referencePrice, tools);
  }
  if (gated === null) return rejected(judged);
  reservations.consume(order.signal_id);
  reservations.reserve({ ...gated, principalId, strategy: stored.strategy, price: gated.referencePrice });
  return placeOrder(judged, gated, stored.strategy, iso(snapshot.nowMs), tools);
}

const keyRow = ({ actor, key, requestHash }: PlacementRequest) => ({
  principalId: actor.principalId,
  key,
  requestHash,
});

function rejected({ placement, evaluation, verdict, decided }: Judged): PlacementRows {
  return {
    key: keyRow(placement),
    decided: { kind: 'REJECTED', verdict },
    evaluation,
    order: null,
    approval: null,
    outbox: [decided],
  };
}

function openApproval(judged: Judged, referencePrice: Units, tools: DecidingTools): PlacementRows {
  const { placement, input, decision, evaluation, verdict } = judged;
  const { actor, order } = placement;
  const approvalId = tools.newId();
  const qty = formatUnits(decision.orderQty);
  const notional = formatMoney(decision.notional ?? 0n);
  const exposureAfter = formatUnits(decision.exposureAfter ?? ONE);
  const terms = {
    symbol: order.symbol,
    side: order.side,
    qty,
    orderType: order.order_type,
    limitPrice: text(input.order.limitPrice),
    stopPrice: text(input.order.stopPrice),
    timeInForce: order.time_in_force,
    referencePrice: formatUnits(referencePrice),
  };
  const protectiveStopPrice = text(input.order.protectiveStopPrice);
  const shown = {
    approvalId,
    ...terms,
    ...(protectiveStopPrice === null ? {} : { protectiveStopPrice }),
    notional,
    exposureAfter,
    codes: decision.reasons.map((reason) => reason.code),
    policyVersion: evaluation.policyVersion,
  };
  const approval = {
    id: approvalId,
    signalId: order.signal_id,
    evaluationId: evaluation.id,
    principalId: actor.principalId,
    ...terms,
    protectiveStopPrice,
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
      symbol: order.symbol,
      side: order.side,
      qty,
      expires_at: evaluation.expiresAt,
    },
  };
  return {
    key: keyRow(placement),
    decided: { kind: 'REVIEW', approvalId, order: { ...order, qty }, protectiveStopPrice, verdict },
    evaluation,
    order: null,
    approval,
    outbox: [judged.decided, requested],
  };
}

/** A closing market order of any source is an exit for its quantity. */
const exitOf = ({ name, correlationId }: Actor, strategy: string, { newId }: DecidingTools) => ({
  id: newId(),
  requestedBy: name,
  correlationId,
  reason: strategy === '' ? `an order of ${name}` : `a signal of ${strategy}`,
});

function placeOrder(
  judged: Judged,
  gated: GatedOrder,
  strategy: string,
  createdAt: string,
  tools: DecidingTools,
): PlacementRows {
  const { placement, decision, evaluation, verdict } = judged;
  const { actor, order } = placement;
  const qty = formatUnits(gated.qty);
  const orderId = tools.newId();
  const closing = gated.positionEffect === 'REDUCE' && gated.orderType === 'MARKET';
  const exit = closing ? exitOf(actor, strategy, tools) : null;
  const row = {
    id: orderId,
    signalId: order.signal_id,
    evaluationId: evaluation.id,
    approvalId: null,
    principalId: actor.principalId,
    strategy,
    order: gated,
    timeInForce: order.time_in_force,
    expiresAt: evaluation.expiresAt,
    exit,
    created: { by: actor.name, decision: decision.decision, evaluation_id: evaluation.id },
  };
  return {
    key: keyRow(placement),
    decided: {
      kind: 'PLACED',
      orderId,
      createdAt,
      order: { ...order, qty },
      protectiveStopPrice: text(gated.protectiveStopPrice),
      verdict,
    },
    evaluation,
    order: row,
    approval: null,
    outbox: [judged.decided, orderCreatedEvent(orderId, gated, tools.newId, exit === null ? 'GATED' : 'FLATTEN')],
  };
}

export function orderCreatedEvent(
  orderId: string,
  order: GatedOrder,
  newId: () => string,
  kind: 'GATED' | 'FLATTEN' = 'GATED',
) {
  const { symbol, side, qty } = order;
  return {
    id: newId(),
    topic: 'order.created' as const,
    subject: orderId,
    data: { order_id: orderId, symbol, side, qty: formatUnits(qty), kind },
  };
}
