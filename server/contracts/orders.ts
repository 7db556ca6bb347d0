import { z } from 'zod';
import { DecimalError, parseUnits } from '@/server/kernel/money';
import {
  displayStatusSchema,
  orderKindSchema,
  orderTypeSchema,
  sideSchema,
  timeInForceSchema,
} from '@/server/kernel/vocabulary';
import { symbolSchema } from './symbol';

const MAX_QTY = 10n ** 9n * 10n ** 12n;
const MAX_PRICE = 10n ** 7n * 10n ** 12n;

/** A positive decimal, as a JSON number or a decimal string, kept as text so that nothing is rounded. */
function positiveDecimal(max: bigint, what: string) {
  return z.union([z.number(), z.string().max(40)]).transform((value, context) => {
    try {
      const units = parseUnits(value);
      if (units > 0n && units <= max) return String(value);
      context.addIssue({ code: 'custom', message: `${what} must be above 0 and within bounds` });
    } catch (error) {
      if (!(error instanceof DecimalError)) throw error;
      context.addIssue({ code: 'custom', message: `${what} must be a decimal number of at most 12 decimals` });
    }
    return z.NEVER;
  });
}

export const orderRequestSchema = z
  .strictObject({
    signal_id: z.uuid().toLowerCase(),
    symbol: symbolSchema,
    side: sideSchema,
    qty: positiveDecimal(MAX_QTY, 'qty'),
    order_type: orderTypeSchema,
    limit_price: positiveDecimal(MAX_PRICE, 'limit_price').optional(),
    stop_price: positiveDecimal(MAX_PRICE, 'stop_price').optional(),
    time_in_force: timeInForceSchema.exclude(['GTD']).default('DAY'),
  })
  .superRefine((order, context) => {
    const needs = (field: 'limit_price' | 'stop_price', wanted: boolean) => {
      if (wanted === (order[field] !== undefined)) return;
      const message = wanted
        ? `is required for a ${order.order_type} order`
        : `does not belong to a ${order.order_type} order`;
      context.addIssue({ code: 'custom', path: [field], message });
    };
    needs('limit_price', order.order_type === 'LIMIT');
    needs('stop_price', order.order_type === 'STOP');
  });

/** Body of POST /v1/orders after validation: quantities and prices as decimal text. */
export type OrderRequest = z.output<typeof orderRequestSchema>;

/** An order as REST shows it. Quantities and prices are decimal strings. */
export const orderViewSchema = z.object({
  order_id: z.uuid(),
  signal_id: z.uuid().nullable(),
  kind: orderKindSchema,
  symbol: z.string(),
  side: sideSchema,
  qty: z.string(),
  order_type: orderTypeSchema,
  limit_price: z.string().nullable(),
  stop_price: z.string().nullable(),
  time_in_force: timeInForceSchema,
  status: displayStatusSchema,
  cum_qty: z.string(),
  leaves_qty: z.string(),
  avg_price: z.string().nullable(),
  flags: z.array(z.string()),
  external_order_id: z.string().nullable(),
  reject_reason: z.string().nullable(),
  created_at: z.iso.datetime(),
  updated_at: z.iso.datetime(),
});
export type OrderView = z.output<typeof orderViewSchema>;
