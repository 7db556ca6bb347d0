import type { ApprovalCheck, Commands } from '@/server/application/commands';
import {
  type DecidingTools,
  decisionEvent,
  evaluationRow,
  orderCreatedEvent,
} from '@/server/application/placing/decide-placement';
import { BatchReservations, gateInput } from '@/server/application/placing/gate-input';
import type { ApprovalStore, StoredApproval } from '@/server/application/ports/approval-store';
import type { GateSnapshot } from '@/server/application/ports/placement-store';
import type { OrderRequest } from '@/server/contracts/order';
import { selfApproval } from '@/server/domain/people/self-approval';
import { admitCountersigned, type GatedOrder } from '@/server/domain/policy/gate';
import type { GateDecision, GateInput } from '@/server/domain/policy/gate-types';
import type { RuleHit } from '@/server/domain/policy/types';
import type { Actor } from '@/server/kernel/actor';
import { formatUnits } from '@/server/kernel/money';
import { type Outcome, type Refusal, refuse } from '@/server/kernel/outcome';
import { approvedTerms, type ReducedTerms } from './approved-terms';

/** A placement elsewhere between reading and committing makes the decision stale; each retry reads again. */
const MAX_ROUNDS = 20;

function alreadyDecided(decision: string, by: string | null): Refusal {
  return refuse('ALREADY_DECIDED', `The approval is ${decision} already${by === null ? '' : ` (by ${by})`}.`);
}

/** What is wrong with approving at all, before policy is asked again. */
function precheck(approval: StoredApproval | null, shownHash: string, nowMs: number): Refusal | null {
  if (approval === null) return refuse('NOT_FOUND', 'There is no such approval.');
  if (approval.status !== 'PENDING') return alreadyDecided(approval.status, approval.decidedBy);
  if (approval.expiresAtMs <= nowMs) return refuse('EXPIRED', 'The approval has expired; nothing was sent.');
  if (approval.shownHash !== shownHash) {
    return refuse('SHOWN_HASH_CHANGED', 'What you were shown is not what would be sent. Reload and look again.');
  }
  return null;
}

/** Names the rules that stand in the way now: every REJECT, and REVIEW rules that the approver was not shown. */
function flipped(flips: readonly RuleHit[]): Refusal {
  const moved = flips.length === 1 && flips[0]?.code === 'PRICE_COLLAR';
  return {
    ok: false,
    code: moved ? 'PRICE_MOVED' : 'POLICY',
    message: `Refused: ${flips.map((flip) => `${flip.code} (${flip.message})`).join('; ')}. Nothing was sent.`,
    reasons: flips,
  };
}

/** Whether this person may approve this request in this stage (A-9). */
function separation(
  { principalId, mode }: StoredApproval,
  actor: Actor,
  { stage }: GateSnapshot,
  steppedUp: boolean,
): Refusal | null {
  if (principalId !== actor.principalId) return null;
  const rule = selfApproval(stage, mode);
  if (rule === 'REFUSED')
    return refuse('OWN_REQUEST', 'You or a token of yours requested this order: another person must approve it.');
  if (rule === 'MARKED' || steppedUp) return null;
  return refuse('STEP_UP_NEEDED', 'You requested this order. Enter your password to approve it yourself.');
}

function judge(snapshot: GateSnapshot, approval: StoredApproval, terms: OrderRequest) {
  const input = gateInput(snapshot, new BatchReservations(), terms, {
    principalId: null,
    approval: { expiresAtMs: approval.expiresAtMs, shown: approval.shown },
  });
  return { input, ...admitCountersigned(input, approval.reasons) };
}

interface Countersigned {
  readonly steppedUp: boolean;
  readonly input: GateInput;
  readonly decision: GateDecision;
  readonly order: GatedOrder;
  readonly reduced: boolean;
}

