import { ONE, type Units } from '@/server/kernel/money';
import { hash32, NoisePath, unitHash } from './noise';
import type { MarketBar, PricePoint, PriceSource } from './types';

/** Where each synthetic price hovers, in dollars, and the seed of its own path. */
const LISTING: Readonly<Record<string, number>> = { AAPL: 190, AMZN: 180, MSFT: 420, NVDA: 120, SPY: 510 };
/** How far the logarithm of a price moves in a second: about 2% in a day. */
const VOLATILITY_PER_STEP = 4e-5;
const MINUTE_MS = 60_000;
/** Trades come at least so often, however seldom the market is quoted: a minute of few quotes is not one of few trades. */
const TRADE_MS = 5_000;
const CENT: Units = ONE / 100n;

interface Listed {
  readonly symbol: string;
  readonly index: number;
  readonly base: number;
  readonly path: NoisePath;
}

/** Salts that keep the draws of one step apart. */
const DRAW = { spread: 1, bidSize: 2, askSize: 3, tradeSize: 4 } as const;

/**
 * Five symbols, invented, round the clock or in the exchange's hours: quotes and trades every step, one-minute bars of the
 * same trades. Everything is a function of the seed and the step, so that two runs of one seed agree at every instant, and history is free.
 */
export class SyntheticMarket implements PriceSource {
  readonly kind = 'SYNTHETIC';
  readonly symbols: readonly string[];
  readonly label: string;
  readonly date = null;
  readonly sourceId = 'synthetic';
  readonly endMs = null;
  private readonly seed: number;
  private readonly stepMs: number;
  private readonly listed = new Map<string, Listed>();

  constructor(seed: number, stepMs: number, exchangeHours = false) {
    this.seed = seed;
    this.stepMs = stepMs;
    this.symbols = Object.keys(LISTING);
    const hours = exchangeHours ? 'in the exchange’s hours' : 'round the clock';
    this.label = `SYNTHETIC prices, seed ${seed}: invented, ${hours}`;
    for (const [index, symbol] of this.symbols.entries()) {
      const path = new NoisePath(hash32(seed, index, 77));
      this.listed.set(symbol, { symbol, index, base: LISTING[symbol] ?? 100, path });
    }
  }

  pointsBetween(fromMs: number, toMs: number): PricePoint[] {
    const step = Math.floor(toMs / this.stepMs);
    // Steps that were slept through are gone: a quote is about now.
    if (Math.floor(fromMs / this.stepMs) === step) return [];
    return [...this.listed.values()].map((listed) => this.point(listed, step));
  }

  pointAt(symbol: string, atMs: number): PricePoint | undefined {
    const listed = this.listed.get(symbol);
    return listed === undefined ? undefined : this.point(listed, Math.floor(atMs / this.stepMs));
  }

  nextPointMs(afterMs: number): number {
    return (Math.floor(afterMs / this.stepMs) + 1) * this.stepMs;
  }

  minuteBars(symbol: string, fromMs: number, toMs: number, limit: number): MarketBar[] {
    const listed = this.listed.get(symbol);
    const bars: MarketBar[] = [];
    if (listed === undefined) return bars;
    const first = Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS;
    for (let startMs = first; startMs + MINUTE_MS <= toMs && bars.length < limit; startMs += MINUTE_MS) {
      bars.push(this.minuteBar(listed, startMs));
    }
    return bars;
  }

  lastMinuteBar(symbol: string, atMs: number): MarketBar | undefined {
    const endMs = Math.floor(atMs / MINUTE_MS) * MINUTE_MS;
    return this.minuteBars(symbol, endMs - MINUTE_MS, endMs, 1)[0];
  }

  /** Price in whole cents. */
  private cents(listed: Listed, step: number): number {
    // The path is laid out in seconds, whatever the quote interval.
    const seconds = (step * this.stepMs) / 1000;
    return Math.max(1, Math.round(listed.base * 100 * Math.exp(VOLATILITY_PER_STEP * listed.path.at(seconds))));
  }

  private draw(listed: Listed, step: number, salt: number): number {
    return unitHash(this.seed ^ Math.imul(listed.index + 1, 0x5bd1e995), step | 0, salt);
  }

  private size(listed: Listed, step: number, salt: number): number {
    // Mostly hundreds, sometimes thousands of shares, in round lots.
    return Math.floor(100 ** (0.9 * this.draw(listed, step, salt))) * 100;
  }

  private point(listed: Listed, step: number): PricePoint {
    const cents = this.cents(listed, step);
    const bps = 1 + 2 * this.draw(listed, step, DRAW.spread);
    const spread = Math.max(1, Math.round((cents * bps) / 10_000));
    const bid = Math.max(1, cents - Math.floor(spread / 2));
    return {
      quote: {
        symbol: listed.symbol,
        bid: BigInt(bid) * CENT,
        ask: BigInt(bid + spread) * CENT,
        bidSize: BigInt(this.size(listed, step, DRAW.bidSize)) * ONE,
        askSize: BigInt(this.size(listed, step, DRAW.askSize)) * ONE,
        atMs: step * this.stepMs,
      },
      tradePrice: BigInt(cents) * CENT,
      tradeSize: this.tradeSize(listed, step),
    };
  }

  /** @param trade number of the trade: of the step, where the market is quoted at least as often as it trades */
  private tradeSize(listed: Listed, trade: number): number {
    return 1 + Math.floor(800 * this.draw(listed, trade, DRAW.tradeSize) ** 2);
  }

  private minuteBar(listed: Listed, startMs: number): MarketBar {
    const endMs = startMs + MINUTE_MS;
    const paceMs = Math.min(this.stepMs, TRADE_MS);
    const first = Math.ceil(startMs / paceMs);
    const last = Math.max(first, Math.ceil(endMs / paceMs) - 1);
    const centsAt = (trade: number) => this.cents(listed, Math.floor((trade * paceMs) / this.stepMs));
    const open = centsAt(first);
    let [high, low, close, volume] = [open, open, open, 0];
    for (let trade = first; trade <= last; trade += 1) {
      close = centsAt(trade);
      high = Math.max(high, close);
      low = Math.min(low, close);
      volume += this.tradeSize(listed, trade);
    }
    const price = (cents: number): Units => BigInt(cents) * CENT;
    return {
      symbol: listed.symbol,
      startMs,
      endMs,
      volume,
      trades: last - first + 1,
      open: price(open),
      high: price(high),
      low: price(low),
      close: price(close),
    };
  }
}
