import { z } from 'zod';
import { pageQueryShape } from '@/server/contracts/order';
import { approvalStatusSchema } from '@/server/kernel/vocabulary';
import { orderTermsSchema } from './order';
import { policyReasonSchema } from './policy';
import { snakeShape } from './snake-case';
import { decimalTextSchema, instantSchema } from './text';

/** An order that waits for, or got, a person's decision: exactly what would be sent. */
export const approvalViewSchema = z.object({
  approval_id: z.uuid(),
  signal_id: z.uuid(),
  status: approvalStatusSchema,
  ...snakeShape(orderTermsSchema),
  reference_price: decimalTextSchema,
  notional: decimalTextSchema,
  exposure_after: decimalTextSchema,
  created_at: instantSchema,
  expires_at: instantSchema,
  decided_at: instantSchema.nullable(),
  decided_by: z.string().nullable(),
  reason: z.string().nullable(),
  order_id: z.uuid().nullable(),
  /** Terms of the order where a person approved less than was shown; null otherwise. */
  approved_qty: decimalTextSchema.nullable(),
  approved_limit_price: decimalTextSchema.nullable(),
});
export type ApprovalView = z.output<typeof approvalViewSchema>;

export const approvalDetailSchema = approvalViewSchema.extend({
  /** The rules that sent it to review. */
  reasons: z.array(policyReasonSchema.extend({ tier: z.string() })),
});
export type ApprovalDetail = z.output<typeof approvalDetailSchema>;

export const approvalListQuerySchema = z.strictObject({
  ...pageQueryShape,
  status: approvalStatusSchema.optional(),
});
export type ApprovalListQuery = z.output<typeof approvalListQuerySchema>;

export const approvalListSchema = z.object({
  approvals: z.array(approvalViewSchema),
  next_cursor: z.string().nullable(),
});
