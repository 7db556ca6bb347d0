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

/** Whether strategies may act. */
export interface Readiness {
  readonly state: TradingState;
  /** Age of the last good reconciliation, ms; null when there was none. */
  readonly reconciledAgeMs: number | null;
  /** The active policy's limit for that age, ms. */
  readonly portfolioMaxAgeMs: number;
}

/** The worker's own rows. */
export interface WorkerStore {
  beat(heartbeat: Heartbeat): Promise<void>;
  gone(id: string): Promise<void>;
  /** Rollout stage; null before the first start has set one. */
  stage(): Promise<string | null>;
  readiness(): Promise<Readiness>;
  /** Stores a strategy's signal with its event. @returns false when it is known already */
  storeSignal(signal: StrategySignal): Promise<boolean>;
}
