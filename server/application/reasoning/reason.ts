import { type Reasoner, type ReasonerAnswer, ReasonerError } from '@/server/application/ports/reasoner';
import type { ReasoningMemo } from '@/server/contracts/memo';
import { checkMemo } from '@/server/domain/reasoning/check-memo';
import {
  buildPrompt,
  type Prompt,
  type PromptData,
  type PromptTemplate,
  PromptTooLongError,
} from '@/server/domain/reasoning/prompt';
import type { Attempt, FaultCause } from './answer';
import type { HardLimit } from './hard-limit';
import { repairTurns, roomForPrompt, type Turn, tokensOfCall } from './token-room';

export const MAX_INPUT_TOKENS = 5_000;
export const MAX_OUTPUT_TOKENS = 700;

/** Result for policy and the record. It has a memo if and only if the status is OK. */
export type Reasoned = {
  /** Null if no prompt could be built. */
  readonly prompt: Prompt | null;
  readonly attempts: readonly Attempt[];
} & (
  | { readonly status: 'OK'; readonly memo: ReasoningMemo; readonly fault: null; readonly cause: null }
  | {
      readonly status: 'FAILED';
      readonly memo: null;
      readonly fault: string;
      readonly cause: FaultCause;
      /** The provider's Retry-After; null where it sent none. */
      readonly retryAfterMs: number | null;
    }
);

export interface ReasonQuestion {
  readonly signalId: string;
  readonly symbol: string;
  readonly otherSymbols: readonly string[];
  readonly data: PromptData;
}

/** Limits of one memo. */
export interface Allowance {
  /** Per call, inclusive. */
  readonly maxInputTokens: number;
  /** 1 means no repair. */
  readonly maxAttempts: 1 | 2;
}

export const FULL_ALLOWANCE: Allowance = { maxInputTokens: MAX_INPUT_TOKENS, maxAttempts: 2 };

export interface ReasonOptions {
  readonly reasoner: Reasoner;
  readonly template: PromptTemplate;
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  readonly limit: HardLimit;
  readonly allowance?: Allowance;
}

/** Faults for which providers do not charge, because the call was not processed. */
const UNPAID: readonly FaultCause[] = ['KEY', 'MODEL', 'UNREACHABLE', 'RATE_LIMITED'];

export function faultOf(error: unknown): { readonly cause: FaultCause; readonly fault: string } {
  if (error instanceof ReasonerError) return { cause: error.kind, fault: `${error.kind}: ${error.message}` };
  if (error instanceof PromptTooLongError) return { cause: 'PROMPT', fault: `PROMPT: ${error.message}` };
  return { cause: 'DEFECT', fault: 'DEFECT: the reasoner failed in a way that it should not' };
}

/**
 * Requests a memo: one call, and a second with a repair prompt if the first answer is invalid. Never throws: every failure is
 * FAILED, which policy turns into a review.
 */
export async function reason(question: ReasonQuestion, options: ReasonOptions): Promise<Reasoned> {
  const { reasoner, template, limit, allowance = FULL_ALLOWANCE } = options;
  const attempts: Attempt[] = [];
  let prompt: Prompt | null = null;
  try {
    await limit.within(reasoner.prepare());
    const room = roomForPrompt(reasoner, allowance.maxInputTokens);
    prompt = buildPrompt(template, question.data, (text) => reasoner.countTokens(text), room);
    const asked: Turn = { role: 'user', text: prompt.user };
    let turns: readonly Turn[] | null = [asked];
    let retryAfterMs: number | null = null;
    while (turns !== null && attempts.length < allowance.maxAttempts) {
      const { attempt, error }: Asked = await ask(prompt, turns, options);
      if (error instanceof ReasonerError) retryAfterMs = error.retryAfterMs;
      if (attempt.answer === null) {
        attempts.push(attempt);
        break;
      }
      const checked = checkMemo(attempt.answer, { ...question, news: prompt.news });
      attempts.push(checked.ok ? attempt : { ...attempt, fault: checked.fault, cause: 'INVALID' });
      if (checked.ok) return { status: 'OK', memo: checked.memo, fault: null, cause: null, prompt, attempts };
      turns = repairTurns(reasoner, prompt.system, asked, attempt.answer, checked.fault, allowance.maxInputTokens);
    }
    const last = attempts.at(-1);
    const failed = { fault: last?.fault ?? 'no memo', cause: last?.cause ?? 'INVALID' };
    return { status: 'FAILED', memo: null, ...failed, retryAfterMs, prompt, attempts };
  } catch (error) {
    return { status: 'FAILED', memo: null, ...faultOf(error), retryAfterMs: null, prompt, attempts };
  }
}

interface Asked {
  /** The answer is null if the call failed. */
  readonly attempt: Attempt;
  readonly error: unknown;
}

async function ask(prompt: Prompt, turns: readonly Turn[], options: ReasonOptions): Promise<Asked> {
  const { reasoner, nowMs, limit } = options;
  const startedMs = nowMs();
  const counted = tokensOfCall(reasoner, prompt.system, turns);
  const request = {
    system: prompt.system,
    messages: turns,
    maxOutputTokens: MAX_OUTPUT_TOKENS,
    signal: limit.signal,
  };
  const latency = () => ({ latencyMs: Math.round(nowMs() - startedMs) });
  try {
    const answer = await limit.within(reasoner.ask(request));
    const paid = spent(reasoner, answer, counted);
    return { attempt: { answer: answer.text, fault: null, cause: null, ...paid, ...latency() }, error: null };
  } catch (error) {
    const why = faultOf(error);
    // If the provider reports no usage for a failed call, the maximum is booked.
    const free = reasoner.local || UNPAID.includes(why.cause);
    const usage = error instanceof ReasonerError ? error.usage : null;
    const cost = {
      inputTokens: usage?.inputTokens ?? (free ? 0 : counted),
      outputTokens: usage?.outputTokens ?? (free ? 0 : MAX_OUTPUT_TOKENS),
    };
    return { attempt: { answer: null, ...why, ...cost, ...latency() }, error };
  }
}

function spent(reasoner: Reasoner, answer: ReasonerAnswer, counted: number) {
  return {
    inputTokens: answer.inputTokens ?? counted,
    outputTokens: answer.outputTokens ?? reasoner.countTokens(answer.text),
  };
}
