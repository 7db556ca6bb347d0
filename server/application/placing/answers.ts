import type { OrderRequest } from '@/server/contracts/order';
import type { GateDecision } from '@/server/domain/policy/gate-types';
import { formatUnits } from '@/server/kernel/money';

/** Base of problem type addresses: names, not pages. */
const PROBLEM = 'urn:countersign:problem:';

interface Judged {
  readonly evaluationId: string;
  readonly decision: GateDecision;
  readonly expiresAt: string;
  readonly policyVersion: number;
  readonly inputHash: string;
}

const verdict = ({ evaluationId, decision, expiresAt, policyVersion, inputHash }: Judged) => ({
  decision: decision.decision,
  reasons: decision.reasons,
  approved_size_pct: Number(formatUnits(decision.approvedSizePct)),
  evaluation_id: evaluationId,
  policy_version: policyVersion,
  input_hash: inputHash,
  expires_at: expiresAt,
});

const asked = (request: OrderRequest, qty: string) => ({
  signal_id: request.signal_id,
  symbol: request.symbol,
  side: request.side,
  qty,
  order_type: request.order_type,
  limit_price: request.limit_price ?? null,
  stop_price: request.stop_price ?? null,
  time_in_force: request.time_in_force,
});

/** 201: the order is durable and will be sent. */
export function placedBody(
  orderId: string,
  request: OrderRequest,
  qty: string,
  createdAt: string,
  judged: Judged,
): string {
  return JSON.stringify({
    order_id: orderId,
    status: 'NEW',
    ...asked(request, qty),
    cum_qty: '0',
    leaves_qty: qty,
    created_at: createdAt,
    policy: verdict(judged),
  });
}

/** 202: a person must countersign this exact order. */
export function reviewBody(approvalId: string, request: OrderRequest, qty: string, judged: Judged): string {
  return JSON.stringify({
    approval_id: approvalId,
    status: 'PENDING_APPROVAL',
    ...asked(request, qty),
    policy: verdict(judged),
  });
}

/** 422: the gate said no; `code` is the first rule that rejected. */
export function rejectedBody(judged: Judged): string {
  const first = judged.decision.reasons.find((reason) => reason.tier === 'REJECT');
  return problemBody(
    422,
    first?.code ?? 'POLICY_REJECTED',
    'Rejected by policy',
    first?.message ?? 'The gate rejected the order.',
    verdict(judged),
  );
}

export function problemBody(status: number, code: string, title: string, detail: string, extra: object = {}): string {
  return JSON.stringify({
    type: `${PROBLEM}${code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail,
    code,
    ...extra,
  });
}

export const KEY_REUSED = problemBody(
  409,
  'IDEMPOTENCY_KEY_REUSED',
  'Idempotency key reused',
  'This Idempotency-Key was used before with another payload. Use a new key for a new order.',
);
export const KEY_IN_FLIGHT = problemBody(
  409,
  'IDEMPOTENCY_IN_FLIGHT',
  'Still in flight',
  'A request with this Idempotency-Key is still being decided. Repeat it with the same key in a moment.',
);
export const SIGNAL_NOT_YOURS = problemBody(
  409,
  'CONFLICT',
  'Conflicts with the current state',
  'The signal belongs to another client, or is queued: the worker places the order of a strategy’s queued signal.',
);
export const UNAVAILABLE = problemBody(
  503,
  'UNAVAILABLE',
  'Not available',
  'The order could not be decided now and nothing was stored. Repeat it with the same key.',
);
