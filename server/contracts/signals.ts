import { z } from 'zod';
import { evaluationBodySchema, pageQueryShape } from '@/server/contracts/order';
import { sideSchema, signalStatusSchema } from '@/server/kernel/vocabulary';
import { decimalNumber, decimalNumberAbove } from './decimal-number';
import { symbolSchema } from './symbol';
import { decimalTextSchema, instantSchema } from './text';

/** Body of POST /v1/signals/generate. */
export const generateSignalRequestSchema = z.strictObject({
  /** Name of a registered deterministic strategy. */
  strategy: z.enum(['fake']).default('fake'),
  symbol: symbolSchema,
});
export type GenerateSignalRequest = z.output<typeof generateSignalRequestSchema>;

/** A candidate for a trade: a proposal, never an order. */
export const signalCandidateSchema = z.object({
  signal_id: z.uuid(),
  symbol: symbolSchema,
  candidate_action: sideSchema,
  /** 0 to 1. */
  confidence: z.number().min(0).max(1),
  /** Fraction of equity asked for, 0 to 1. */
  size_pct: z.number().min(0).max(1),
  model_version: z.string(),
});
export type SignalCandidate = z.output<typeof signalCandidateSchema>;

/** Body of POST /v1/signals: a candidate from outside. Everything else that it is judged by is the server's. */
export const createSignalSchema = z.strictObject({
  /** Makes it safe to repeat; one is made up where none is given. */
  signal_id: z.uuid().toLowerCase().optional(),
  symbol: symbolSchema,
  candidate_action: sideSchema,
  /** 0 to 1. */
  confidence: decimalNumber(0, 1),
  /** Fraction of equity asked for, above 0, at most 1. */
  size_pct: decimalNumberAbove(0, 1),
  /** Recorded; it counts at the gate only where the order carries it as a stop. */
  stop_distance_pct: decimalNumberAbove(0, 1).optional(),
  model_version: z.string().min(1).max(100),
  /** How long it may become an order or an approval. */
  ttl_seconds: z.int().min(1).max(900).default(60),
});
export type CreateSignal = z.output<typeof createSignalSchema>;

export const createdSignalSchema = z.object({
  signal_id: z.uuid(),
  /** Taken; the worker brings it to the gate. */
  status: z.literal('QUEUED'),
  /** Where to look for what becomes of it. */
  href: z.string(),
});

export const signalViewSchema = z.object({
  signal_id: z.uuid(),
  /** STRATEGY, REST or BOT. */
  source: z.string(),
  /** Name of the strategy or of the client. */
  strategy: z.string(),
  model_version: z.string(),
  symbol: z.string(),
  candidate_action: sideSchema,
  /** Null where its source states none. */
  confidence: decimalTextSchema.nullable(),
  size_pct: decimalTextSchema,
  stop_distance_pct: decimalTextSchema.nullable(),
  status: signalStatusSchema,
  /** Code of the rule that rejected. */
  detail: z.string().nullable(),
  /** Market time: the end of its bar, or when it came. */
  market_at: instantSchema.nullable(),
  created_at: instantSchema,
  expires_at: instantSchema,
});
export type SignalView = z.output<typeof signalViewSchema>;

export const signalDetailSchema = signalViewSchema.extend({
  /** What was known of the symbol when it arose. */
  features: z.record(z.string(), z.unknown()).nullable(),
  /** The memo's verdict. */
  reasoning: z.record(z.string(), z.unknown()).nullable(),
  /** The newest judgement. */
  decision: evaluationBodySchema.nullable(),
  order_id: z.uuid().nullable(),
  approval_id: z.uuid().nullable(),
});
export type SignalDetail = z.output<typeof signalDetailSchema>;

export const signalListQuerySchema = z.strictObject({
  ...pageQueryShape,
  symbol: symbolSchema.optional(),
  strategy: z.string().min(1).max(200).optional(),
  /** Only signals stored at or after. */
  since: z.iso.datetime({ offset: true }).optional(),
});
export type SignalListQuery = z.output<typeof signalListQuerySchema>;

/** Newest first. `next_cursor` is null on the last page. */
export const signalListSchema = z.object({ signals: z.array(signalViewSchema), next_cursor: z.string().nullable() });
