import { z } from 'zod';
import { orderRowSchema } from '@/server/contracts/order';
import { venueEnvironmentSchema } from '@/server/kernel/vocabulary';
import { decimalText, instant } from './common';
import { roundSchema } from './system';

/** What one side holds, as the reconciliation wrote it. */
const figuresSchema = z.record(z.string(), z.unknown());

/** Both sides as they were on the screen: accepting them carries them back, and nothing else is booked. */
export const shownFiguresSchema = z.object({ ours: figuresSchema, theirs: figuresSchema });

/** A difference between our books and the broker's, open or answered for. */
export const breakRowSchema = z.object({
  id: z.uuid(),
  symbol: z.string(),
  cause: z.string(),
  orderId: z.uuid().nullable(),
  openedAt: instant,
  resolvedAt: instant.nullable(),
  /** "agreement" or a person. */
  resolvedBy: z.string().nullable(),
  reason: z.string().nullable(),
  ours: figuresSchema,
  theirs: figuresSchema,
});
export type BreakRow = z.output<typeof breakRowSchema>;

export const breakListInputSchema = z.object({
  state: z.enum(['open', 'resolved', 'all']).default('open'),
  symbol: z.string().trim().toUpperCase().max(12).default(''),
  limit: z.number().int().min(1).max(5_000).default(200),
});
export type BreakListInput = z.output<typeof breakListInputSchema>;

export const breakListSchema = z.object({
  /** Open ones oldest first, others newest first. */
  rows: z.array(breakRowSchema),
  total: z.number().int(),
});
export type BreakList = z.output<typeof breakListSchema>;

/** A line of a break's history: both sides' figures as they were then. */
export const breakEventSchema = z.object({
  id: z.string(),
  kind: z.enum(['OPENED', 'CHANGED', 'RESOLVED']),
  ours: figuresSchema,
  theirs: figuresSchema,
  by: z.string().nullable(),
  reason: z.string().nullable(),
  at: instant,
});

export const breakDetailSchema = z.object({
  row: breakRowSchema,
  order: orderRowSchema.nullable(),
  events: z.array(breakEventSchema),
});
export type BreakDetail = z.output<typeof breakDetailSchema>;

/** Balances of an account seen for the first time, as they are to be signed for. */
export const initialBalancesSchema = z.object({
  id: z.uuid(),
  brokerAccountId: z.string(),
  environment: venueEnvironmentSchema,
  cash: decimalText,
  equity: decimalText.nullable(),
  positions: z.array(z.object({ symbol: z.string(), qty: decimalText, cost: decimalText })),
  /** Signing carries it back: what is booked is what was seen. */
  shownHash: z.string(),
  proposedAt: instant,
  signedBy: z.string().nullable(),
  signedAt: instant.nullable(),
  bookedAt: instant.nullable(),
});
export type InitialBalancesView = z.output<typeof initialBalancesSchema>;

/** How the two sides of a line stand to each other. */
export const agreementSchema = z.enum([
  /** Compared at the last round, and the same. */
  'AGREED',
  /** A break says that they differ. */
  'DIFFERS',
  /** Ours changed since the last round: it is compared by the next. */
  'NEWER',
  /** Not at the broker yet. */
  'UNSENT',
  /** Sent, and the broker has not said whether it took it. */
  'IN_DOUBT',
]);
export type Agreement = z.output<typeof agreementSchema>;

export const heldLineSchema = z.object({
  symbol: z.string(),
  ours: decimalText,
  /** Null while the broker has not said. */
  broker: decimalText.nullable(),
  /** Ours less the broker's. */
  difference: decimalText.nullable(),
  agreement: agreementSchema,
  breakId: z.uuid().nullable(),
});
export type HeldLine = z.output<typeof heldLineSchema>;

export const orderLineSchema = z.object({
  symbol: z.string(),
  /** Null where the broker alone has it. */
  order: orderRowSchema.nullable(),
  externalOrderId: z.string().nullable(),
  agreement: agreementSchema,
  breakId: z.uuid().nullable(),
  /** The broker's figures where a break holds them. */
  theirs: figuresSchema.nullable(),
});
export type OrderLine = z.output<typeof orderLineSchema>;

/** Our books beside the broker's. */
export const reconciliationSchema = z.object({
  accountId: z.string().nullable(),
  openedBy: z.string().nullable(),
  reconciledAt: instant.nullable(),
  failedRounds: z.number().int(),
  round: roundSchema.nullable(),
  openings: z.array(initialBalancesSchema),
  cash: heldLineSchema.nullable(),
  positions: z.array(heldLineSchema),
  orders: z.array(orderLineSchema),
  /** Working orders and those with a break, beyond those returned. */
  ordersTotal: z.number().int(),
});
export type ReconciliationView = z.output<typeof reconciliationSchema>;

export const tieOutStatusSchema = z.enum(['WAITING', 'CLEAN', 'DIFFERENT', 'FAILED']);

export const tieOutRowSchema = z.object({
  id: z.uuid(),
  /** New York, YYYY-MM-DD. */
  tradingDay: z.string(),
  kind: z.enum(['CLOSE', 'REQUESTED']),
  requestedBy: z.string(),
  status: tieOutStatusSchema,
  fault: z.string().nullable(),
  createdAt: instant,
  finishedAt: instant.nullable(),
});
export type TieOutRow = z.output<typeof tieOutRowSchema>;

export const tieOutListInputSchema = z.object({
  status: tieOutStatusSchema.nullable().default(null),
  limit: z.number().int().min(1).max(1_000).default(50),
});
export type TieOutListInput = z.output<typeof tieOutListInputSchema>;

export const tieOutDetailSchema = z.object({
  row: tieOutRowSchema,
  /** {cash, fees, positions, orders, fills, breaks}, as the worker wrote it. */
  report: figuresSchema,
});
export type TieOutDetail = z.output<typeof tieOutDetailSchema>;
