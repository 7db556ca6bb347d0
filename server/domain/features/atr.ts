import { requirePeriod } from './ring';

/** Wilder's average true range. The first bar has no true range, as it has no close before it. */
export class Atr {
  readonly #period: number;
  readonly #weight: number;
  #previousClose = Number.NaN;
  #count = 0;
  #sum = 0;
  /** NaN until `period` true ranges are in. */
  value = Number.NaN;

  constructor(period: number) {
    requirePeriod(period);
    this.#period = period;
    this.#weight = 1 / period;
  }

  next(high: number, low: number, close: number): number {
    const before = this.#previousClose;
    this.#previousClose = close;
    if (Number.isNaN(before)) return this.value;
    const range = (high > before ? high : before) - (low < before ? low : before);
    const period = this.#period;
    if (this.#count >= period) {
      this.value += (range - this.value) * this.#weight;
      return this.value;
    }
    this.#count += 1;
    this.#sum += range;
    if (this.#count === period) this.value = this.#sum / period;
    return this.value;
  }
}
