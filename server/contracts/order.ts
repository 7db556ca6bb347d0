import { z } from 'zod';
import { DecimalError, ONE, parseUnits } from '@/server/kernel/money';
import {
  decisionSchema,
  displayStatusSchema,
  hasLimitPrice,
  hasStopPrice,
  orderKindSchema,
  orderTypeSchema,
  sideSchema,
  timeInForceSchema,
} from '@/server/kernel/vocabulary';
import { decimalText, instant, pageCursor, pageOf, ruleHitSchema } from './console/common';
import { verdictWithoutMemoSchema } from './console/memo';
import { policyReasonSchema } from './policy';
import { snakeKeys, snakeShape } from './snake-case';
import { symbolSchema } from './symbol';
import { reasonSchema } from './text';

/** What is ordered. Quantities in shares, prices in the account's currency, both as exact decimal text. */
export const orderTermsSchema = z.object({
  symbol: z.string(),
  side: sideSchema,
  qty: decimalText,
  orderType: orderTypeSchema,
  /** Of a limit order, or of a stop limit order. */
  limitPrice: decimalText.nullable(),
  /** Of a stop order, or of a stop limit order. */
  stopPrice: decimalText.nullable(),
  timeInForce: timeInForceSchema,
  /** Price of the stop that will protect what the order brings; null for none. */
  protectiveStopPrice: decimalText.nullable(),
});

/** An order as it is stored and shown. What is added here is in the blotter's rows and in the REST body. */
export const orderSchema = z.object({
  id: z.uuid(),
  signalId: z.uuid().nullable(),
  kind: orderKindSchema,
  /** Of a PROTECTIVE order, the entry that it protects. */
  parentId: z.uuid().nullable(),
  ...orderTermsSchema.shape,
  status: displayStatusSchema,
  cumQty: decimalText,
  /** Shares that may still fill. */
  leavesQty: decimalText,
  /** Over fills not busted; null when there is none. */
  avgPrice: decimalText.nullable(),
  flags: z.array(z.string()),
  /** The broker's id. */
  externalOrderId: z.string().nullable(),
  rejectReason: z.string().nullable(),
  createdAt: instant,
  updatedAt: instant,
});

/** One line of the blotter. */
export const orderRowSchema = orderSchema.extend({
  strategy: z.string(),
  cumNotional: decimalText,
  approvalId: z.uuid().nullable(),
  /** Cancels sent so far, and the broker's last refusal while the order is still open. */
  cancelAttempts: z.number().int(),
  cancelFault: z.string().nullable(),
  cancellable: z.boolean(),
});
export type OrderRow = z.output<typeof orderRowSchema>;

/** An order as REST shows it. */
export const orderBodySchema = z.object({ order_id: z.uuid(), ...snakeShape(orderSchema.omit({ id: true })) });
export type OrderBody = z.output<typeof orderBodySchema>;

const BODY_FIELDS = Object.keys(orderSchema.omit({ id: true }).shape);

/** The REST body of an order. */
export function toOrderBody(order: z.output<typeof orderSchema>): OrderBody {
  const fields = Object.fromEntries(Object.entries(order).filter(([field]) => BODY_FIELDS.includes(field)));
  return { order_id: order.id, ...snakeKeys(fields as Omit<typeof order, 'id'>) };
}

/** One execution, as the broker named it. */
export const fillSchema = z.object({
  executionId: z.string(),
  qty: decimalText,
  price: decimalText,
  /** The broker's time. */
  at: instant,
  source: z.string(),
  busted: z.boolean(),
});

/** One step in the life of an order, refused ones included. */
export const orderEventSchema = z.object({
  id: z.string(),
  type: z.string(),
  source: z.string(),
  at: instant,
  data: z.record(z.string(), z.unknown()),
});

/** A stored decision of policy. */
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
  withoutMemo: verdictWithoutMemoSchema.nullable(),
  createdAt: instant,
});
export type EvaluationView = z.output<typeof evaluationSchema>;

export const evaluationBodySchema = z.object({
  evaluation_id: z.uuid(),
  ...snakeShape(evaluationSchema.omit({ id: true, withoutMemo: true })),
  reasons: z.array(policyReasonSchema.extend({ tier: z.string() })),
});

