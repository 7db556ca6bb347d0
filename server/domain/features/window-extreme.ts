import { requirePeriod } from './ring';

/** Highest (`sign` 1) or lowest (-1) of the last `period` values: a queue that keeps only what may yet lead. O(1) amortised. */
export class WindowExtreme {
  readonly #values: Float64Array;
  readonly #times: Float64Array;
  #head = 0;
  #size = 0;
  #time = 0;

  constructor(
    readonly period: number,
    readonly sign: 1 | -1,
  ) {
    requirePeriod(period);
    this.#values = new Float64Array(period);
    this.#times = new Float64Array(period);
  }

  /** @returns the extreme including `input`; NaN until a full period is in */
  next(input: number): number {
    const { period, sign } = this;
    if (this.#size > 0 && (this.#times[this.#head] ?? 0) <= this.#time - period) this.#drop();
    while (this.#size > 0 && sign * (this.#values[this.#tail(this.#size - 1)] ?? 0) <= sign * input) this.#size -= 1;
    const at = this.#tail(this.#size);
    this.#values[at] = input;
    this.#times[at] = this.#time;
    this.#size += 1;
    this.#time += 1;
    return this.#time >= period ? (this.#values[this.#head] ?? Number.NaN) : Number.NaN;
  }

  #drop(): void {
    this.#head = this.#tail(1);
    this.#size -= 1;
  }

  #tail(offset: number): number {
    const at = this.#head + offset;
    return at >= this.period ? at - this.period : at;
  }
}
