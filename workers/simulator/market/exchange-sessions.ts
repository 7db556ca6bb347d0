import { isOpen, nextClose, nextOpen, sessionsBetween } from '@/server/domain/calendar';
import type { MarketSession, Sessions } from './types';

/** Sessions of a recording: those of the New York Stock Exchange, and closed for good once the recording is over. */
export class ExchangeSessions implements Sessions {
  readonly roundTheClock = false;
  private readonly endMs: number;

  constructor(endMs: number) {
    this.endMs = endMs;
  }

  isOpen(atMs: number): boolean {
    return atMs < this.endMs && isOpen(atMs);
  }

  nextOpen(atMs: number): number {
    return nextOpen(atMs);
  }

  nextClose(atMs: number): number {
    return nextClose(atMs);
  }

  between(fromDate: string, toDate: string): MarketSession[] {
    return sessionsBetween(fromDate, toDate);
  }
}