/** A candidate for a trade, as it is stored and shown. */
export const signalSchema = z.object({
  id: z.uuid(),
  source: z.string(),
  strategy: z.string(),
  modelVersion: z.string(),
  symbol: z.string(),
  action: sideSchema,
  /** 0 to 1; null where its source states none. */
  confidence: decimalText.nullable(),
  /** Share of equity asked for. */
  sizePct: decimalText,
  stopDistancePct: decimalText.nullable(),
  reasoning: z.object({ status: z.string(), recommendation: z.string().nullable() }).nullable(),
  createdAt: instant,
  expiresAt: instant,
});
export type SignalView = z.output<typeof signalSchema>;

const orderSignalBodySchema = z.object({
  signal_id: z.uuid(),
  ...snakeShape(signalSchema.pick({ source: true, strategy: true, modelVersion: true, symbol: true })),
  candidate_action: sideSchema,
  ...snakeShape(signalSchema.pick({ confidence: true, sizePct: true, createdAt: true })),
});

/** How a person decided on an order. */
export const orderApprovalSchema = z.object({
  id: z.uuid(),
  status: z.string(),
  createdAt: instant,
  decidedAt: instant.nullable(),
  decidedBy: z.string().nullable(),
  reason: z.string().nullable(),
});

/** Shares of this order that another order closed, or of another that this one closed. */
export const orderMatchSchema = z.object({
  /** The other order, and whether it opened the shares or closed them. */
  orderId: z.uuid(),
  role: z.enum(['OPENED', 'CLOSED']),
  qty: decimalText,
  openPrice: decimalText,
  closePrice: decimalText,
  /** Dollars, before fees. */
  profit: decimalText,
  openedAt: instant,
  closedAt: instant,
});

/** What an order earned. Shares are matched by strategy, oldest first; amounts are dollars before fees. */
export const orderResultSchema = z.object({
  /** Price when the order was decided on; null for an order from outside. */
  arrivalPrice: decimalText.nullable(),
  /** How much worse than the arrival price the average fill was, basis points; negative is better. Null without a fill. */
  slippageBps: decimalText.nullable(),
  /** Milliseconds from the signal, or the order where there is none, to the first fill. */
  toFirstFillMs: z.number().nullable(),
  /** Null where it cannot be known: the holding was changed by something else than fills, or too often since. */
  position: z
    .object({
      /** Of what this order opened and was closed since, and of what it closed; null where it is all held. */
      profit: decimalText.nullable(),
      /** Shares that it opened and that are still held, and what they earn at the newest quote. */
      heldQty: decimalText,
      openProfit: decimalText.nullable(),
      /** The newest come last. */
      matches: z.array(orderMatchSchema),
    })
    .nullable(),
});
export type OrderResult = z.output<typeof orderResultSchema>;

/** The whole story of one order: signal, judgements, approval, every event and fill. */
export const orderDetailSchema = z.object({
  order: orderRowSchema,
  acceptedAt: instant.nullable(),
  closedAt: instant.nullable(),
  signal: signalSchema.nullable(),
  evaluations: z.array(evaluationSchema),
  approval: orderApprovalSchema.nullable(),
  fills: z.array(fillSchema),
  events: z.array(orderEventSchema),
  /** Null before the first fill. */
  result: orderResultSchema.nullable(),
});
export type OrderDetail = z.output<typeof orderDetailSchema>;

/** {@link orderDetailSchema} as REST shows it. */
export const orderDetailBodySchema = orderBodySchema.extend({
  result: z
    .object({
      ...snakeShape(orderResultSchema),
      position: z
        .object({
          ...snakeShape(orderResultSchema.shape.position.unwrap()),
          matches: z.array(z.object(snakeShape(orderMatchSchema))),
        })
        .nullable(),
    })
    .nullable(),
  timeline: z.object({
    signal: orderSignalBodySchema.nullable(),
    evaluations: z.array(evaluationBodySchema),
    approval: z.object({ approval_id: z.uuid(), ...snakeShape(orderApprovalSchema.omit({ id: true })) }).nullable(),
    events: z.array(orderEventSchema.omit({ id: true })),
    fills: z.array(z.object(snakeShape(fillSchema))),
  }),
});
export type OrderDetailBody = z.output<typeof orderDetailBodySchema>;

