const WINDOW_MS = 60_000;

/** Counts requests in fixed minutes of the wall clock. */
export class RateLimit {
  private readonly perMinute: number;
  private window = 0;
  private used = 0;

  /** `perMinute` 0 is no limit. */
  constructor(perMinute: number) {
    this.perMinute = perMinute;
  }

  /** Counts a request and says whether it may pass, with the headers that Alpaca sends. */
  take(nowMs: number): { allowed: boolean; headers: Record<string, string> } {
    if (this.perMinute === 0) return { allowed: true, headers: {} };
    const window = Math.floor(nowMs / WINDOW_MS);
    if (window !== this.window) {
      this.window = window;
      this.used = 0;
    }
    this.used += 1;
    const allowed = this.used <= this.perMinute;
    const resetMs = (window + 1) * WINDOW_MS;
    const headers: Record<string, string> = {
      'X-RateLimit-Limit': String(this.perMinute),
      'X-RateLimit-Remaining': String(Math.max(0, this.perMinute - this.used)),
      'X-RateLimit-Reset': String(Math.floor(resetMs / 1000)),
    };
    if (!allowed) headers['Retry-After'] = String(Math.max(1, Math.ceil((resetMs - nowMs) / 1000)));
    return { allowed, headers };
  }
}