function countersignRows(approval: StoredApproval, actor: Actor, judged: Countersigned, tools: DecidingTools) {
  const { input, decision, order: gated, reduced, steppedUp } = judged;
  const evaluation = evaluationRow('APPROVAL', approval.signalId, input, decision, tools);
  const order = {
    id: tools.newId(),
    signalId: approval.signalId,
    evaluationId: evaluation.id,
    approvalId: approval.id,
    principalId: approval.principalId,
    strategy: approval.strategy,
    order: gated,
    timeInForce: approval.request.time_in_force,
    // A countersigned order is valid as long as an approved one, not as long as the review.
    expiresAt: new Date(input.nowMs + input.policy.approveTtlSeconds * 1000).toISOString(),
    // What is approved opens a position.
    exit: null,
    created: { by: actor.name, approval_id: approval.id, decision: decision.decision, evaluation_id: evaluation.id },
  };
  const decided = {
    id: tools.newId(),
    topic: 'approval.decided' as const,
    subject: approval.id,
    data: { approval_id: approval.id, status: reduced ? 'REDUCED' : 'APPROVED', by: actor.name, order_id: order.id },
  };
  const outbox = [
    decisionEvent(evaluation, gated.symbol, tools.newId),
    decided,
    orderCreatedEvent(order.id, gated, tools.newId),
  ];
  return { approvalId: approval.id, shownHash: approval.shownHash, reduced, steppedUp, evaluation, order, outbox };
}

/** Approving: the order as shown, or less of it, is judged with fresh state and placed in the same transaction. */
export function createApprove(store: ApprovalStore, tools: DecidingTools): Pick<Commands, 'approve' | 'checkApproval'> {
  async function refuseAndRecord(
    approval: StoredApproval,
    actor: Actor,
    refusal: Refusal,
    nowMs: number,
  ): Promise<Refusal> {
    const codes = refusal.reasons?.map((reason) => reason.code) ?? [refusal.code];
    await store.recordRefusal(approval.id, actor, {
      at: new Date(nowMs).toISOString(),
      codes,
      message: refusal.message,
    });
    return refusal;
  }

  async function approve(
    actor: Actor,
    approvalId: string,
    shownHash: string,
    less: ReducedTerms = {},
    steppedUp = false,
  ): Promise<Outcome<{ orderId: string }>> {
    const approval = await store.find(approvalId);
    for (let round = 0; round < MAX_ROUNDS; round += 1) {
      if (approval === null) return refuse('NOT_FOUND', 'There is no such approval.');
      const snapshot = await store.readGate(approval.request.symbol, approval.signalId);
      const early = precheck(approval, shownHash, snapshot.nowMs);
      if (early !== null) {
        return early.code === 'SHOWN_HASH_CHANGED' ? refuseAndRecord(approval, actor, early, snapshot.nowMs) : early;
      }
      const separated = separation(approval, actor, snapshot, steppedUp);
      if (separated?.code === 'OWN_REQUEST') return refuseAndRecord(approval, actor, separated, snapshot.nowMs);
      if (separated !== null) return separated;
      const approved = approvedTerms(approval.request, less);
      if (!approved.ok) return approved;
      const { input, decision, flips, order } = judge(snapshot, approval, approved.terms);
      if (order === null) return refuseAndRecord(approval, actor, flipped(flips), snapshot.nowMs);
      const rows = countersignRows(
        approval,
        actor,
        { input, decision, order, reduced: approved.reduced, steppedUp },
        tools,
      );
      const result = await store.countersign(snapshot, new Date(snapshot.nowMs), actor, rows);
      if (result.status === 'DONE') return { ok: true, orderId: rows.order.id };
      if (result.status === 'EXPIRED') return refuse('EXPIRED', 'The approval has expired; nothing was sent.');
      if (result.status === 'OWN_REQUEST') return refuse('OWN_REQUEST', 'Another person must approve this order.');
      if (result.status === 'DECIDED') return alreadyDecided(result.decision, result.by);
    }
    return refuse('UNAVAILABLE', 'Too many orders are being placed at this moment; nothing was sent. Approve again.');
  }

  /** Judges as approving would at this moment, and changes nothing (A-5). */
  async function checkApproval(actor: Actor, approvalId: string): Promise<Outcome<ApprovalCheck>> {
    const approval = await store.find(approvalId);
    if (approval === null) return refuse('NOT_FOUND', 'There is no such approval.');
    const { request, signalId, shownHash } = approval;
    const snapshot = await store.readGate(request.symbol, signalId);
    const early = precheck(approval, shownHash, snapshot.nowMs);
    if (early !== null) return early;
    // A password is asked for when the person approves.
    const separated = separation(approval, actor, snapshot, true);
    if (separated !== null) return separated;
    const { flips, order, decision } = judge(snapshot, approval, request);
    if (order === null) return flipped(flips);
    const exposureAfter = decision.exposureAfter === null ? null : formatUnits(decision.exposureAfter);
    return { ok: true, checkedAt: new Date(snapshot.nowMs).toISOString(), exposureAfter };
  }

  return { approve, checkApproval };
}
