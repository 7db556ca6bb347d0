import type { StrategyBar } from '@/server/domain/strategy/bar-type';
import { Atr } from './atr';
import { Bollinger } from './bollinger';
import { Ema } from './ema';
import { Macd } from './macd';
import { Rsi } from './rsi';
import { RunningAverage } from './running-average';
import { Sma } from './sma';

/** What is known of a symbol when a bar closes. A figure is null until its bars are in. Prices in dollars. */
export interface FeatureSnapshot {
  readonly symbol: string;
  /** End of the bar, epoch ms. */
  readonly atMs: number;
  readonly close: number;
  /** The bars it was computed from: how many, and the ends of the first and the last, epoch ms. */
  readonly bars: { readonly count: number; readonly fromMs: number; readonly toMs: number };
  readonly sma20: number | null;
  readonly ema20: number | null;
  /** Wilder's, 0 to 100. */
  readonly rsi14: number | null;
  /** Wilder's. */
  readonly atr14: number | null;
  /** 12, 26, 9. */
  readonly macd: { readonly value: number; readonly signal: number; readonly histogram: number } | null;
  /** 20 bars, 2 population standard deviations. */
  readonly bollinger: { readonly lower: number; readonly middle: number; readonly upper: number } | null;
  /** Population standard deviation of the last 20 log returns, a bar. */
  readonly volatility20: number | null;
  /** Volume of this bar over the average of the 20 before it. */
  readonly relativeVolume: number | null;
  /** Average dollars traded a bar over the last 20, or over those that there are. */
  readonly dollarsPerMinute: number;
}

const known = (value: number): number | null => (Number.isFinite(value) ? value : null);

/** Features of one symbol, a bar at a time in O(1): the same as computing them over all bars again. */
export class FeatureRun {
  readonly #sma = new Sma(20);
  readonly #ema = new Ema(20);
  readonly #rsi = new Rsi(14);
  readonly #atr = new Atr(14);
  readonly #macd = new Macd(12, 26, 9);
  readonly #bands = new Bollinger(20, 2);
  readonly #returns = new Bollinger(20, 1);
  readonly #volume = new Sma(20);
  readonly #dollars = new RunningAverage(20);
  #count = 0;
  #fromMs = 0;
  #close = Number.NaN;

  constructor(readonly symbol: string) {}

  /** Takes in the next bar, in order of time. */
  next(bar: StrategyBar): FeatureSnapshot {
    const { endMs, high, low, close, volume } = bar;
    if (this.#count === 0) this.#fromMs = endMs;
    this.#count += 1;
    const usual = this.#volume.value;
    this.#volume.next(volume);
    this.#bands.next(close);
    this.#macd.next(close);
    // The first bar has no return.
    if (this.#close > 0) this.#returns.next(Math.log(close / this.#close));
    this.#close = close;
    return {
      symbol: this.symbol,
      atMs: endMs,
      close,
      bars: { count: this.#count, fromMs: this.#fromMs, toMs: endMs },
      sma20: known(this.#sma.next(close)),
      ema20: known(this.#ema.next(close)),
      rsi14: known(this.#rsi.next(close)),
      atr14: known(this.#atr.next(high, low, close)),
      macd: this.#macdNow(),
      bollinger: this.#bandsNow(),
      volatility20: known(this.#returns.deviation),
      relativeVolume: usual > 0 ? known(volume / usual) : null,
      dollarsPerMinute: this.#dollars.next(volume * close),
    };
  }

  #macdNow(): FeatureSnapshot['macd'] {
    const { value, signal, histogram } = this.#macd;
    return Number.isFinite(histogram) ? { value, signal, histogram } : null;
  }

  #bandsNow(): FeatureSnapshot['bollinger'] {
    const { lower, middle, upper } = this.#bands;
    return Number.isFinite(middle) ? { lower, middle, upper } : null;
  }
}
