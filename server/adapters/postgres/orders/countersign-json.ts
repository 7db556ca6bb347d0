import type { CountersignRows } from '@/server/application/ports/approval-store';
import type { GateSnapshot } from '@/server/application/ports/placement-store';
import type { Actor } from '@/server/kernel/actor';
import { createdJson, evaluationJson, hitsJson, orderJson, outboxJson } from './placement-rows';

/** The argument of approval_commit, as JSON text: a batch of one. */
export function countersignJson(
  snapshot: GateSnapshot,
  at: Date,
  actor: Actor,
  rows: CountersignRows,
  codeVersion: string,
): string {
  const order = orderJson(rows.order, 0);
  return JSON.stringify({
    account_version: snapshot.versions.account,
    trading_version: snapshot.versions.trading,
    settings_version: snapshot.versions.settings,
    at: at.toISOString(),
    approval_id: rows.approvalId,
    shown_hash: rows.shownHash,
    reduced: rows.reduced ? { qty: order.qty, limit_price: order.limit_price } : null,
    by: actor.name,
    by_principal: actor.principalId,
    stepped_up: rows.steppedUp,
    correlation_id: actor.correlationId,
    evaluations: [evaluationJson(rows.evaluation, codeVersion, 0)],
    hits: hitsJson(rows.evaluation, 0),
    orders: [order],
    events: [createdJson(rows.order, 'OPERATOR', 0)],
    approvals: [],
    outbox: outboxJson(rows.outbox, 0),
  });
}

export function approvalRefusedArguments(
  approvalId: string,
  actor: Actor,
  refusal: { at: string; codes: readonly string[]; message: string },
): [string, string, string, string] {
  return [approvalId, actor.name, JSON.stringify({ ...refusal, by: actor.name }), actor.correlationId];
}
