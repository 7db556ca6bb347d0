import { addDays, newYorkDate, newYorkMidnight } from './new-york';
import type { MarketSession, Sessions } from './types';

/**
 * Sessions of the synthetic market: it never closes; a session is a day from midnight to midnight in New York, at which
 * DAY orders expire and the next trading day begins.
 */
export class RoundTheClockSessions implements Sessions {
  readonly roundTheClock = true;
  private cachedDate = '';
  private cachedFromMs = 0;
  private cachedToMs = 0;

  isOpen(): boolean {
    return true;
  }

  nextOpen(atMs: number): number {
    return this.nextClose(atMs);
  }

  nextClose(atMs: number): number {
    if (atMs < this.cachedFromMs || atMs >= this.cachedToMs) {
      this.cachedDate = newYorkDate(atMs);
      this.cachedFromMs = newYorkMidnight(this.cachedDate);
      this.cachedToMs = newYorkMidnight(addDays(this.cachedDate, 1));
    }
    return this.cachedToMs;
  }

  between(fromDate: string, toDate: string): MarketSession[] {
    const sessions: MarketSession[] = [];
    for (let date = fromDate; date <= toDate; date = addDays(date, 1)) {
      sessions.push({ date, openMs: newYorkMidnight(date), closeMs: newYorkMidnight(addDays(date, 1)) });
    }
    return sessions;
  }
}
