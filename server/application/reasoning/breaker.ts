/** Failures in a row before the provider is left alone. */
const OPENS_AFTER = 5;
const FIRST_PAUSE_MS = 15_000;
const MAX_PAUSE_MS = 120_000;

export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/**
 * Leaves a provider alone that does not answer: after five failures in a row, or when it asks to be left alone, nothing is
 * asked for a pause that doubles with every failed probe; then one call may try.
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

  /** ms until a call may try; 0 when one may, or is trying, now. */
  get leftMs(): number {
    return this.#openUntilMs === null ? 0 : Math.max(0, Math.ceil(this.#openUntilMs - this.nowMs()));
  }

  /** Whether a call may go ahead; half open the one that does is the probe, and must report. */
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

  /** @param retryAfterMs how long the provider asked to be left alone */
  failed(retryAfterMs: number | null = null): void {
    const before = this.state;
    this.#failures += 1;
    // A call that was under way when it opened does not lengthen the pause.
    if (before === 'OPEN') return;
    if (before === 'CLOSED' && this.#failures < OPENS_AFTER && retryAfterMs === null) return;
    if (before === 'HALF_OPEN') this.#pauseMs = Math.min(this.#pauseMs * 2, MAX_PAUSE_MS);
    const pauseMs = Math.min(Math.max(retryAfterMs ?? this.#pauseMs, 1), MAX_PAUSE_MS);
    this.#openUntilMs = this.nowMs() + pauseMs;
    this.#probing = false;
  }

  /** The call ended without a word about the provider. */
  undecided(): void {
    this.#probing = false;
  }
}
