import type { Reasoner } from '@/server/application/ports/reasoner';
import type { ReasoningMemo } from '@/server/contracts/memo';
import type { Prompt } from '@/server/domain/reasoning/prompt';
import type { Attempt, FaultCause, ReasoningAnswer } from './answer';

/** What came of a question, before everything else that goes on record is put beside it. */
export type MemoOutcome = {
  readonly prompt?: Prompt | null;
  readonly attempts?: readonly Attempt[];
  readonly inputHash?: string;
  readonly cachedFrom?: string;
  readonly cost?: string | null;
  readonly retryAfterMs?: number | null;
} & (
  | { readonly status: 'OK'; readonly memo: ReasoningMemo; readonly fault?: null; readonly cause?: null }
  | { readonly status: 'FAILED' | 'DISABLED'; readonly fault: string; readonly cause: FaultCause }
);

const NO_PARAMETERS: Readonly<Record<string, number | string>> = {};

/** Makes the whole answer from an outcome. */
export function outcomeWith(reasoner: Reasoner | null, promptVersion: string) {
  return (outcome: MemoOutcome, latencyMs: number, slow: boolean): ReasoningAnswer => {
    const attempts = outcome.attempts ?? [];
    const evidence = {
      provider: reasoner?.provider ?? 'none',
      model: reasoner?.model ?? 'none',
      parameters: reasoner === null ? NO_PARAMETERS : { ...reasoner.parameters },
      promptVersion,
      prompt: outcome.prompt ?? null,
      attempts,
      inputHash: outcome.inputHash ?? null,
      cachedFrom: outcome.cachedFrom ?? null,
      inputTokens: attempts.reduce((sum, each) => sum + each.inputTokens, 0),
      outputTokens: attempts.reduce((sum, each) => sum + each.outputTokens, 0),
      cost: outcome.cost === undefined ? '0' : outcome.cost,
      latencyMs,
      slow,
    };
    if (outcome.status === 'OK') return { ...evidence, status: 'OK', memo: outcome.memo, fault: null, cause: null };
    return { ...evidence, status: outcome.status, memo: null, fault: outcome.fault, cause: outcome.cause };
  };
}
