import { z } from 'zod';
import type { OrderBasis } from '@/server/application/ports/execution-store';
import { policyReasonSchema } from '@/server/contracts/policy';
import { parseUnits } from '@/server/kernel/money';

/** What a gated order `o` rests on, as one JSON value; null for other orders. Decimals are text. */
export const BASIS = `
  CASE WHEN o.kind = 'GATED' THEN (
    SELECT jsonb_build_object(
      'order_id', o.id, 'signal_id', o.signal_id, 'approval_id', o.approval_id, 'principal_id', o.principal_id, 'strategy', o.strategy,
      'expires_at', epoch_ms(o.expires_at), 'reference_price', o.reference_price::text, 'position_effect', o.position_effect,
      'terms', jsonb_build_object('symbol', o.symbol, 'side', o.side, 'qty', o.qty::text, 'order_type', o.order_type,
        'limit_price', o.limit_price::text, 'stop_price', o.stop_price::text, 'protective_stop_price', o.protective_stop_price::text, 'time_in_force', o.time_in_force),
      'decision', CASE WHEN e.id IS NOT NULL THEN jsonb_build_object('kind', e.kind, 'signal_id', e.signal_id, 'decision', e.decision,
        'stage', e.stage, 'policy_version', e.policy_version, 'record', e.input,
        'policy', (SELECT v.body FROM policy_versions v WHERE v.version = e.policy_version)) END,
      'approval', (
        SELECT jsonb_build_object('status', b.status, 'order_id', b.order_id, 'signal_id', b.signal_id,
          'terms', jsonb_build_object('symbol', b.symbol, 'side', b.side, 'qty', coalesce(b.approved_qty, b.qty)::text, 'order_type', b.order_type,
            'limit_price', coalesce(b.approved_limit_price, b.limit_price)::text, 'stop_price', b.stop_price::text,
            'protective_stop_price', b.protective_stop_price::text, 'time_in_force', b.time_in_force),
          'requested', (SELECT jsonb_build_object('kind', w.kind, 'decision', w.decision, 'reasons', w.reasons)
                        FROM policy_evaluations w WHERE w.id = b.evaluation_id))
        FROM approvals b WHERE b.id = o.approval_id))
    FROM (SELECT 1) one LEFT JOIN policy_evaluations e ON e.id = o.evaluation_id) END`;

const termsSchema = z.object({
  symbol: z.string(),
  side: z.string(),
  qty: z.string(),
  order_type: z.string(),
  limit_price: z.string().nullable(),
  stop_price: z.string().nullable(),
  protective_stop_price: z.string().nullable(),
  time_in_force: z.string(),
});

export const basisSchema = z.object({
  order_id: z.string(),
  signal_id: z.string().nullable(),
  approval_id: z.string().nullable(),
  principal_id: z.string().nullable(),
  strategy: z.string(),
  expires_at: z.number().nullable(),
  reference_price: z.string(),
  position_effect: z.string(),
  terms: termsSchema,
  decision: z
    .object({
      kind: z.string(),
      signal_id: z.string(),
      decision: z.string(),
      stage: z.string(),
      policy_version: z.number(),
      record: z.unknown(),
      policy: z.unknown(),
    })
    .nullable(),
  approval: z
    .object({
      status: z.string(),
      order_id: z.string().nullable(),
      signal_id: z.string(),
      terms: termsSchema,
      requested: z.object({ kind: z.string(), decision: z.string(), reasons: z.array(policyReasonSchema) }),
    })
    .nullable(),
});

const units = (text: string | null) => (text === null ? null : parseUnits(text));

const toTerms = (terms: z.output<typeof termsSchema>) => ({
  symbol: terms.symbol,
  side: terms.side,
  qty: parseUnits(terms.qty),
  orderType: terms.order_type,
  limitPrice: units(terms.limit_price),
  stopPrice: units(terms.stop_price),
  protectiveStopPrice: units(terms.protective_stop_price),
  timeInForce: terms.time_in_force,
});

export function toBasis(row: z.output<typeof basisSchema>): OrderBasis {
  const { decision, approval } = row;
  const referencePrice = parseUnits(row.reference_price);
  return {
    orderId: row.order_id,
    signalId: row.signal_id,
    approvalId: row.approval_id,
    principalId: row.principal_id,
    strategy: row.strategy,
    expiresAtMs: row.expires_at,
    order: { ...toTerms(row.terms), referencePrice, positionEffect: row.position_effect },
    decision:
      decision === null
        ? null
        : {
            kind: decision.kind,
            signalId: decision.signal_id,
            decision: decision.decision,
            stage: decision.stage,
            policyVersion: decision.policy_version,
            policy: decision.policy,
            record: decision.record,
          },
    approval:
      approval === null
        ? null
        : {
            status: approval.status,
            orderId: approval.order_id,
            signalId: approval.signal_id,
            terms: toTerms(approval.terms),
            requested: approval.requested,
          },
  };
}
