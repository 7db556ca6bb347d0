import type { z } from 'zod';
import type { reasoningVerdictSchema } from '@/server/contracts/policy';

/** All that policy takes from a memo. It can only tighten a decision. */
export type ReasoningVerdict = z.output<typeof reasoningVerdictSchema>;
