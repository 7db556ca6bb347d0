import type { ReasonerFaultKind } from '@/server/application/ports/reasoner';
import type { ReasoningMemo } from '@/server/contracts/memo';
import type { Prompt } from '@/server/domain/reasoning/prompt';

/** Why there is no memo. */
export type FaultCause =
  | ReasonerFaultKind
  /** The answer was no memo, twice. */
  | 'INVALID'
  /** No prompt could be made within the tokens. */
  | 'PROMPT'
  /** No call could start in time: too many wait. */
  | 'QUEUE'
  /** The provider failed too often: it is left alone for a while. */
  | 'BREAKER'
  /** DISABLED: used up, or the price is not known. */
  | 'BUDGET'
  /** DISABLED: switched off. */
  | 'OFF'
  /** Something of ours that should not fail did. */
  | 'DEFECT';

/** One call of the model, whatever came of it. */
export interface Attempt {
  readonly answer: string | null;
  readonly fault: string | null;
  readonly cause: FaultCause | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly latencyMs: number;
}

/** What goes on record of one question. A memo is there exactly when the status is OK, a fault exactly when it is not. */
interface Evidence {
  readonly provider: string;
  readonly model: string;
  readonly parameters: Readonly<Record<string, number | string>>;
  readonly promptVersion: string;
  /** Null where no prompt was made. */
  readonly prompt: Prompt | null;
  readonly attempts: readonly Attempt[];
  /** SHA-256 (hex) of all that the memo rests on but the signal's id; null where nothing was to be asked. */
  readonly inputHash: string | null;
  /** The signal whose memo was used again for the same input. */
  readonly cachedFrom: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  /** Dollars, exact decimal text; null where no price is known. */
  readonly cost: string | null;
  /** From the question to the outcome, queueing included. */
  readonly latencyMs: number;
  /** The soft limit passed before there was an outcome. */
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

/** How the provider is doing, for the console. */
export interface ReasoningState {
  readonly provider: string;
  readonly model: string;
  /** `OFF`: REASONER=none. */
  readonly breaker: 'CLOSED' | 'OPEN' | 'HALF_OPEN' | 'OFF';
  readonly running: number;
  readonly waiting: number;
  /** What the provider last failed with, until it answers again; one line. */
  readonly lastFault: string | null;
}
