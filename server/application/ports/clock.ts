/** Wall time and fresh ids: passed in, so that what decides stays pure and tests can choose. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /** A uuid. */
  newId(): string;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}