export const orderGroupSchema = z.enum(['all', 'working', 'filled', 'closed']);
export const orderSortSchema = z.enum(['createdAt', 'symbol', 'qty', 'updatedAt']);

/** What the console's blotter asks for. */
export const orderListInputSchema = z.object({
  group: orderGroupSchema.default('all'),
  symbol: z.string().trim().toUpperCase().max(12).default(''),
  strategy: z.string().trim().max(100).default(''),
  sort: orderSortSchema.default('createdAt'),
  direction: z.enum(['asc', 'desc']).default('desc'),
  cursor: pageCursor,
  limit: z.number().int().min(1).max(1_000).default(200),
});
export type OrderListInput = z.output<typeof orderListInputSchema>;

export const orderRowsPageSchema = pageOf(orderRowSchema);
export type OrderRowsPage = z.output<typeof orderRowsPageSchema>;

export const orderListSchema = orderRowsPageSchema.extend({
  /** Rows that the filter matches, on all pages. */
  total: z.number().int(),
});
export type OrderList = z.output<typeof orderListSchema>;

/** Query of a REST list: how many (at most 500), and where the last page ended. */
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
export const orderPageSchema = z.object({ orders: z.array(orderBodySchema), next_cursor: z.string().nullable() });
export type OrderPage = z.output<typeof orderPageSchema>;

/** Why an order is closed that the broker does not know. */
export const closeUnknownSchema = z.strictObject({ reason: reasonSchema });

export const cancelAnswerSchema = z.object({ order_id: z.uuid(), status: displayStatusSchema });

/** Clients may not state an instant of expiry. */
export const clientTimeInForceSchema = timeInForceSchema.exclude(['GTD']);

const MAX_QTY = parseUnits('1000000000');
const MAX_PRICE = parseUnits('10000000');

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

/** The protective stop of an opening order: at a price, or at a share of the order's reference price below it. */
const stopLossSchema = z
  .strictObject({
    stop_price: positiveDecimal(MAX_PRICE, 'stop_price').optional(),
    distance_pct: positiveDecimal(ONE - 1n, 'distance_pct').optional(),
  })
  .refine(
    ({ stop_price, distance_pct }) => (stop_price === undefined) !== (distance_pct === undefined),
    'states either stop_price or distance_pct',
  );

const requestShape = {
  symbol: symbolSchema,
  side: sideSchema,
  qty: positiveDecimal(MAX_QTY, 'qty'),
  order_type: orderTypeSchema.exclude(['TRAILING_STOP']),
  limit_price: positiveDecimal(MAX_PRICE, 'limit_price').optional(),
  stop_price: positiveDecimal(MAX_PRICE, 'stop_price').optional(),
  time_in_force: clientTimeInForceSchema.default('DAY'),
  stop_loss: stopLossSchema.optional(),
};

type RequestedTerms = z.output<z.ZodObject<typeof requestShape>>;

/** Prices belong to the types of order that have them, a protective stop to an order that opens a position. */
function checkTerms(order: RequestedTerms, context: z.RefinementCtx): void {
  const needs = (field: 'limit_price' | 'stop_price', wanted: boolean) => {
    if (wanted === (order[field] !== undefined)) return;
    const message = wanted
      ? `is required for a ${order.order_type} order`
      : `does not belong to a ${order.order_type} order`;
    context.addIssue({ code: 'custom', path: [field], message });
  };
  needs('limit_price', hasLimitPrice(order.order_type));
  needs('stop_price', hasStopPrice(order.order_type));
  if (order.stop_loss === undefined) return;
  const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['stop_loss'], message });
  if (order.side === 'SELL') refuse('belongs to an order that opens a position, which is a BUY');
  if (order.time_in_force === 'IOC' || order.time_in_force === 'FOK')
    refuse('needs an order that is good for the day or longer');
}

export const orderRequestSchema = z
  .strictObject({ signal_id: z.uuid().toLowerCase(), ...requestShape })
  .superRefine(checkTerms);

/** An order of a bot: the signal that it rests on is made where it is placed. */
export const botOrderRequestSchema = z.strictObject(requestShape).superRefine(checkTerms);
export type BotOrderRequest = z.output<typeof botOrderRequestSchema>;

/** Body of POST /v1/orders after validation: quantities and prices as decimal text. */
export type OrderRequest = z.output<typeof orderRequestSchema>;
