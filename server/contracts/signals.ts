import { z } from 'zod';
import { symbolSchema } from './symbol';

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
  candidate_action: z.enum(['BUY', 'SELL']),
  /** 0 to 1. */
  confidence: z.number().min(0).max(1),
  /** Fraction of equity asked for, 0 to 1. */
  size_pct: z.number().min(0).max(1),
  model_version: z.string(),
});
export type SignalCandidate = z.output<typeof signalCandidateSchema>;
