import type { z } from 'zod';
import type { reasoningVerdictSchema } from '@/server/contracts/policy';

/** The part of a memo that policy uses. It can only tighten a decision. */
export type ReasoningVerdict = z.output<typeof reasoningVerdictSchema>;
