import type { z } from 'zod';
import type { reasoningStatusSchema, reasoningVerdictSchema, recommendationSchema } from '@/server/contracts/policy';

/** `OK`: a valid memo. `FAILED`: asked for and not had. `DISABLED`: not asked for. */
export type ReasoningStatus = z.output<typeof reasoningStatusSchema>;
export type Recommendation = z.output<typeof recommendationSchema>;

/** All that policy takes from a memo. It can only tighten a decision. */
export type ReasoningVerdict = z.output<typeof reasoningVerdictSchema>;
