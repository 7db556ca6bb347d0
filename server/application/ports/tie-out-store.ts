import type { OurTiedSide, TieOutReport } from '@/server/application/reconciliation/tie-out-report';
import type { Fence } from './lease';

/** New York midnights in market time, epoch ms: [fromMs, untilMs). */
export interface DayWindow {
  readonly fromMs: number;
  readonly untilMs: number;
}

export interface AskedTieOut {
  readonly id: string;
  readonly tradingDay: string;
  readonly requestedBy: string;
}

export interface FinishedTieOut extends AskedTieOut {
  readonly kind: 'CLOSE' | 'REQUESTED';
  readonly status: 'CLEAN' | 'DIFFERENT' | 'FAILED';
  readonly report: (TieOutReport & { readonly taken: Readonly<Record<string, unknown>> }) | null;
  /** Why it failed. */
  readonly fault: string | null;
}

export interface TieOutStore {
  /** What waits, oldest first, and the newest day whose close was tied out: one statement. */
  due(): Promise<{ readonly waiting: readonly AskedTieOut[]; readonly lastClose: string | null }>;
  /** Our books, in one snapshot. */
  ourSide(day: DayWindow): Promise<OurTiedSide>;
  /**
   * Stores the report with its event, and opens or closes the alert. The close of a day is stored once.
   * @throws SupersededError when the lease has gone
   */
  finish(fence: Fence, tieOut: FinishedTieOut): Promise<void>;
}
