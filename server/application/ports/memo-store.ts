import type { ReasoningAnswer } from '@/server/application/reasoning/answer';
import type { MemoContext } from '@/server/domain/reasoning/memo-data';
import type { NewsSummary } from '@/server/domain/reasoning/news-summary';
import type { ReasoningVerdict } from '@/server/domain/reasoning/types';

/** All that goes on record of one memo. */
export interface MemoRecord {
  readonly signalId: string;
  readonly answer: ReasoningAnswer;
  /** What was not supplied of the news, and why; null where the news was not read. */
  readonly summary: NewsSummary | null;
  /** Up to when news counted, market time, epoch ms. */
  readonly atMs: number;
}

/** There is no signal of that id. */
export class UnknownSignalError extends Error {
  override readonly name = 'UnknownSignalError';
}

/** Evidence of memos, and what a memo is written from. */
export interface MemoStore {
  /**
   * The verdict of the memo that is there already, else null: then the signal counts as one whose memo failed until there is
   * one, so that taking it to the gate in the meantime gives a review. @throws UnknownSignalError
   */
  begin(signalId: string): Promise<ReasoningVerdict | null>;
  /** The market and the account as they are now. */
  context(symbol: string): Promise<MemoContext>;
  /** Stores the evidence and the signal's verdict in one transaction. @returns the verdict of the first memo that was stored */
  finish(record: MemoRecord): Promise<ReasoningVerdict>;
}
