import type { z } from 'zod';
import type { reasoningStatusSchema, reasoningVerdictSchema, recommendationSchema } from '@/server/contracts/policy';

/** `OK`: a valid memo. `FAILED`: asked for and not had. `DISABLED`: not asked for. */
export type ReasoningStatus = z.output<typeof reasoningStatusSchema>;
export type Recommendation = z.output<typeof recommendationSchema>;

/** All that policy takes from a memo. It can only tighten a decision. */
export type ReasoningVerdict = z.output<typeof reasoningVerdictSchema>;

/** What a reasoner says of a signal. Text for people; policy reads the recommendation alone. */
export interface ReasoningMemo {
  readonly signalId: string;
  readonly thesis: string;
  readonly counterThesis: string;
  readonly riskFlags: readonly string[];
  readonly recommendation: Recommendation;
}

export type ReasoningResult =
  | { readonly status: 'OK'; readonly memo: ReasoningMemo }
  | { readonly status: 'FAILED'; readonly cause: string }
  | { readonly status: 'DISABLED'; readonly cause: string };
