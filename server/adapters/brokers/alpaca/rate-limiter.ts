import { BrokerError, type CallPriority } from '@/server/application/ports/broker';

const MINUTE_MS = 60_000;
/** Part of a minute's requests that may go at once. With the rest spread evenly no 60 s ever hold more than the limit. */
const BURST = 0.25;
/** What a full bucket keeps back from each kind of call: a cancel never waits for a read. */
const KEPT_BACK: Readonly<Record<CallPriority, number>> = { cancel: 0, send: 0.2, lookup: 0.3, read: 0.4 };
const TIDY_EVERY = 1_000;
const ORDER: readonly CallPriority[] = ['cancel', 'send', 'lookup', 'read'];

interface Waiting {
  readonly priority: CallPriority;
  /** Past it the caller has given up, by the limiter's clock. */
  readonly untilMs: number;
  readonly resolve: () => void;
  readonly reject: (error: BrokerError) => void;
}

export interface RateLimiterOptions {
  /** Requests a minute; 0 is none; null: whatever the broker's answers say. */
  readonly perMinute: number | null;
  /** Monotonic time, ms. */
  readonly nowMs?: () => number;
}

/**
 * A token bucket a broker account: at most `perMinute` requests in any 60 s, wherever the broker's window lies. Cancels go
 * first and always have some tokens left, then sends, look-ups, reads. A 429 pauses everything.
 */
export class RateLimiter {
  private readonly nowMs: () => number;
  private readonly given: number | null;
  private perMinute: number;
  private tokens: number;
  private filledAtMs: number;
  private pausedUntilMs = Number.NEGATIVE_INFINITY;
  private waiting: Waiting[] = [];
  private timer: NodeJS.Timeout | undefined;
  private named: number | null = null;
  /** When requests left, oldest first; those of the last minute at least. */
  private taken: number[] = [];

  constructor({ perMinute, nowMs = () => performance.now() }: RateLimiterOptions) {
    this.nowMs = nowMs;
    this.given = perMinute;
    this.perMinute = perMinute ?? 0;
    this.tokens = this.capacity;
    this.filledAtMs = nowMs();
  }

  /** Requests a minute that hold now; 0 is none. */
  get limit(): number {
    return this.perMinute;
  }

  /** What the answers named; null when they named none. */
  get announced(): number | null {
    return this.named;
  }

  /** Whole tokens left; null without a limit. */
  get tokensLeft(): number | null {
    this.refill();
    return this.perMinute === 0 ? null : Math.max(0, Math.floor(this.tokens));
  }

  /** Requests that left in the last 60 s. */
  get usedInMinute(): number {
    const sinceMs = this.nowMs() - MINUTE_MS;
    this.taken = this.taken.filter((atMs) => atMs > sinceMs);
    return this.taken.length;
  }

  /** How long everything still waits after a 429, ms. */
  get pausedMs(): number {
    return Math.max(0, this.pausedUntilMs - this.nowMs());
  }

  /**
   * Waits for a token, at most `maxWaitMs`.
   * @throws BrokerError `rate_limited`, at once, when it would take longer: nothing was sent
   */
  take(priority: CallPriority, maxWaitMs: number): Promise<void> {
    const needMs = this.waitMs(priority);
    if (needMs === 0 && !this.waiting.some((each) => ORDER.indexOf(each.priority) <= ORDER.indexOf(priority))) {
      this.spend();
      return Promise.resolve();
    }
    if (needMs > maxWaitMs) return Promise.reject(tooLong(needMs));
    return new Promise((resolve, reject) => {
      this.waiting.push({ priority, untilMs: this.nowMs() + maxWaitMs, resolve, reject });
      this.waiting.sort((a, b) => ORDER.indexOf(a.priority) - ORDER.indexOf(b.priority));
      this.arm();
    });
  }

  /** What an answer's headers say: a limit lower than ours holds, and what others used of it is gone. */
  heard(limit: number | null, remaining: number | null): void {
    if (limit !== null) this.named = limit;
    if (limit !== null && limit > 0) this.setLimit(this.given === null ? limit : Math.min(this.given, limit));
    if (remaining !== null && this.perMinute > 0) {
      this.refill();
      this.tokens = Math.min(this.tokens, Math.max(0, remaining));
    }
  }

  /** A 429: nothing leaves for `ms`; after it the bucket begins empty. */
  pause(ms: number): void {
    this.pausedUntilMs = Math.max(this.pausedUntilMs, this.nowMs() + ms);
    this.tokens = Math.min(this.tokens, 1);
    this.filledAtMs = this.pausedUntilMs;
    this.arm();
  }

  /** Ends every wait. */
  close(): void {
    clearTimeout(this.timer);
    for (const each of this.waiting.splice(0)) each.reject(new BrokerError('not_sent', 'the client was closed'));
  }

  private get capacity(): number {
    return Math.max(1, Math.floor(this.perMinute * BURST));
  }

  /** Tokens a millisecond. */
  private get rate(): number {
    return (this.perMinute - this.capacity) / MINUTE_MS;
  }

  private setLimit(perMinute: number): void {
    if (perMinute === this.perMinute || (this.given === 0 && perMinute === 0)) return;
    this.perMinute = perMinute;
    this.tokens = this.capacity;
    this.filledAtMs = this.nowMs();
  }

  private spend(): void {
    this.tokens -= 1;
    this.taken.push(this.nowMs());
    // Where the count is not needed.
    if (this.taken.length % TIDY_EVERY === 0) void this.usedInMinute;
  }

  private refill(): void {
    const nowMs = this.nowMs();
    if (nowMs <= this.filledAtMs) return;
    this.tokens = Math.min(this.capacity, this.tokens + (nowMs - this.filledAtMs) * this.rate);
    this.filledAtMs = nowMs;
  }

  /** Time until a call of this priority may go, those before it in line left aside. */
  private waitMs(priority: CallPriority): number {
    const pausedMs = this.pausedMs;
    if (this.perMinute === 0) return pausedMs;
    this.refill();
    const need = 1 + Math.min(this.capacity - 1, Math.floor(this.capacity * KEPT_BACK[priority])) - this.tokens;
    if (need <= 0) return pausedMs;
    return this.rate > 0 ? pausedMs + Math.ceil(need / this.rate) : Number.POSITIVE_INFINITY;
  }

  private arm(): void {
    clearTimeout(this.timer);
    const first = this.waiting[0];
    if (first === undefined) return;
    const dueMs = Math.min(
      ...this.waiting.map((each) => Math.min(this.waitMs(each.priority), each.untilMs - this.nowMs())),
    );
    this.timer = setTimeout(() => this.serve(), Math.max(1, dueMs));
  }

  private serve(): void {
    const nowMs = this.nowMs();
    const still: Waiting[] = [];
    for (const each of this.waiting) {
      const needMs = this.waitMs(each.priority);
      if (needMs === 0) {
        this.spend();
        each.resolve();
      } else if (nowMs >= each.untilMs) each.reject(tooLong(needMs));
      else still.push(each);
    }
    this.waiting = still;
    this.arm();
  }
}

function tooLong(needMs: number): BrokerError {
  const retryAfterMs = Number.isFinite(needMs) ? Math.max(1, Math.ceil(needMs)) : MINUTE_MS;
  return new BrokerError(
    'rate_limited',
    `the broker's rate limit leaves no room for ${Math.ceil(retryAfterMs / 1_000)} s`,
    { retryAfterMs },
  );
}
