import { z } from 'zod';
import { reasoningStatusSchema, recommendationSchema, sideSchema } from '@/server/kernel/vocabulary';
import { decimalText, instant } from './common';
import { memoSchema } from './memo';

export const reasoningRangeSchema = z.enum(['1h', '1d', '1w', '30d']);
export type ReasoningRange = z.output<typeof reasoningRangeSchema>;

const count = z.number().int().min(0);

const figures = {
  memos: count,
  ok: count,
  failed: count,
  disabled: count,
  /** Later than the soft limit of 8 s. */
  slow: count,
  inputTokens: count,
  outputTokens: count,
  /** Dollars; what has no known price is not in it. */
  cost: decimalText,
  /** Of memos that were asked for and not used again from another signal; null where there are none. */
  latencyP50Ms: z.number().nullable(),
  latencyP95Ms: z.number().nullable(),
};

/** One stretch of time; a stretch without memos has no point. */
const reasoningPointSchema = z.object({ at: instant, ...figures });

export const reasoningOverviewSchema = z.object({
  range: reasoningRangeSchema,
  /** Length of a stretch, seconds. */
  stepSeconds: count,
  from: instant,
  to: instant,
  points: z.array(reasoningPointSchema),
  totals: z.object({
    ...figures,
    allow: count,
    caution: count,
    avoid: count,
    /** Taken from another signal with the same input. */
    cached: count,
    /** Whose first answer was none. */
    repaired: count,
    /** Judgements at the gate that had a memo, and those of them that it made stricter. */
    judged: count,
    tightened: count,
  }),
  /** Why memos failed or were not asked for, most often first. The code before the colon, and the newest wording. */
  faults: z.array(z.object({ code: z.string(), count, newest: z.string(), at: instant })),
  /** `rules` as the provider means that no model was asked. */
  models: z.array(
    z.object({ provider: z.string(), model: z.string(), memos: count, failed: count, cost: decimalText }),
  ),
});
export type ReasoningOverview = z.output<typeof reasoningOverviewSchema>;

export const calibrationVerdictSchema = z.enum([
  ...recommendationSchema.options,
  ...reasoningStatusSchema.exclude(['OK']).options,
]);
export type CalibrationVerdict = z.output<typeof calibrationVerdictSchema>;

/** What a bought lot brought that was sold again: first in, first out by symbol, before fees. */
export const calibrationTradeSchema = z.object({
  signalId: z.uuid(),
  symbol: z.string(),
  side: sideSchema,
  verdict: calibrationVerdictSchema,
  /** Shares of it that were sold again. */
  qty: decimalText,
  /** All that was bought is sold. */
  closed: z.boolean(),
  openedAt: instant,
  closedAt: instant,
  pnl: decimalText,
  /** Of what the sold shares cost. */
  returnPct: decimalText,
});

export const calibrationSchema = z.object({
  since: instant,
  /** One a verdict, also where there is no trade: a good reasoner's ALLOW does better than its AVOID. */
  rows: z.array(
    z.object({
      verdict: calibrationVerdictSchema,
      /** Memos with this verdict, traded or not. */
      memos: count,
      trades: count,
      wins: count,
      pnl: decimalText,
      averageReturnPct: decimalText.nullable(),
    }),
  ),
  /** Newest first, at most 500. */
  trades: z.array(calibrationTradeSchema),
});
export type Calibration = z.output<typeof calibrationSchema>;

/** A line of the list of memos. */
export const memoRowSchema = z.object({
  memo: memoSchema,
  symbol: z.string(),
  action: sideSchema,
  strategy: z.string(),
});
export type MemoRow = z.output<typeof memoRowSchema>;

export const memoListInputSchema = z.object({
  status: memoSchema.shape.status.nullable().default(null),
  limit: z.number().int().min(1).max(500).default(100),
});
export type MemoListInput = z.output<typeof memoListInputSchema>;
