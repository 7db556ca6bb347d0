import type { ReasoningStore } from '@/server/application/ports/reasoning-store';
import type { MemoOutcome } from '@/server/application/reasoning/outcome';
import { reasoningMemoSchema } from '@/server/contracts/memo';
import type { HardLimit } from './hard-limit';
import type { ReasonQuestion } from './reason';

/** How long a memo serves again for exactly the same input. */
export const MEMO_AGE_MS = 10 * 60_000;

/** Finds a memo that was written for the same input; null when there is none, or it cannot be had. */
export function cachedMemo(store: ReasoningStore, onFault?: (what: string, error?: unknown) => void) {
  return async (question: ReasonQuestion, inputHash: string, limit: HardLimit): Promise<MemoOutcome | null> => {
    try {
      const found = await limit.within(store.memoOf(inputHash, MEMO_AGE_MS));
      if (found === null || found.signalId === question.signalId) return null;
      const memo = reasoningMemoSchema.parse(found.memo);
      return { status: 'OK', memo: { ...memo, signal_id: question.signalId }, cachedFrom: found.signalId };
    } catch (error) {
      // The next caller to wait learns that the limit has ended.
      if (!limit.signal.aborted) onFault?.('a memo for the same input could not be read', error);
      return null;
    }
  };
}
