import { z } from 'zod';
import { recommendationSchema } from '@/server/kernel/vocabulary';

/** Risks that a memo may name. Free text goes beside them, never instead. */
export const riskFlagSchema = z.enum([
  'earnings_proximity',
  'macro_event',
  'company_news',
  'regulatory',
  'litigation',
  'guidance_change',
  'analyst_action',
  'high_volatility',
  'low_liquidity',
  'wide_spread',
  'overextended',
  'counter_trend',
  'concentration',
  'correlation',
  'stale_information',
  'conflicting_evidence',
  'suspicious_input',
]);

export const MEMO_LIMITS = { thesis: 1_200, flags: 8, note: 160, notes: 5, cited: 10 } as const;

/** What a reasoner writes about a signal. Everything in it is shown as text; policy takes the recommendation alone. */
export const reasoningMemoSchema = z.strictObject({
  signal_id: z.uuid(),
  thesis: z.string().trim().min(1).max(MEMO_LIMITS.thesis),
  counter_thesis: z.string().trim().min(1).max(MEMO_LIMITS.thesis),
  risk_flags: z.array(riskFlagSchema).max(MEMO_LIMITS.flags),
  /** Risks in the reasoner's own words. */
  risk_notes: z.array(z.string().trim().min(1).max(MEMO_LIMITS.note)).max(MEMO_LIMITS.notes).default([]),
  recommendation: recommendationSchema,
  /** Ids of the news items that the memo rests on, out of those supplied. */
  cited_news_ids: z.array(z.string().min(1).max(64)).max(MEMO_LIMITS.cited),
});
export type ReasoningMemo = z.output<typeof reasoningMemoSchema>;

/** A news item as a reasoner sees it. */
export const newsItemSchema = z.strictObject({
  id: z.string().min(1).max(64),
  source: z.string().max(80),
  /** ISO 8601. */
  published_at: z.iso.datetime(),
  headline: z.string().min(1).max(300),
});
export type NewsItem = z.output<typeof newsItemSchema>;
