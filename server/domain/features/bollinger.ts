import { Ring } from './ring';

/** Bollinger bands: simple average ± `width` population standard deviations. */
export class Bollinger {
  readonly #ring: Ring;
  readonly #width: number;
  #sum = 0;
  #mean = 0;
  #squares = 0;
  /** Each is NaN until a full period is in. */
  middle = Number.NaN;
  upper = Number.NaN;
  lower = Number.NaN;
  /** Population standard deviation. */
  deviation = Number.NaN;

  constructor(period: number, width: number) {
    this.#ring = new Ring(period);
    this.#width = width;
  }

  /** @returns the middle band */
  next(input: number): number {
    const ring = this.#ring;
    const wasFilled = ring.filled;
    const out = ring.push(input);
    this.#sum += input - out;
    if (ring.wrapped) {
      // Computed again once a period, so that rounding cannot build up.
      this.#sum = ring.sum();
      this.#mean = this.#sum / ring.length;
      this.#squares = ring.squaresAround(this.#mean);
    } else if (wasFilled) {
      const before = this.#mean;
      this.#mean = this.#sum / ring.length;
      // Welford's update for a window: exact in the reals, and without the difference of two large sums.
      this.#squares += (input - out) * (input - this.#mean + out - before);
    }
    if (!ring.filled) return Number.NaN;
    const spread = this.#width * this.#deviate();
    this.middle = this.#mean;
    this.upper = this.#mean + spread;
    this.lower = this.#mean - spread;
    return this.middle;
  }

  #deviate(): number {
    // Rounding may leave a trace below zero where all values are equal.
    this.deviation = this.#squares > 0 ? Math.sqrt(this.#squares / this.#ring.length) : 0;
    return this.deviation;
  }
}
