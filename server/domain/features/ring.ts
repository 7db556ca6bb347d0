/** The last `length` values. Starts empty; `filled` once it has wrapped or just become full. */
export class Ring {
  readonly #values: Float64Array;
  #at = 0;
  #count = 0;

  /** @throws RangeError unless `length` is a positive integer */
  constructor(readonly length: number) {
    requirePeriod(length);
    this.#values = new Float64Array(length);
  }

  get filled(): boolean {
    return this.#count === this.length;
  }

  /** True right after a value was written to the last place: once every `length` values. */
  get wrapped(): boolean {
    return this.#at === 0;
  }

  /** Takes a value in and gives the one that falls out (0 while filling). */
  push(value: number): number {
    const out = this.#values[this.#at] ?? 0;
    this.#values[this.#at] = value;
    this.#at = this.#at + 1 === this.length ? 0 : this.#at + 1;
    if (this.#count < this.length) this.#count += 1;
    return out;
  }

  /** Sum of what is held. */
  sum(): number {
    const values = this.#values;
    let total = 0;
    // Counted loops: iterating a typed array is several times as slow.
    for (let index = 0; index < values.length; index += 1) total += values[index] ?? 0;
    return total;
  }

  /** Sum of squared distances from `centre`. */
  squaresAround(centre: number): number {
    const values = this.#values;
    let total = 0;
    for (let index = 0; index < values.length; index += 1) {
      const distance = (values[index] ?? 0) - centre;
      total += distance * distance;
    }
    return total;
  }
}

/** @throws RangeError unless it is a positive integer */
export function requirePeriod(period: number): void {
  if (Number.isInteger(period) && period > 0) return;
  throw new RangeError(`a period must be a positive integer, not ${period}`);
}
