import { z } from 'zod';
import type { RefusalReason } from '@/server/kernel/outcome';
import { type Decision, decisionSchema } from '@/server/kernel/vocabulary';
import { clientTimeInForceSchema, type OrderRequest, orderTermsSchema } from './order';
import { policyReasonSchema } from './policy';
import { problemSchema } from './problem';
import { snakeShape } from './snake-case';
import { decimalTextSchema, instantSchema } from './text';

/** What the gate decided about an order, from server state. */
const verdictShape = {
  decision: decisionSchema,
  reasons: z.array(policyReasonSchema.extend({ tier: z.string() })),
  approved_size_pct: z.number(),
  evaluation_id: z.uuid(),
  policy_version: z.number().int(),
  input_hash: z.string(),
  expires_at: instantSchema,
};

const askedShape = {
  signal_id: z.uuid(),
  ...snakeShape(orderTermsSchema),
  time_in_force: clientTimeInForceSchema,
  policy: z.object(verdictShape),
};

/** 201: the order is durable and the worker will send it. */
export const placedOrderSchema = z.object({
  order_id: z.uuid(),
  status: z.literal('NEW'),
  ...askedShape,
  cum_qty: decimalTextSchema,
  leaves_qty: decimalTextSchema,
  created_at: instantSchema,
});

/** 202: this exact order waits for a countersignature. */
export const waitingOrderSchema = z.object({
  approval_id: z.uuid(),
  status: z.literal('PENDING_APPROVAL'),
  ...askedShape,
});

/** 422 of the gate: `code` is the first rule that rejected, `reasons` are all of them. */
export const gateRejectionSchema = problemSchema.extend(verdictShape);

/** The gate's decision on an order. */
export interface PlacementVerdict {
  readonly decision: Decision;
  readonly reasons: readonly RefusalReason[];
  /** Share of equity. */
  readonly approvedSizePct: number;
  readonly evaluationId: string;
  readonly policyVersion: number;
  readonly inputHash: string;
  /** ISO 8601. */
  readonly expiresAt: string;
}

/** A decided placement with all that its reply says. */
export type DecidedPlacement =
  | {
      readonly kind: 'PLACED';
      readonly orderId: string;
      readonly createdAt: string;
      readonly order: OrderRequest;
      /** Of the stop that will protect what the order brings; null for none. */
      readonly protectiveStopPrice: string | null;
      readonly verdict: PlacementVerdict;
    }
  | {
      readonly kind: 'REVIEW';
      readonly approvalId: string;
      readonly order: OrderRequest;
      readonly protectiveStopPrice: string | null;
      readonly verdict: PlacementVerdict;
    }
  | { readonly kind: 'REJECTED'; readonly verdict: PlacementVerdict };

/** What became of a placement: all that is known of one from its stored reply. */
export type PlacementOutcome =
  | { readonly kind: 'PLACED'; readonly orderId: string; readonly reasons: readonly RefusalReason[] }
  | { readonly kind: 'REVIEW'; readonly approvalId: string; readonly reasons: readonly RefusalReason[] }
  | {
      readonly kind: 'REJECTED';
      /** The first rule that rejected. */
      readonly code: string;
      readonly reasons: readonly RefusalReason[];
    };

const rejectionCode = (verdict: PlacementVerdict): string =>
  verdict.reasons.find((reason) => reason.tier === 'REJECT')?.code ?? 'POLICY_REJECTED';

export function placementOutcome(decided: DecidedPlacement): PlacementOutcome {
  const { reasons } = decided.verdict;
  switch (decided.kind) {
    case 'PLACED':
      return { kind: 'PLACED', orderId: decided.orderId, reasons };
    case 'REVIEW':
      return { kind: 'REVIEW', approvalId: decided.approvalId, reasons };
    case 'REJECTED':
      return { kind: 'REJECTED', code: rejectionCode(decided.verdict), reasons };
  }
}

/** HTTP status of each outcome. It is stored with the idempotency key and tells the outcomes apart. */
export const PLACEMENT_STATUS: Readonly<Record<PlacementOutcome['kind'], number>> = {
  PLACED: 201,
  REVIEW: 202,
  REJECTED: 422,
};

const askedBody = ({ order, protectiveStopPrice }: Exclude<DecidedPlacement, { kind: 'REJECTED' }>) => ({
  signal_id: order.signal_id,
  symbol: order.symbol,
  side: order.side,
  qty: order.qty,
  order_type: order.order_type,
  limit_price: order.limit_price ?? null,
  stop_price: order.stop_price ?? null,
  time_in_force: order.time_in_force,
  protective_stop_price: protectiveStopPrice,
});

const verdictBody = (verdict: PlacementVerdict) => ({
  decision: verdict.decision,
  reasons: verdict.reasons,
  approved_size_pct: verdict.approvedSizePct,
  evaluation_id: verdict.evaluationId,
  policy_version: verdict.policyVersion,
  input_hash: verdict.inputHash,
  expires_at: verdict.expiresAt,
});

function rejectedBody(verdict: PlacementVerdict) {
  const first = verdict.reasons.find((reason) => reason.tier === 'REJECT');
  const code = rejectionCode(verdict);
  return {
    type: `urn:countersign:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: 'Rejected by policy',
    status: PLACEMENT_STATUS.REJECTED,
    detail: first?.message ?? 'The gate rejected the order.',
    code,
    ...verdictBody(verdict),
  };
}

function replyBody(decided: DecidedPlacement): object {
  switch (decided.kind) {
    case 'PLACED':
      return {
        order_id: decided.orderId,
        status: 'NEW',
        ...askedBody(decided),
        cum_qty: '0',
        leaves_qty: decided.order.qty,
        created_at: decided.createdAt,
        policy: verdictBody(decided.verdict),
      };
    case 'REVIEW':
      return {
        approval_id: decided.approvalId,
        status: 'PENDING_APPROVAL',
        ...askedBody(decided),
        policy: verdictBody(decided.verdict),
      };
    case 'REJECTED':
      return rejectedBody(decided.verdict);
  }
}

/** The body that is stored with the idempotency key, and repeated byte for byte for the same request. */
export const placementReply = (decided: DecidedPlacement): string => JSON.stringify(replyBody(decided));

const text = z.string().default('');
const reasonsSchema = z
  .array(z.object({ code: z.string(), tier: text, observed: text, threshold: text, message: text }))
  .default([]);
const policySchema = z.object({ reasons: reasonsSchema }).optional();
const placedReplySchema = z.object({ order_id: z.string(), policy: policySchema });
const waitingReplySchema = z.object({ approval_id: z.string(), policy: policySchema });
const rejectedReplySchema = z.object({ code: z.string(), reasons: reasonsSchema });

/** Reads a stored reply, also one that an earlier version stored. @throws ZodError or SyntaxError when it is none */
export function readPlacementReply(statusCode: number, reply: string): PlacementOutcome {
  const body: unknown = JSON.parse(reply);
  if (statusCode === PLACEMENT_STATUS.PLACED) {
    const { order_id: orderId, policy } = placedReplySchema.parse(body);
    return { kind: 'PLACED', orderId, reasons: policy?.reasons ?? [] };
  }
  if (statusCode === PLACEMENT_STATUS.REVIEW) {
    const { approval_id: approvalId, policy } = waitingReplySchema.parse(body);
    return { kind: 'REVIEW', approvalId, reasons: policy?.reasons ?? [] };
  }
  return { kind: 'REJECTED', ...rejectedReplySchema.parse(body) };
}
