import type { PolicyResponse } from '@/server/contracts/policy';
import type { CompiledPolicy } from '@/server/domain/policy/compile-policy';
import type { RolloutStage, TradingState } from '@/server/kernel/vocabulary';

export interface AdvisoryContext {
  readonly nowMs: number;
  readonly tradingState: TradingState;
  readonly stage: RolloutStage;
  readonly policy: CompiledPolicy;
}

export interface AdvisoryRow {
  readonly eventId: string;
  readonly at: Date;
  readonly signal: {
    readonly id: string;
    readonly strategy: string;
    readonly symbol: string;
    readonly action: string;
    readonly confidence: number;
    readonly sizePct: number;
    readonly stopDistancePct: number | null;
    readonly reasoning: unknown;
    readonly principalId: string;
    readonly expiresAt: Date;
  };
  readonly response: PolicyResponse;
  readonly stage: string;
  /** Canonical JSON of the exact input. */
  readonly input: string;
}

export interface EvaluationStore {
  context(): Promise<AdvisoryContext>;
  /** Whether a signal of that id is there. */
  hasSignal(id: string): Promise<boolean>;
  /** @returns false when the signal id belongs to another candidate already */
  store(row: AdvisoryRow): Promise<boolean>;
}
