import { z } from 'zod';
import {
  decisionSchema,
  displayStatusSchema,
  exitHoldSchema,
  orderKindSchema,
  orderTypeSchema,
  sideSchema,
  timeInForceSchema,
} from '@/server/kernel/vocabulary';
import { decimalText, instant, ruleHitSchema } from './common';
import { blindSchema } from './memo';

/** One line of the blotter. */
export const orderRowSchema = z.object({
  id: z.uuid(),
  kind: orderKindSchema,
  strategy: z.string(),
  symbol: z.string(),
  side: sideSchema,
  qty: decimalText,
  orderType: orderTypeSchema,
  limitPrice: decimalText.nullable(),
  stopPrice: decimalText.nullable(),
  timeInForce: timeInForceSchema,
  status: displayStatusSchema,
  cumQty: decimalText,
  leavesQty: decimalText,
  avgPrice: decimalText.nullable(),
  cumNotional: decimalText,
  flags: z.array(z.string()),
  signalId: z.uuid().nullable(),
  approvalId: z.uuid().nullable(),
  rejectReason: z.string().nullable(),
  /** Cancels sent so far, and the broker's words where it still works all the same. */
  cancelAttempts: z.number().int(),
  cancelFault: z.string().nullable(),
  /** What a flatten that is not sent yet waits for. */
  waitsFor: exitHoldSchema.nullable(),
  cancellable: z.boolean(),
  createdAt: instant,
  updatedAt: instant,
});
export type OrderRow = z.output<typeof orderRowSchema>;

export const orderGroupSchema = z.enum(['all', 'working', 'filled', 'closed']);
export const orderSortSchema = z.enum(['createdAt', 'symbol', 'qty', 'updatedAt']);

export const orderListInputSchema = z.object({
  group: orderGroupSchema.default('all'),
  symbol: z.string().trim().toUpperCase().max(12).default(''),
  sort: orderSortSchema.default('createdAt'),
  direction: z.enum(['asc', 'desc']).default('desc'),
  limit: z.number().int().min(1).max(5_000).default(200),
});
export type OrderListInput = z.output<typeof orderListInputSchema>;

export const orderListSchema = z.object({
  rows: z.array(orderRowSchema),
  /** Rows that the filter matches, beyond those returned. */
  total: z.number().int(),
});
export type OrderList = z.output<typeof orderListSchema>;

export const fillSchema = z.object({
  executionId: z.string(),
  qty: decimalText,
  price: decimalText,
  at: instant,
  source: z.string(),
  busted: z.boolean(),
});

export const orderEventSchema = z.object({
  id: z.string(),
  type: z.string(),
  source: z.string(),
  at: instant,
  data: z.record(z.string(), z.unknown()),
});

export const evaluationSchema = z.object({
  id: z.uuid(),
  kind: z.string(),
  decision: decisionSchema,
  approvedSizePct: decimalText,
  policyVersion: z.number().int(),
  stage: z.string(),
  inputHash: z.string(),
  reasons: z.array(ruleHitSchema),
  /** What policy says without the memo; null where no memo was part of the judgement. */
  blind: blindSchema.nullable(),
  createdAt: instant,
});
export type EvaluationView = z.output<typeof evaluationSchema>;

export const signalSchema = z.object({
  id: z.uuid(),
  source: z.string(),
  strategy: z.string(),
  modelVersion: z.string(),
  symbol: z.string(),
  action: sideSchema,
  confidence: decimalText,
  sizePct: decimalText,
  stopDistancePct: decimalText.nullable(),
  reasoning: z.object({ status: z.string(), recommendation: z.string().nullable() }).nullable(),
  createdAt: instant,
  expiresAt: instant,
});
export type SignalView = z.output<typeof signalSchema>;

export const orderApprovalSchema = z.object({
  id: z.uuid(),
  status: z.string(),
  createdAt: instant,
  decidedAt: instant.nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
});

/** The whole story of one order. */
export const orderDetailSchema = z.object({
  order: orderRowSchema,
  externalOrderId: z.string().nullable(),
  acceptedAt: instant.nullable(),
  closedAt: instant.nullable(),
  signal: signalSchema.nullable(),
  evaluations: z.array(evaluationSchema),
  approval: orderApprovalSchema.nullable(),
  fills: z.array(fillSchema),
  events: z.array(orderEventSchema),
});
export type OrderDetail = z.output<typeof orderDetailSchema>;
