import { z } from 'zod';
import { evaluationSchema, signalSchema } from '@/server/contracts/order';
import { decisionSchema, sideSchema } from '@/server/kernel/vocabulary';
import { decimalText, instant, pageCursor, pageOf, ruleHitSchema } from './common';
import { featureFiguresSchema } from './market';
import { memoSchema } from './memo';

export const activePolicySchema = z.object({
  version: z.number().int(),
  stage: z.string(),
  createdAt: instant,
  createdBy: z.string(),
  comment: z.string(),
  body: z.record(z.string(), z.unknown()),
  /** Rule hits of the last 24 hours, by code. */
  hits: z.array(z.object({ code: z.string(), count: z.number().int() })),
});
export type ActivePolicyView = z.output<typeof activePolicySchema>;

export const decisionRowSchema = z.object({
  id: z.uuid(),
  signalId: z.uuid(),
  kind: z.string(),
  decision: decisionSchema,
  symbol: z.string(),
  action: sideSchema.nullable(),
  strategy: z.string(),
  approvedSizePct: decimalText,
  policyVersion: z.number().int(),
  reasons: z.array(ruleHitSchema),
  createdAt: instant,
});
export const decisionListInputSchema = z.object({
  decision: decisionSchema.nullable().default(null),
  cursor: pageCursor,
  limit: z.number().int().min(1).max(1_000).default(200),
});
export type DecisionListInput = z.output<typeof decisionListInputSchema>;

export const decisionListSchema = pageOf(decisionRowSchema);
export type DecisionList = z.output<typeof decisionListSchema>;

export const taskStateSchema = z.enum(['QUEUED', 'DONE']);

/** A candidate's way to the gate. */
export const signalTaskSchema = z.object({
  state: taskStateSchema,
  /** PLACED REVIEW REJECTED NO_SHARES EXPIRED; null while queued. */
  outcome: z.string().nullable(),
  /** Code of the rule or fault behind the outcome. */
  detail: z.string().nullable(),
  createdAt: instant,
  doneAt: instant.nullable(),
});
export type SignalTaskView = z.output<typeof signalTaskSchema>;

export const signalListInputSchema = z.object({
  strategy: z.string().trim().max(100).default(''),
  symbol: z.string().trim().toUpperCase().max(12).default(''),
  /** NONE: not judged. */
  decision: decisionSchema.or(z.literal('NONE')).nullable().default(null),
  cursor: pageCursor,
  limit: z.number().int().min(1).max(1_000).default(200),
});
export type SignalListInput = z.output<typeof signalListInputSchema>;

export const signalRowSchema = z.object({
  signal: signalSchema,
  /** Newest decision on it. */
  decision: decisionSchema.nullable(),
  codes: z.array(z.string()),
  orderId: z.uuid().nullable(),
  approvalId: z.uuid().nullable(),
  /** Null for a candidate that was only judged, on request. */
  task: signalTaskSchema.nullable(),
});
export type SignalRow = z.output<typeof signalRowSchema>;

export const signalListSchema = pageOf(signalRowSchema);
export type SignalList = z.output<typeof signalListSchema>;

export const signalDetailSchema = z.object({
  row: signalRowSchema,
  evaluations: z.array(evaluationSchema),
  /** Null where no memo was asked for, or the answer is awaited: until then the signal counts as one whose memo failed. */
  memo: memoSchema.nullable(),
  /** What it arose from; null where nothing was known. */
  features: featureFiguresSchema.nullable(),
  orderStatus: z.string().nullable(),
  approvalStatus: z.string().nullable(),
});
export type SignalDetail = z.output<typeof signalDetailSchema>;
