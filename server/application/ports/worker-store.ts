import type { Side, TradingState } from '@/server/kernel/vocabulary';
export interface Heartbeat {
  readonly id: string;
  readonly roles: readonly string[];
  readonly startedAtMs: number;
  /** For the console: {broker, stream, quotes, rssMb …}. */
  readonly info: Readonly<Record<string, unknown>>;
}

export interface StrategySignal {
  readonly id: string;
  readonly strategy: string;
  readonly modelVersion: string;
  readonly symbol: string;
  readonly action: Side;
  readonly confidence: number;
  readonly sizePct: number;
  readonly principalId: string;
  /** How long it may become an order, ms. */
  readonly ttlMs: number;
}

/** The worker's own rows. */
export interface WorkerStore {
  beat(heartbeat: Heartbeat): Promise<void>;
  gone(id: string): Promise<void>;
  /** Rollout stage; null before the first start has set one. */
  stage(): Promise<string | null>;
  /** The trading state, and how old the last good reconciliation is, ms (null: there was none). */
  readiness(): Promise<{ readonly state: TradingState; readonly reconciledAgeMs: number | null }>;
  /** Stores a strategy's signal with its event. @returns false when it is known already */
  storeSignal(signal: StrategySignal): Promise<boolean>;
}
