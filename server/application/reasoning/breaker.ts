/** Consecutive failures that open the breaker. */
const OPENS_AFTER = 5;
const FIRST_PAUSE_MS = 15_000;
const MAX_PAUSE_MS = 120_000;

export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/**
 * Circuit breaker for a provider. It opens after five consecutive failures, or when the provider sends Retry-After. After a
 * pause that doubles with each failed probe, one call may probe the provider.
 */
export class ReasonerBreaker {
  #failures = 0;
  #pauseMs = FIRST_PAUSE_MS;
  #openUntilMs: number | null = null;
  #probing = false;

  /** @param nowMs monotonic time, ms */
  constructor(private readonly nowMs: () => number) {}

  get state(): BreakerState {
    if (this.#openUntilMs === null) return 'CLOSED';
    return this.nowMs() < this.#openUntilMs ? 'OPEN' : 'HALF_OPEN';
  }

  /** Milliseconds until the next probe; 0 if one may start or is running. */
  get leftMs(): number {
    return this.#openUntilMs === null ? 0 : Math.max(0, Math.ceil(this.#openUntilMs - this.nowMs()));
  }

  /** Whether a call may proceed. While half open, the first one is the probe and must report its outcome. */
  enter(): boolean {
    if (this.state === 'CLOSED') return true;
    if (this.state === 'OPEN' || this.#probing) return false;
    this.#probing = true;
    return true;
  }

  answered(): void {
    this.#failures = 0;
    this.#pauseMs = FIRST_PAUSE_MS;
    this.#openUntilMs = null;
    this.#probing = false;
  }

  /** @param retryAfterMs from the provider's Retry-After; null where it sent none */
  failed(retryAfterMs: number | null = null): void {
    const before = this.state;
    this.#failures += 1;
    // Calls that started before it opened do not lengthen the pause.
    if (before === 'OPEN') return;
    if (before === 'CLOSED' && this.#failures < OPENS_AFTER && retryAfterMs === null) return;
    if (before === 'HALF_OPEN') this.#pauseMs = Math.min(this.#pauseMs * 2, MAX_PAUSE_MS);
    const pauseMs = Math.min(Math.max(retryAfterMs ?? this.#pauseMs, 1), MAX_PAUSE_MS);
    this.#openUntilMs = this.nowMs() + pauseMs;
    this.#probing = false;
  }

  /** The call's outcome says nothing about the provider. */
  undecided(): void {
    this.#probing = false;
  }
}
