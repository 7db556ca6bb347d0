import { newYorkDate, sessionOn, sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { minuteGaps } from './verify-bars';

const HALF_HOUR_MS = 1_800_000;

/** Counts what the calendar has and a run of bars has not, bar by bar: see `gapsOf`. Bars come in order, oldest or newest first. */
export class GapCounter {
  gaps = 0;
  missing = 0;
  #date: string | null = null;
  /** Instants from and to which the date is known not to change. */
  #sameFromMs = 0;
  #sameToMs = 0;
  #ends = new Set<number>();

  constructor(readonly period: '1m' | '1d') {}

  add({ startMs, endMs }: Bar): void {
    if (startMs < this.#sameFromMs || startMs >= this.#sameToMs) {
      // Dates change at a half hour at the earliest: within one, the date need not be looked up again.
      this.#sameFromMs = startMs - (startMs % HALF_HOUR_MS);
      this.#sameToMs = this.#sameFromMs + HALF_HOUR_MS;
      this.#turnTo(newYorkDate(startMs));
    }
    if (this.period === '1m') this.#ends.add(endMs);
  }

  end(): void {
    const session = this.#date === null ? null : sessionOn(this.#date);
    if (session !== null && this.period === '1m')
      for (const { bars } of minuteGaps(session, this.#ends)) this.#count(bars);
    this.#ends = new Set();
  }

  #turnTo(date: string): void {
    const before = this.#date;
    if (before === date) return;
    this.end();
    this.#date = date;
    if (before === null) return;
    const [from, to] = before < date ? [before, date] : [date, before];
    for (const session of sessionsBetween(from, to)) {
      if (session.date === from || session.date === to) continue;
      if (this.period === '1d') this.#count(1);
      else for (const { bars } of minuteGaps(session, new Set())) this.#count(bars);
    }
  }

  #count(bars: number): void {
    this.gaps += 1;
    this.missing += bars;
  }
}
