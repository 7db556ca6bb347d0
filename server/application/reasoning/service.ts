import type { Reasoner } from '@/server/application/ports/reasoner';
import type { ReasoningStore } from '@/server/application/ports/reasoning-store';
import type { MemoOutcome } from '@/server/application/reasoning/outcome';
import type { PromptTemplate } from '@/server/domain/reasoning/prompt';
import { canonicalJson } from '@/server/kernel/canonical-json';
import type { ReasoningAnswer, ReasoningState } from './answer';
import { ReasonerBreaker } from './breaker';
import { cachedMemo } from './cached-memo';
import { CallSlots } from './call-slots';
import { type HardLimit, startLimit, TIME_LIMITS, type TimeLimits } from './hard-limit';
import { openLedger } from './ledger';
import { outcomeWith } from './outcome';
import { faultOf, type ReasonQuestion, reason } from './reason';

/** The one way to a memo: within 15 s, within the budget, never throwing. */
export interface ReasoningService {
  /** The signal's id is part of the answer alone: two signals with the same data share a memo for a while. */
  answer(question: ReasonQuestion): Promise<ReasoningAnswer>;
  state(): ReasoningState;
  /** Waits for what is still to be booked, and ends the provider's connections. */
  close(): Promise<void>;
}

export interface ReasoningOptions {
  /** Null: switched off. */
  readonly reasoner: Reasoner | null;
  readonly store: ReasoningStore;
  readonly template: PromptTemplate;
  readonly sha256: (text: string) => string;
  /** Monotonic, ms. */
  readonly nowMs: () => number;
  /** Ends the process's work. */
  readonly signal: AbortSignal;
  /** Calls at once. */
  readonly concurrency: number;
  /** How many may wait for their turn. */
  readonly maxWaiting?: number;
  readonly limits?: TimeLimits;
  /** Hears of each memo that becomes slow. */
  readonly onSlow?: (signalId: string) => void;
  /** Hears of what went wrong with the provider or the budget, one line each. */
  readonly onFault?: (what: string, error?: unknown) => void;
}

const MAX_WAITING = 100;

/** All that a memo rests on, but for the id of its signal. */
function inputOf(question: ReasonQuestion, reasoner: Reasoner, template: PromptTemplate): string {
  const { signal_id: _, ...signal } = question.data.signal;
  const { provider, model, parameters } = reasoner;
  const { market, portfolio, news } = question.data;
  return canonicalJson({
    prompt: { version: template.version, system: template.system, task: template.task },
    reasoner: { provider, model, parameters },
    data: { signal, market, portfolio, news: news.map((item) => ({ ...item })) },
  });
}

const OFF: ReasoningState = {
  provider: 'none',
  model: 'none',
  breaker: 'OFF',
  running: 0,
  waiting: 0,
  lastFault: null,
};

/** Asks one reasoner, with everything that bounds it: time, places, budget, breaker, memos that serve again. */
export function createReasoningService(options: ReasoningOptions): ReasoningService {
  const { reasoner, template, store, nowMs, limits = TIME_LIMITS } = options;
  const blank = outcomeWith(reasoner, template.version);
  if (reasoner === null) {
    const off: MemoOutcome = { status: 'DISABLED', cause: 'OFF', fault: 'reasoning is switched off (REASONER=none)' };
    return { answer: async () => blank(off, 0, false), state: () => OFF, close: async () => undefined };
  }
  const model = reasoner;
  const breaker = new ReasonerBreaker(nowMs);
  const slots = new CallSlots(options.concurrency, options.maxWaiting ?? MAX_WAITING);
  const ledger = openLedger(store, model.model, options.onFault);
  const again = cachedMemo(store, options.onFault);
  let lastFault: string | null = null;

  /** Tells the breaker how the provider did. */
  function report(outcome: MemoOutcome): void {
    const cause = outcome.cause ?? 'INVALID';
    if (PROVIDER_FAULTS.has(cause)) {
      breaker.failed(outcome.retryAfterMs ?? null);
      lastFault = outcome.fault ?? cause;
      options.onFault?.(`${model.provider} ${model.model}: ${lastFault} (${breaker.state})`);
    } else if (ANSWERS.has(cause)) {
      breaker.answered();
      lastFault = null;
    } else breaker.undecided();
  }

  /** With a place: reserves, asks, books. */
  async function ask(question: ReasonQuestion, limit: HardLimit): Promise<MemoOutcome> {
    const account = await ledger.open(limit);
    if (!account.ok) return { status: account.status, cause: account.cause, fault: account.reason };
    if (!breaker.enter()) {
      account.book([]);
      return leftAlone();
    }
    const { allowance } = account;
    const result = await reason(question, { reasoner: model, template, nowMs, limit, allowance });
    report(result);
    return { ...result, cost: account.book(result.attempts) };
  }

  function leftAlone(): MemoOutcome {
    const seconds = Math.max(1, Math.ceil(breaker.leftMs / 1_000));
    const fault = `BREAKER: the provider is left alone, tried again in ${seconds} s; it last failed with ${lastFault ?? 'nothing known'}`;
    return { status: 'FAILED', cause: 'BREAKER', fault };
  }

  async function queued(question: ReasonQuestion, limit: HardLimit, startedMs: number): Promise<MemoOutcome> {
    if (breaker.state === 'OPEN') return leftAlone();
    // Whoever starts later than this has less than the soft limit to be answered in.
    const maxWaitMs = limits.hardMs - limits.softMs - (nowMs() - startedMs);
    if (!(await slots.enter(maxWaitMs, limit.signal))) {
      if (limit.signal.aborted) return { status: 'FAILED', ...faultOf(limit.signal.reason) };
      const fault = `QUEUE: no call could start in time: ${slots.running} run, ${slots.waiting} wait`;
      return { status: 'FAILED', cause: 'QUEUE', fault };
    }
    try {
      return await ask(question, limit);
    } finally {
      slots.leave();
    }
  }

  async function outcomeOf(question: ReasonQuestion, limit: HardLimit, startedMs: number): Promise<MemoOutcome> {
    const inputHash = options.sha256(inputOf(question, model, template));
    if (model.local) {
      const result = await reason(question, { reasoner: model, template, nowMs, limit });
      return { ...result, inputHash, cost: '0' };
    }
    const found = await again(question, inputHash, limit);
    return { ...(found ?? (await queued(question, limit, startedMs))), inputHash };
  }

  return {
    async answer(question) {
      const startedMs = nowMs();
      const limit = startLimit(limits, options.signal, () => options.onSlow?.(question.signalId));
      let outcome: MemoOutcome;
      try {
        outcome = await outcomeOf(question, limit, startedMs);
      } catch (error) {
        outcome = { status: 'FAILED', ...faultOf(error) };
      } finally {
        limit.done();
      }
      return blank(outcome, Math.round(nowMs() - startedMs), limit.slow);
    },
    state: () => ({
      provider: model.provider,
      model: model.model,
      breaker: breaker.state,
      running: slots.running,
      waiting: slots.waiting,
      lastFault,
    }),
    async close() {
      await ledger.settled();
      await model.close();
    },
  };
}

/** The provider did not do its part. */
const PROVIDER_FAULTS: ReadonlySet<string> = new Set([
  'KEY',
  'MODEL',
  'UNREACHABLE',
  'RATE_LIMITED',
  'PROVIDER',
  'TIMEOUT',
  'DEFECT',
]);
/** It did, whatever the answer is worth. */
const ANSWERS: ReadonlySet<string> = new Set(['INVALID', 'REFUSED', 'TOO_LONG']);
