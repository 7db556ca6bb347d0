import { Ring } from './ring';

/** Average of the values so far, at most the last `period`: known from the first one on. */
export class RunningAverage {
  readonly #ring: Ring;
  #sum = 0;
  #count = 0;

  constructor(period: number) {
    this.#ring = new Ring(period);
  }

  next(input: number): number {
    const ring = this.#ring;
    this.#sum += input - ring.push(input);
    if (this.#count < ring.length) this.#count += 1;
    // Computed again once a period, so that rounding cannot build up.
    if (ring.wrapped) this.#sum = ring.sum();
    return this.#sum / this.#count;
  }
}
