import { Ring } from './ring';

/** Simple moving average. O(1) a value; the sum is computed again once a period, so that rounding cannot build up. */
export class Sma {
  readonly #ring: Ring;
  #sum = 0;
  /** NaN until a full period is in. */
  value = Number.NaN;

  constructor(period: number) {
    this.#ring = new Ring(period);
  }

  next(input: number): number {
    const ring = this.#ring;
    this.#sum += input - ring.push(input);
    if (ring.wrapped) this.#sum = ring.sum();
    if (ring.filled) this.value = this.#sum / ring.length;
    return this.value;
  }
}
