import type { MemoCandidate, MemoService } from '@/server/application/ports/memo-service';
import { type MemoRecord, type MemoStore, UnknownSignalError } from '@/server/application/ports/memo-store';
import type { NewsStore } from '@/server/application/ports/news-store';
import { memoData } from '@/server/domain/reasoning/memo-data';
import { type NewsSummary, summariseNews } from '@/server/domain/reasoning/news-summary';
import type { ReasoningVerdict } from '@/server/domain/reasoning/types';
import { type Clock, monotonicMs } from '@/server/kernel/clock';
import type { FaultCause, ReasoningAnswer } from './answer';
import type { ReasonQuestion } from './reason';
import type { ReasoningService } from './service';

/** From the candidate to the verdict, storing included. */
export const MEMO_LIMIT_MS = 16_000;
/** The service takes 15 s at most; what is left after it is for storing. */
const ANSWER_BY_MS = 15_250;
/** For reading what the memo is written from. */
const GATHER_BY_MS = 4_000;
const PAUSE_MS = 200;
const NEWS_BEFORE_MS = 7 * 86_400_000;
/** Of symbols that only the news names: shorter ones are words as well. */
const NEWS_SYMBOL_LENGTH = 3;

export interface MemoServiceParts {
  readonly service: ReasoningService;
  readonly store: MemoStore;
  readonly news: Pick<NewsStore, 'read'>;
  readonly clock: Clock;
  /** Ends the process's work. */
  readonly signal: AbortSignal;
  /** Told of what went wrong on our side. */
  readonly onFault: (what: string, error: unknown) => void;
}

const FAILED: ReasoningVerdict = { status: 'FAILED' };
/** As long as the process runs: without the database nothing can reach the gate either, so nobody is kept waiting. */
const FOR_EVER = Number.POSITIVE_INFINITY;

class TooLateError extends Error {
  override readonly name = 'TooLateError';
}

/** Time since the candidate came. */
class Deadline {
  readonly #startedMs: number;

  constructor(private readonly clock: Clock) {
    this.#startedMs = monotonicMs(clock);
  }

  get passedMs(): number {
    return monotonicMs(this.clock) - this.#startedMs;
  }

  /** The work's result if it comes in time. @throws TooLateError */
  async within<T>(untilMs: number, work: Promise<T>): Promise<T> {
    if (untilMs === FOR_EVER) return work;
    const timer = new AbortController();
    const late = this.clock.sleep(Math.max(0, untilMs - this.passedMs), timer.signal).then(() => {
      throw new TooLateError(`not done ${untilMs} ms after the candidate came`);
    });
    work.catch(() => undefined);
    late.catch(() => undefined);
    try {
      return await Promise.race([work, late]);
    } finally {
      timer.abort();
    }
  }
}

/** Asks for memos and keeps their evidence. */
export function createMemoService({ service, store, news, clock, signal, onFault }: MemoServiceParts): MemoService {
  const open = new Map<string, Promise<ReasoningVerdict>>();

  /** Does the work until it succeeds or the time has passed. @throws what it failed with last */
  async function persistently<T>(deadline: Deadline, untilMs: number, work: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        return await deadline.within(untilMs, work());
      } catch (error) {
        const vain = error instanceof TooLateError || error instanceof UnknownSignalError;
        if (vain || signal.aborted || deadline.passedMs + PAUSE_MS >= untilMs) throw error;
        await clock.sleep(PAUSE_MS, signal);
      }
    }
  }

  async function gather(candidate: MemoCandidate): Promise<{ question: ReasonQuestion; summary: NewsSummary }> {
    const { symbol, atMs, signalId } = candidate;
    const [context, items] = await Promise.all([store.context(symbol), news.read(symbol, atMs - NEWS_BEFORE_MS, atMs)]);
    const summary = summariseNews(items, { symbol, decisionMs: atMs });
    const named = items.flatMap(({ symbols }) => symbols.filter((each) => each.length >= NEWS_SYMBOL_LENGTH));
    const otherSymbols = [...new Set([...context.symbols, ...named])].filter((each) => each !== symbol);
    return { question: { signalId, symbol, otherSymbols, data: memoData(candidate, context, summary) }, summary };
  }

  /** What goes on record where the service could not even be asked, or did not keep its own time. */
  function failed(cause: FaultCause, fault: string, latencyMs: number): ReasoningAnswer {
    const { provider, model } = service.state();
    const nothing = { prompt: null, attempts: [], inputHash: null, cachedFrom: null, cost: null };
    const used = { inputTokens: 0, outputTokens: 0, latencyMs, slow: latencyMs > 8_000 };
    const asked = { provider, model, parameters: {}, promptVersion: '' };
    return { status: 'FAILED', memo: null, cause, fault: `${cause}: ${fault}`, ...asked, ...nothing, ...used };
  }

  async function record(candidate: MemoCandidate, deadline: Deadline): Promise<MemoRecord> {
    const { signalId, atMs } = candidate;
    let summary: NewsSummary | null = null;
    try {
      const gathered = await persistently(deadline, GATHER_BY_MS, () => gather(candidate));
      summary = gathered.summary;
      const answer = await deadline.within(ANSWER_BY_MS, service.answer(gathered.question));
      return { signalId, answer, summary, atMs };
    } catch (error) {
      onFault('a memo could not be asked for', error);
      const late = error instanceof TooLateError && summary !== null;
      const answer = late
        ? failed('TIMEOUT', 'no memo in time', deadline.passedMs)
        : failed('DEFECT', 'what the memo is written from could not be read', deadline.passedMs);
      return { signalId, answer, summary, atMs };
    }
  }

  /** The evidence within the limit; else that there is none. Something is stored, or the process stops. */
  async function keep(evidence: MemoRecord, deadline: Deadline): Promise<ReasoningVerdict> {
    try {
      return await persistently(deadline, MEMO_LIMIT_MS, () => store.finish(evidence));
    } catch (error) {
      onFault('a memo could not be stored', error);
      const answer = failed('DEFECT', 'the memo could not be stored', evidence.answer.latencyMs);
      return persistently(deadline, FOR_EVER, () => store.finish({ ...evidence, answer }));
    }
  }

  async function consider(candidate: MemoCandidate): Promise<ReasoningVerdict> {
    const deadline = new Deadline(clock);
    try {
      const known = await persistently(deadline, FOR_EVER, () => store.begin(candidate.signalId));
      return known ?? (await keep(await record(candidate, deadline), deadline));
    } catch (error) {
      // The process stops; or there is no such signal.
      onFault('a memo could not be begun or stored', error);
      return FAILED;
    }
  }

  return {
    consider(candidate) {
      const first = open.get(candidate.signalId);
      if (first !== undefined) return first;
      const asked = consider(candidate).finally(() => open.delete(candidate.signalId));
      open.set(candidate.signalId, asked);
      return asked;
    },
  };
}
