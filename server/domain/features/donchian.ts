import { WindowExtreme } from './window-extreme';

/** Donchian channel over the `period` bars before this one. */
export class Donchian {
  readonly #highs: WindowExtreme;
  readonly #lows: WindowExtreme;
  #nextUpper = Number.NaN;
  #nextLower = Number.NaN;
  /** Each is NaN until `period` bars came before. */
  upper = Number.NaN;
  lower = Number.NaN;

  constructor(period: number) {
    this.#highs = new WindowExtreme(period, 1);
    this.#lows = new WindowExtreme(period, -1);
  }

  next(high: number, low: number): void {
    this.upper = this.#nextUpper;
    this.lower = this.#nextLower;
    this.#nextUpper = this.#highs.next(high);
    this.#nextLower = this.#lows.next(low);
  }
}
