import { z } from 'zod';
import { decisionSchema } from '@/server/kernel/vocabulary';
import { clientTimeInForceSchema, orderTermsSchema } from './order';
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
