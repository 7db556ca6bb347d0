/** Answers in a row that nobody understood, or that never came, before queries stop asking. */
const TRIPS_AFTER = 5;
const FIRST_PAUSE_MS = 1_000;
const MAX_PAUSE_MS = 8_000;

export type BreakerState = 'CLOSED' | 'OPEN' | 'HALF_OPEN';

/**
 * Stops asking a broker that does not answer: after so many failures in a row nothing is asked for a pause that doubles, then
 * one call may try. Whoever must act (cancels) or must know (look-ups of uncertain orders) does not ask the breaker, but
 * tells it what came of it.
 */
export class CircuitBreaker {
  private readonly nowMs: () => number;
  private failures = 0;
  private pauseMs = FIRST_PAUSE_MS;
  private openUntilMs = 0;
  private probeSinceMs: number | null = null;

  /** @param nowMs monotonic time, ms */
  constructor(nowMs: () => number = () => performance.now()) {
    this.nowMs = nowMs;
  }

  get state(): BreakerState {
    if (this.failures < TRIPS_AFTER) return 'CLOSED';
    return this.nowMs() < this.openUntilMs ? 'OPEN' : 'HALF_OPEN';
  }

  /** How long a call must wait that is not to try: 0 only when closed. */
  holdMs(): number {
    if (this.state === 'CLOSED') return 0;
    return Math.max(FIRST_PAUSE_MS, Math.ceil(this.openUntilMs - this.nowMs()));
  }

  /** How long a call must wait, ms; 0 lets it through, and when half open makes it the one that tries. */
  askMs(): number {
    const state = this.state;
    if (state === 'CLOSED') return 0;
    const nowMs = this.nowMs();
    if (state === 'OPEN') return Math.max(1, Math.ceil(this.openUntilMs - nowMs));
    // A probe without an outcome (its caller was stopped) holds the others back for one pause only.
    if (this.probeSinceMs !== null && nowMs - this.probeSinceMs < MAX_PAUSE_MS) return FIRST_PAUSE_MS;
    this.probeSinceMs = nowMs;
    return 0;
  }

  /** The broker answered, whatever it said. */
  answered(): void {
    this.failures = 0;
    this.pauseMs = FIRST_PAUSE_MS;
    this.probeSinceMs = null;
  }

  /** No answer, or none that could be read. */
  failed(): void {
    const wasOpen = this.state !== 'CLOSED';
    this.failures += 1;
    if (this.failures < TRIPS_AFTER) return;
    // Calls that were under way when it opened do not lengthen the pause.
    if (wasOpen && this.state === 'OPEN') return;
    if (wasOpen) this.pauseMs = Math.min(this.pauseMs * 2, MAX_PAUSE_MS);
    this.openUntilMs = this.nowMs() + this.pauseMs;
    this.probeSinceMs = null;
  }
}
