import { z } from 'zod';
import {
  decisionSchema,
  positionEffectSchema,
  reasoningStatusSchema,
  recommendationSchema,
  ruleTierSchema,
  sideSchema,
} from '@/server/kernel/vocabulary';
import { decimalNumber, decimalNumberAbove } from './decimal-number';
import { symbolSchema } from './symbol';

/** A leap year: older data is not stale but absurd. */
const MAX_DATA_AGE_SECONDS = 366 * 86_400;
/** 10,000% of equity. */
const MAX_GROSS_EXPOSURE_PCT = 100;

/** What a memo says to policy. A memo that is `OK` has a recommendation. */
export const reasoningVerdictSchema = z
  .strictObject({ status: reasoningStatusSchema, recommendation: recommendationSchema.optional() })
  .refine((verdict) => verdict.status !== 'OK' || verdict.recommendation !== undefined, {
    path: ['recommendation'],
    message: 'is required when status is OK',
  });

const marketContextSchema = z.strictObject({
  /** Age of the newest quote or bar, seconds. */
  data_age_seconds: decimalNumber(0, MAX_DATA_AGE_SECONDS),
  market_open: z.boolean(),
  event_blackout_active: z.boolean(),
  liquidity_score: decimalNumber(0, 1).optional(),
});

const portfolioContextSchema = z.strictObject({
  /** Positions and working orders over equity; 1 is fully invested. */
  gross_exposure_pct: decimalNumber(0, MAX_GROSS_EXPOSURE_PCT),
  /** Loss since the previous session's close over that equity: 0 on a gain, 1 when all is lost. */
  daily_drawdown_pct: decimalNumber(0, 1),
  correlation: decimalNumber(-1, 1).optional(),
  /** OPEN where it is not stated. */
  position_effect: positionEffectSchema.optional(),
});

/** Body of `POST /v1/policy/evaluate`. Fractions are fractions (0.02 is 2%), with at most 12 decimals; unknown keys are refused. */
export const policyRequestSchema = z.strictObject({
  signal_id: z.uuid(),
  symbol: symbolSchema,
  candidate_action: sideSchema,
  confidence: decimalNumber(0, 1),
  /** Share of equity asked for. */
  size_pct: decimalNumberAbove(0, 1),
  /** Distance from the entry to the protective stop, as a share of the entry price. */
  stop_distance_pct: decimalNumberAbove(0, 1).optional(),
  market_context: marketContextSchema,
  portfolio_context: portfolioContextSchema,
  reasoning: reasoningVerdictSchema.optional(),
});
export type PolicyRequest = z.output<typeof policyRequestSchema>;

/** A rule that was hit. `observed` and `threshold` are exact decimal text, or a word. */
export const policyReasonSchema = z.strictObject({
  code: z.string(),
  tier: ruleTierSchema,
  observed: z.string(),
  threshold: z.string(),
  message: z.string(),
});

/** Answer of `POST /v1/policy/evaluate`. */
export const policyResponseSchema = z.strictObject({
  decision: decisionSchema,
  /** Every rule hit, in the order of the rule table. */
  reasons: z.array(policyReasonSchema),
  /** 0 under REJECT; under REVIEW the size that a countersignature would release. */
  approved_size_pct: z.number(),
  /** ISO 8601. A REJECT is worth nothing from the moment it is made. */
  expires_at: z.iso.datetime(),
  evaluation_id: z.uuid(),
  policy_version: z.int(),
  /** SHA-256 (hex) of the canonical JSON of all that was judged. */
  input_hash: z.string(),
  /** Rules whose optional input was not given. */
  not_evaluated: z.array(z.string()),
});
export type PolicyResponse = z.output<typeof policyResponseSchema>;
