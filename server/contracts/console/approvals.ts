import { z } from 'zod';
import { signalSchema } from '@/server/contracts/order';
import { approvalStatusSchema } from '@/server/kernel/vocabulary';
import { orderTermsSchema } from '../order';
import { decimalText, instant, ruleHitSchema } from './common';
import { memoSchema, verdictWithoutMemoSchema } from './memo';

export const approvalRowSchema = z.object({
  id: z.uuid(),
  status: approvalStatusSchema,
  ...orderTermsSchema.shape,
  notional: decimalText,
  strategy: z.string(),
  /** Codes of the rules that sent it to review. */
  codes: z.array(z.string()),
  createdAt: instant,
  expiresAt: instant,
  decidedAt: instant.nullable(),
  decidedBy: z.string().nullable(),
  orderId: z.uuid().nullable(),
  /** Terms that were approved where they are less than those shown; null otherwise. */
  approvedQty: decimalText.nullable(),
  approvedLimitPrice: decimalText.nullable(),
});
export type ApprovalRow = z.output<typeof approvalRowSchema>;

export const approvalListSchema = z.object({
  pending: z.array(approvalRowSchema),
  /** Newest first, a page of them. */
  decided: z.array(approvalRowSchema),
});
export type ApprovalList = z.output<typeof approvalListSchema>;

export const quoteSchema = z.object({
  symbol: z.string(),
  bid: decimalText,
  ask: decimalText,
  /** Market time. */
  quotedAt: instant,
  /** Wall clock. */
  receivedAt: instant,
});
export type QuoteView = z.output<typeof quoteSchema>;

/**
 * Everything an approver is shown. `shownHash` covers what will be sent and the rules that were hit; approving carries it back.
 * The memo needs no hash: it was stored before the approval was opened, and the database refuses to change it.
 */
export const approvalDetailSchema = z.object({
  approval: approvalRowSchema,
  shownHash: z.string(),
  referencePrice: decimalText,
  /** Fraction of equity exposed if this fills. */
  exposureAfter: decimalText,
  goodTill: z.string().nullable(),
  reason: z.string().nullable(),
  signal: signalSchema.nullable(),
  evaluationId: z.uuid(),
  policyVersion: z.number().int().nullable(),
  approvedSizePct: decimalText.nullable(),
  reasons: z.array(ruleHitSchema),
  /** Null where no memo was asked for. */
  memo: memoSchema.nullable(),
  /** What policy says without the memo; null where no memo was part of the judgement. */
  withoutMemo: verdictWithoutMemoSchema.nullable(),
  quote: quoteSchema.nullable(),
  position: z.object({ qty: decimalText }).nullable(),
  refusals: z.array(z.object({ at: z.string(), by: z.string(), codes: z.array(z.string()), message: z.string() })),
});
export type ApprovalDetail = z.output<typeof approvalDetailSchema>;
