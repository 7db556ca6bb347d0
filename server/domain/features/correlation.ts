import { requirePeriod } from './ring';

/**
 * Pearson's correlation of two series over the last `period` pairs, -1 to 1. O(1) a pair: sums are of distances from a centre
 * near the values, and both are computed again once a period, so that rounding cannot build up.
 */
export class Correlation {
  readonly #xs: Float64Array;
  readonly #ys: Float64Array;
  #at = 0;
  #count = 0;
  #centreX = 0;
  #centreY = 0;
  #x = 0;
  #y = 0;
  #xx = 0;
  #yy = 0;
  #xy = 0;
  /** NaN until a full period is in, and where one of the series stands still. */
  value = Number.NaN;

  constructor(readonly period: number) {
    requirePeriod(period);
    this.#xs = new Float64Array(period);
    this.#ys = new Float64Array(period);
  }

  next(x: number, y: number): number {
    if (this.#count === this.period) this.#add(this.#xs[this.#at] ?? 0, this.#ys[this.#at] ?? 0, -1);
    else this.#count += 1;
    this.#xs[this.#at] = x;
    this.#ys[this.#at] = y;
    this.#at = this.#at + 1 === this.period ? 0 : this.#at + 1;
    if (this.#at === 0) this.#sumAnew(x, y);
    else this.#add(x, y, 1);
    if (this.#count === this.period) this.value = this.#ratio();
    return this.value;
  }

  #add(x: number, y: number, sign: 1 | -1): void {
    const [dx, dy] = [x - this.#centreX, y - this.#centreY];
    this.#x += sign * dx;
    this.#y += sign * dy;
    this.#xx += sign * dx * dx;
    this.#yy += sign * dy * dy;
    this.#xy += sign * dx * dy;
  }

  #sumAnew(centreX: number, centreY: number): void {
    this.#centreX = centreX;
    this.#centreY = centreY;
    this.#x = 0;
    this.#y = 0;
    this.#xx = 0;
    this.#yy = 0;
    this.#xy = 0;
    for (let i = 0; i < this.period; i += 1) this.#add(this.#xs[i] ?? 0, this.#ys[i] ?? 0, 1);
  }

  #ratio(): number {
    const n = this.period;
    const varianceX = this.#xx - (this.#x * this.#x) / n;
    const varianceY = this.#yy - (this.#y * this.#y) / n;
    const scale = Math.sqrt(varianceX * varianceY);
    // Rounding leaves a trace where a series stands still: against its own size it is nothing.
    if (!(varianceX > 1e-12 * this.#xx && varianceY > 1e-12 * this.#yy)) return Number.NaN;
    const ratio = (this.#xy - (this.#x * this.#y) / n) / scale;
    return ratio > 1 ? 1 : ratio < -1 ? -1 : ratio;
  }
}
