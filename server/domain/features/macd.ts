import { Ema } from './ema';

/** Moving average convergence and divergence: fast less slow EMA, its own EMA (`signal`), and their difference. */
export class Macd {
  readonly #fast: Ema;
  readonly #slow: Ema;
  readonly #signal: Ema;
  /** Each is NaN until it is known. */
  value = Number.NaN;
  signal = Number.NaN;
  histogram = Number.NaN;

  constructor(fast: number, slow: number, signal: number) {
    this.#fast = new Ema(fast);
    this.#slow = new Ema(slow);
    this.#signal = new Ema(signal);
  }

  next(input: number): number {
    const value = this.#fast.next(input) - this.#slow.next(input);
    // NaN while an average is not known: it must not seed the signal.
    if (Number.isNaN(value)) return value;
    this.value = value;
    this.signal = this.#signal.next(value);
    this.histogram = value - this.signal;
    return value;
  }
}
