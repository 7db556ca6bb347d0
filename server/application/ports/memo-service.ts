import type { FeatureSnapshot } from '@/server/domain/features/feature-snapshot';
import type { ReasoningVerdict } from '@/server/domain/reasoning/types';
import type { Side } from '@/server/kernel/vocabulary';

/** A stored signal on its way to the gate. */
export interface MemoCandidate {
  readonly signalId: string;
  readonly symbol: string;
  readonly action: Side;
  readonly strategy: string;
  readonly confidence: number;
  readonly sizePct: number;
  readonly features: FeatureSnapshot | null;
  /** Market time of the candidate, epoch ms: only news from before counts. */
  readonly atMs: number;
}

/** Whoever is asked about a candidate before it goes to the gate. */
export interface MemoService {
  /**
   * Answers within 16 s, queueing included, and never throws: what goes wrong is FAILED. When it resolves, the evidence is stored
   * and the signal's verdict with it, in one transaction; while the database does not take them (nor could it take an order) it
   * waits, until the process stops. Asked again for a signal that has a memo, it gives that one.
   */
  consider(candidate: MemoCandidate): Promise<ReasoningVerdict>;
}
