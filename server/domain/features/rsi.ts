import { requirePeriod } from './ring';

/** Wilder's relative strength index, 0 to 100: the first averages are over `period` changes; 100 where nothing fell. */
export class Rsi {
  readonly #period: number;
  readonly #weight: number;
  #previous = Number.NaN;
  #changes = 0;
  #gain = 0;
  #loss = 0;
  /** NaN until `period` changes are in. */
  value = Number.NaN;

  constructor(period: number) {
    requirePeriod(period);
    this.#period = period;
    this.#weight = 1 / period;
  }

  next(input: number): number {
    const change = input - this.#previous;
    this.#previous = input;
    // The first value has no change.
    if (Number.isNaN(change)) return this.value;
    const gain = change > 0 ? change : 0;
    const loss = change < 0 ? -change : 0;
    const period = this.#period;
    if (this.#changes < period) {
      this.#changes += 1;
      this.#gain += gain / period;
      this.#loss += loss / period;
      if (this.#changes < period) return this.value;
    } else {
      this.#gain += (gain - this.#gain) * this.#weight;
      this.#loss += (loss - this.#loss) * this.#weight;
    }
    this.value = this.#loss > 0 ? (100 * this.#gain) / (this.#gain + this.#loss) : 100;
    return this.value;
  }
}
