import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import { Slots } from '@/server/kernel/semaphore';

/** Attempts a minute from browsers that have never signed in before. */
const FROM_ONE_ADDRESS = 20;
const IN_TOTAL = 120;
/** Each hash takes 19 MiB and a core for some 30 ms. */
const HASHES_AT_ONCE = 2;
/** Attempts from unknown browsers that may wait for their hash. */
const MOST_WAITING = 20;

/**
 * Keeps strangers who guess from slowing the console down (M7), within this process. A browser that the person has signed in with
 * before is neither counted nor turned away: it has the limit of its own failures.
 */
export class SignInLimits {
  private readonly byAddress = new RateLimiterMemory({ points: FROM_ONE_ADDRESS, duration: 60 });
  private readonly total = new RateLimiterMemory({ points: IN_TOTAL, duration: 60 });
  private readonly strangers = new Slots(HASHES_AT_ONCE);
  private waiting = 0;

  /**
   * Runs the check of a password, or does not.
   * @param address of the request; empty where it is not known, and then only the total counts
   * @returns null where there were too many attempts
   */
  async run<T>(known: boolean, address: string, check: () => Promise<T>): Promise<T | null> {
    if (known) return await check();
    if (this.waiting >= MOST_WAITING) return null;
    this.waiting += 1;
    try {
      if (address !== '' && !(await isWithin(this.byAddress, address))) return null;
      if (!(await isWithin(this.total, 'all'))) return null;
      return await this.strangers.use(check);
    } finally {
      this.waiting -= 1;
    }
  }
}

async function isWithin(limiter: RateLimiterMemory, key: string): Promise<boolean> {
  try {
    await limiter.consume(key);
    return true;
  } catch (refused) {
    if (refused instanceof RateLimiterRes) return false;
    throw refused;
  }
}
