import { requirePeriod } from './ring';

/** Exponential moving average with 2 / (period + 1), seeded with the simple average of the first period. */
export class Ema {
  readonly #period: number;
  readonly #weight: number;
  #count = 0;
  #sum = 0;
  /** NaN until a full period is in. */
  value = Number.NaN;

  constructor(period: number) {
    requirePeriod(period);
    this.#period = period;
    this.#weight = 2 / (period + 1);
  }

  next(input: number): number {
    if (this.#count >= this.#period) {
      this.value += this.#weight * (input - this.value);
      return this.value;
    }
    this.#count += 1;
    this.#sum += input;
    if (this.#count === this.#period) this.value = this.#sum / this.#period;
    return this.value;
  }
}
