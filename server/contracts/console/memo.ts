import { z } from 'zod';
import { newsItemSchema, reasoningMemoSchema } from '@/server/contracts/memo';
import { decisionSchema, reasoningStatusSchema, recommendationSchema } from '@/server/kernel/vocabulary';
import { decimalText, instant } from './common';

/** A news item that a memo rests on. Its text came from outside: shown as text, never as markup. */
export const citedNewsSchema = z.object({
  id: z.string(),
  source: z.string(),
  publishedAt: instant,
  headline: z.string(),
});

/**
 * What came of asking for a memo, as it was stored: it never changes. `rules` as the provider means that no model was asked.
 * The texts are plain text of bounded length, written by a model or by rules: shown as text.
 */
export const memoSchema = z.object({
  signalId: z.uuid(),
  /** `FAILED`: asked for and not had. `DISABLED`: not asked for; `fault` says why, of both. */
  status: reasoningStatusSchema,
  fault: z.string().nullable(),
  /** This and the texts are there exactly when the status is OK. */
  recommendation: recommendationSchema.nullable(),
  thesis: z.string().nullable(),
  counterThesis: z.string().nullable(),
  /** Codes of `riskFlagSchema`. */
  riskFlags: z.array(z.string()),
  /** Risks in the reasoner's own words. */
  riskNotes: z.array(z.string()),
  cited: z.array(citedNewsSchema),
  /** Items that were supplied, the cited ones among them, and those left out for lack of room. */
  newsSupplied: z.number().int(),
  newsTrimmed: z.number().int(),
  provider: z.string(),
  model: z.string(),
  promptVersion: z.string().nullable(),
  /** Calls of the model: 2 where the first answer was none. */
  attempts: z.number().int(),
  inputTokens: z.number().int(),
  outputTokens: z.number().int(),
  /** Dollars; null where no price is known. */
  cost: decimalText.nullable(),
  latencyMs: z.number().int(),
  /** It took longer than the soft limit of 8 s. */
  slow: z.boolean(),
  /** The signal whose answer was used again, for the same input. */
  cachedFrom: z.uuid().nullable(),
  /** Up to when news counted, market time. */
  decidedAt: instant,
  createdAt: instant,
});
export type MemoView = z.output<typeof memoSchema>;

/** One call of the model, word for word. */
export const memoAttemptSchema = z.object({
  answer: z.string().nullable(),
  fault: z.string().nullable(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  latencyMs: z.number(),
});

/** All that is stored of a memo: what was asked, what came back, what it knew. */
export const memoEvidenceSchema = z.object({
  memo: memoSchema,
  raw: reasoningMemoSchema.nullable(),
  parameters: z.record(z.string(), z.unknown()),
  /** As it was sent; null where nothing was. */
  prompt: z.object({ system: z.string(), user: z.string() }).nullable(),
  attempts: z.array(memoAttemptSchema),
  /** Newest first. */
  news: z.array(newsItemSchema),
  /** What was left out, and why. */
  trimmed: z.record(z.string(), z.unknown()),
  inputHash: z.string().nullable(),
});
export type MemoEvidence = z.output<typeof memoEvidenceSchema>;

/** What policy says without the memo, beside what it said with it: the difference is all that the memo did. */
export const verdictWithoutMemoSchema = z.object({ decision: decisionSchema, codes: z.array(z.string()) });
export type VerdictWithoutMemo = z.output<typeof verdictWithoutMemoSchema>;
