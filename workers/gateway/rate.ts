import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { Bot } from '@/server/application/bots/place-bot-order';
import { DEFAULT_REQUESTS_PER_MINUTE } from '@/server/contracts/bots';
import { ApiError } from './errors';

const WINDOW_S = 60;

/** Counts the requests of each bot in this process, with the headers that Alpaca sends. */
export class RequestLimits {
  private readonly limiters = new Map<number, RateLimiterMemory>();

  /** Counts a request. @throws ApiError 429 */
  async take(bot: Bot): Promise<Readonly<Record<string, string>>> {
    const points = bot.settings.requests_per_minute ?? DEFAULT_REQUESTS_PER_MINUTE;
    try {
      return headersOf(points, await this.limiterOf(points).consume(bot.id));
    } catch (refused) {
      if (!(refused instanceof RateLimiterRes)) throw refused;
      const seconds = String(Math.max(1, Math.ceil(refused.msBeforeNext / 1_000)));
      const headers = { ...headersOf(points, refused), 'Retry-After': seconds };
      throw new ApiError(429, 42910000, 'rate limit exceeded', {}, headers);
    }
  }

  private limiterOf(points: number): RateLimiterMemory {
    const known = this.limiters.get(points);
    if (known !== undefined) return known;
    const limiter = new RateLimiterMemory({ points, duration: WINDOW_S });
    this.limiters.set(points, limiter);
    return limiter;
  }
}

const headersOf = (points: number, { remainingPoints, msBeforeNext }: RateLimiterRes) => ({
  'X-RateLimit-Limit': String(points),
  'X-RateLimit-Remaining': String(Math.max(0, remainingPoints)),
  'X-RateLimit-Reset': String(Math.ceil((Date.now() + msBeforeNext) / 1_000)),
});
