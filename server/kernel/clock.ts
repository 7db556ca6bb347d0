/** Wall time and fresh ids: passed in, so that what decides stays pure and tests can choose. */
export interface Clock {
  /** Epoch milliseconds. */
  nowMs(): number;
  /**
   * Milliseconds from any beginning, for durations: the time of day may be set while something is under way. A clock that
   * nobody sets needs none of its own.
   */
  monotonicMs?(): number;
  /** A uuid. */
  newId(): string;
  /** Resolves after `ms`, or at once when `signal` aborts. Never rejects. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>;
}

/** For measuring how long something took or is ago. */
export const monotonicMs = (clock: Clock): number => clock.monotonicMs?.() ?? clock.nowMs();
