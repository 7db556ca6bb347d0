import { z } from 'zod';
import { decisionSchema, displayStatusSchema, sideSchema } from '@/server/kernel/vocabulary';
import { orderViewSchema } from './orders';
import { policyReasonSchema } from './policy';
import { symbolSchema } from './symbol';
import { decimalTextSchema, instantSchema } from './text';

/** One execution, as the broker named it. */
export const fillViewSchema = z.object({
  execution_id: z.string(),
  qty: decimalTextSchema,
  price: decimalTextSchema,
  /** The broker's time. */
  at: instantSchema,
  source: z.string(),
  busted: z.boolean(),
});

/** One step in the life of an order, refused ones included. */
export const orderEventViewSchema = z.object({
  type: z.string(),
  source: z.string(),
  at: instantSchema,
  data: z.record(z.string(), z.unknown()),
});

export const orderSignalViewSchema = z.object({
  signal_id: z.uuid(),
  source: z.string(),
  strategy: z.string(),
  model_version: z.string(),
  symbol: z.string(),
  candidate_action: sideSchema,
  confidence: decimalTextSchema,
  size_pct: decimalTextSchema,
  created_at: instantSchema,
});

export const evaluationViewSchema = z.object({
  evaluation_id: z.uuid(),
  kind: z.string(),
  decision: decisionSchema,
  approved_size_pct: decimalTextSchema,
  policy_version: z.number().int(),
  stage: z.string(),
  input_hash: z.string(),
  reasons: z.array(policyReasonSchema.extend({ tier: z.string() })),
  created_at: instantSchema,
});

/** The whole story of one order: signal, judgements, approval, every event and fill. */
export const orderDetailSchema = orderViewSchema.extend({
  timeline: z.object({
    signal: orderSignalViewSchema.nullable(),
    evaluations: z.array(evaluationViewSchema),
    approval: z
      .object({
        approval_id: z.uuid(),
        status: z.string(),
        created_at: instantSchema,
        decided_at: instantSchema.nullable(),
        decided_by: z.string().nullable(),
        reason: z.string().nullable(),
      })
      .nullable(),
    events: z.array(orderEventViewSchema),
    fills: z.array(fillViewSchema),
  }),
});
export type OrderDetailBody = z.output<typeof orderDetailSchema>;

/** Query of a list: how many (at most 500), and where the last page ended. */
export const pageQueryShape = {
  limit: z.coerce.number().int().min(1).max(500).default(100),
  cursor: z.string().max(200).optional(),
};

export const orderListQuerySchema = z.strictObject({
  ...pageQueryShape,
  status: displayStatusSchema.optional(),
  symbol: symbolSchema.optional(),
});
export type OrderListQuery = z.output<typeof orderListQuerySchema>;

/** Newest first. `next_cursor` is null on the last page. */
export const orderListSchema = z.object({ orders: z.array(orderViewSchema), next_cursor: z.string().nullable() });
export type OrderListBody = z.output<typeof orderListSchema>;

export const cancelAnswerSchema = z.object({ order_id: z.uuid(), status: displayStatusSchema });
