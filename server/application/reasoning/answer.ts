import type { ReasonerFaultKind } from '@/server/application/ports/reasoner';
import type { ReasoningMemo } from '@/server/contracts/memo';
import type { Prompt } from '@/server/domain/reasoning/prompt';

/** Why there is no memo. */
export type FaultCause =
  | ReasonerFaultKind
  /** Neither answer was a valid memo. */
  | 'INVALID'
  /** No prompt fits the token limit. */
  | 'PROMPT'
  /** The queue was too long for the call to start in time. */
  | 'QUEUE'
  /** The circuit breaker is open after repeated failures. */
  | 'BREAKER'
  /** DISABLED: the budget is used up, or the model's price is unknown. */
  | 'BUDGET'
  /** DISABLED: reasoning is switched off. */
  | 'OFF'
  /** An internal error. */
  | 'DEFECT';

/** One call of the model, successful or not. */
export interface Attempt {
  readonly answer: string | null;
  readonly fault: string | null;
  readonly cause: FaultCause | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly latencyMs: number;
}

/** The stored record of one question. It has a memo if the status is OK, and a fault otherwise. */
interface Evidence {
  readonly provider: string;
  readonly model: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly promptVersion: string;
  /** Null if no prompt was built. */
  readonly prompt: Prompt | null;
  readonly attempts: readonly Attempt[];
  /** SHA-256 (hex) of the memo's inputs without the signal's id; null if reasoning was not attempted. */
  readonly inputHash: string | null;
  /** The signal whose cached memo was reused for the same input. */
  readonly cachedFrom: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Dollars as exact decimal text; null if the price is unknown. */
  readonly cost: string | null;
  /** From the question to the outcome, including queueing. */
  readonly latencyMs: number;
  /** Whether the soft limit passed before the outcome. */
  readonly slow: boolean;
}

export type ReasoningAnswer = Evidence &
  (
    | { readonly status: 'OK'; readonly memo: ReasoningMemo; readonly fault: null; readonly cause: null }
    | {
        readonly status: 'FAILED' | 'DISABLED';
        readonly memo: null;
        /** One line for people. */
        readonly fault: string;
        readonly cause: FaultCause;
      }
  );

/** Health of the provider, for the console. */
export interface ReasoningState {
  readonly provider: string;
  readonly model: string;
  /** `OFF`: REASONER=none. */
  readonly breaker: 'CLOSED' | 'OPEN' | 'HALF_OPEN' | 'OFF';
  readonly running: number;
  readonly waiting: number;
  /** The provider's last failure, as one line; cleared by the next answer. */
  readonly lastFault: string | null;
}
