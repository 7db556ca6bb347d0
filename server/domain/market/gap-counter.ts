import { newYorkDate, sessionOn, sessionsBetween } from '@/server/domain/calendar';
import type { Bar } from '@/server/domain/exchange/types';
import { type Period, slotsOf } from './period';
import { type Gap, intradayGaps } from './verify-bars';

const HALF_HOUR_MS = 1_800_000;
/** More gaps are counted, not named. */
const NAMED_GAPS = 20;

/** Counts what the calendar has and a run of bars has not, bar by bar: see `gapsOf`. Bars come in order, oldest or newest first. */
export class GapCounter {
  gaps = 0;
  missing = 0;
  /** The first gaps, in the order in which they were found. */
  readonly named: Gap[] = [];
  #date: string | null = null;
  /** Instants from and to which the date is known not to change. */
  #sameFromMs = 0;
  #sameToMs = 0;
  #ends = new Set<number>();

  constructor(readonly period: Period) {}

  add({ startMs, endMs }: Bar): void {
    if (startMs < this.#sameFromMs || startMs >= this.#sameToMs) {
      // Dates change at a half hour at the earliest: within one, the date need not be looked up again.
      this.#sameFromMs = startMs - (startMs % HALF_HOUR_MS);
      this.#sameToMs = this.#sameFromMs + HALF_HOUR_MS;
      this.#turnTo(newYorkDate(startMs));
    }
    if (this.period !== '1d') this.#ends.add(endMs);
  }

  end(): void {
    const session = this.#date === null ? null : sessionOn(this.#date);
    if (session !== null && this.period !== '1d')
      for (const gap of intradayGaps(session, this.#ends, this.period)) this.#count(gap);
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
      const { date, openMs, closeMs } = session;
      const bars = this.period === '1d' ? 1 : slotsOf(session, this.period, 'clock').length;
      this.#count({ date, fromMs: openMs, toMs: closeMs, bars });
    }
  }

  #count(gap: Gap): void {
    this.gaps += 1;
    this.missing += gap.bars;
    if (this.named.length < NAMED_GAPS) this.named.push(gap);
  }
}
