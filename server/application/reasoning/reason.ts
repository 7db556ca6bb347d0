import { type Reasoner, type ReasonerAnswer, ReasonerError } from '@/server/application/ports/reasoner';
import type { ReasoningMemo } from '@/server/contracts/memo';
import { checkMemo } from '@/server/domain/reasoning/check-memo';
import {
  buildPrompt,
  type Prompt,
  type PromptData,
  type PromptTemplate,
  PromptTooLongError,
  repairPrompt,
} from '@/server/domain/reasoning/prompt';

export const SOFT_TIMEOUT_MS = 8_000;
/** Over both attempts together. */
export const HARD_TIMEOUT_MS = 15_000;
export const MAX_INPUT_TOKENS = 5_000;
export const MAX_OUTPUT_TOKENS = 700;

/** One call of the model, whatever came of it. */
export interface Attempt {
  readonly answer: string | null;
  readonly fault: string | null;
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly latencyMs: number;
}

interface Evidence {
  /** Null where no prompt could be made. */
  readonly prompt: Prompt | null;
  readonly attempts: readonly Attempt[];
  readonly latencyMs: number;
  /** The soft limit passed before there was an outcome. */
  readonly slow: boolean;
}

/** What policy and the record get. A memo is there exactly when the status is OK. */
export type Reasoned = Evidence &
  (
    | { readonly status: 'OK'; readonly memo: ReasoningMemo; readonly fault: null }
    | { readonly status: 'FAILED'; readonly memo: null; readonly fault: string }
  );

export interface ReasonQuestion {
  readonly signalId: string;
  readonly symbol: string;
  readonly otherSymbols: readonly string[];
  readonly data: PromptData;
}

export interface ReasonOptions {
  readonly reasoner: Reasoner;
  readonly template: PromptTemplate;
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  /** Ends the process's work: counts as failed. */
  readonly signal: AbortSignal;
  /** Told when the soft limit passes: the memo is slow. */
  readonly onSlow?: () => void;
}

/** Aborts when the hard limit has passed or `outer` aborts; `gone` rejects then, so that no one waits for a deaf provider. */
function hardLimit(outer: AbortSignal, onSlow: () => void) {
  const controller = new AbortController();
  let reject: (error: ReasonerError) => void = () => undefined;
  const gone = new Promise<never>((_, refuse) => {
    reject = refuse;
  });
  gone.catch(() => undefined);
  const end = (kind: 'TIMEOUT' | 'UNREACHABLE', message: string) => {
    const error = new ReasonerError(kind, message);
    reject(error);
    controller.abort(error);
  };
  const stop = () => end('UNREACHABLE', 'the process is stopping');
  const soft = setTimeout(onSlow, SOFT_TIMEOUT_MS);
  const hard = setTimeout(() => end('TIMEOUT', `no memo within ${HARD_TIMEOUT_MS / 1000} s`), HARD_TIMEOUT_MS);
  outer.addEventListener('abort', stop, { once: true });
  if (outer.aborted) stop();
  return {
    signal: controller.signal,
    gone,
    done() {
      clearTimeout(soft);
      clearTimeout(hard);
      outer.removeEventListener('abort', stop);
    },
  };
}

type Turn = { readonly role: 'user' | 'assistant'; readonly text: string };

/** How much of a bad answer goes back with the repair prompt. */
const QUOTED_CHARACTERS = 2_000;

const describe = (error: unknown) =>
  error instanceof ReasonerError
    ? `${error.kind}: ${error.message}`
    : 'the reasoner failed in a way that it should not';

/**
 * Asks for a memo: one call, and one more with a repair prompt when the first answer is no memo. Never throws: whatever goes
 * wrong is FAILED, which policy turns into a review.
 */
export async function reason(question: ReasonQuestion, options: ReasonOptions): Promise<Reasoned> {
  const { reasoner, template, nowMs } = options;
  const startedMs = nowMs();
  let slow = false;
  const limit = hardLimit(options.signal, () => {
    slow = true;
    options.onSlow?.();
  });
  const attempts: Attempt[] = [];
  let prompt: Prompt | null = null;
  const evidence = () => ({ prompt, attempts, latencyMs: Math.round(nowMs() - startedMs), slow });
  try {
    prompt = buildPrompt(template, question.data, (text) => reasoner.countTokens(text), MAX_INPUT_TOKENS);
    const turns: Turn[] = [{ role: 'user', text: prompt.user }];
    for (let n = 0; n < 2; n += 1) {
      const { answer, ...cost } = await ask(prompt, turns, options, limit);
      if ('error' in answer) {
        attempts.push({ answer: null, fault: answer.error, ...cost });
        return { status: 'FAILED', memo: null, fault: answer.error, ...evidence() };
      }
      const checked = checkMemo(answer.text, { ...question, news: prompt.news });
      attempts.push({ answer: answer.text, fault: checked.ok ? null : checked.fault, ...cost });
      if (checked.ok) return { status: 'OK', memo: checked.memo, fault: null, ...evidence() };
      turns.push({ role: 'assistant', text: answer.text.slice(0, QUOTED_CHARACTERS) || '(empty)' });
      turns.push({ role: 'user', text: repairPrompt(checked.fault) });
    }
    return { status: 'FAILED', memo: null, fault: attempts.at(-1)?.fault ?? 'no memo', ...evidence() };
  } catch (error) {
    const fault = error instanceof PromptTooLongError ? error.message : describe(error);
    return { status: 'FAILED', memo: null, fault, ...evidence() };
  } finally {
    limit.done();
  }
}

async function ask(
  prompt: Prompt,
  turns: readonly Turn[],
  options: ReasonOptions,
  limit: ReturnType<typeof hardLimit>,
) {
  const { reasoner, nowMs } = options;
  const startedMs = nowMs();
  const counted = turns.reduce(
    (sum, { text }) => sum + reasoner.countTokens(text),
    reasoner.countTokens(prompt.system),
  );
  const cost = (given: ReasonerAnswer | null) => ({
    // A call without an answer is paid for all the same.
    inputTokens: given?.inputTokens ?? counted,
    outputTokens: given?.outputTokens ?? (given === null ? 0 : reasoner.countTokens(given.text)),
    latencyMs: Math.round(nowMs() - startedMs),
  });
  if (counted > MAX_INPUT_TOKENS) return { answer: { error: 'no room for a repair' }, ...cost(null), inputTokens: 0 };
  try {
    const request = {
      system: prompt.system,
      messages: turns,
      maxOutputTokens: MAX_OUTPUT_TOKENS,
      signal: limit.signal,
    };
    const answer = await Promise.race([reasoner.ask(request), limit.gone]);
    return { answer: { text: answer.text }, ...cost(answer) };
  } catch (error) {
    return { answer: { error: describe(error) }, ...cost(null) };
  }
}
