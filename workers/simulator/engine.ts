import { formatMoney, formatUnits } from '@/server/kernel/money';
import type { Broker } from './broker/broker';
import type { MarketView } from './broker/displayed';
import { DisplayedQuote } from './broker/displayed';
import type { MarketClock } from './market/market-clock';
import { newYorkDate } from './market/new-york';
import type { MarketBar, PricePoint, PriceSource, Sessions } from './market/types';

const MINUTE_MS = 60_000;
const MARK_EVERY_MS = 5 * MINUTE_MS;
/** Bars that a jump of the clock may bring at once, per symbol: the rest is history, there to be asked for. */
const MAX_BARS_AT_ONCE = 10;
/** The journal's clock record runs this far ahead, wall ms, so that a restart never repeats a time already shown. */
const CLOCK_AHEAD_WALL_MS = 2_000;
const MAX_SLEEP_MS = 1_000;

/** Where market data goes. */
export interface MarketListener {
  onPoint(point: PricePoint): void;
  onBar(bar: MarketBar): void;
  onStatus(symbol: string, halted: boolean, atMs: number): void;
}

/** The market as the broker sees it, and what tests may force upon it. */
export class SimulatedMarket implements MarketView {
  readonly source: PriceSource;
  readonly sessions: Sessions;
  readonly symbols: ReadonlySet<string>;
  forcedSession: boolean | null = null;
  private readonly shown = new Map<string, DisplayedQuote>();
  private readonly points = new Map<string, PricePoint>();
  /** Symbols whose price a test holds. */
  private readonly pinned = new Set<string>();

  constructor(source: PriceSource, sessions: Sessions) {
    this.source = source;
    this.sessions = sessions;
    this.symbols = new Set(source.symbols);
  }

  isOpen(atMs: number): boolean {
    return this.forcedSession ?? this.sessions.isOpen(atMs);
  }

  sessionClose(atMs: number): number {
    return this.sessions.nextClose(atMs);
  }

  displayed(symbol: string): DisplayedQuote | undefined {
    return this.shown.get(symbol);
  }

  /** The newest point shown. */
  point(symbol: string): PricePoint | undefined {
    return this.points.get(symbol);
  }

  /** Shows a point, with its displayed sizes untouched; a held symbol keeps its prices. Returns what is shown. */
  show(point: PricePoint): PricePoint {
    const { symbol, atMs } = point.quote;
    const held = this.pinned.has(symbol) ? this.points.get(symbol) : undefined;
    const shown = held === undefined ? point : { ...held, quote: { ...held.quote, atMs } };
    this.points.set(symbol, shown);
    this.shown.set(symbol, new DisplayedQuote(shown.quote, shown.tradePrice));
    return shown;
  }

  /** Holds a symbol at a price until {@link release}. */
  pin(point: PricePoint): void {
    this.pinned.delete(point.quote.symbol);
    this.show(point);
    this.pinned.add(point.quote.symbol);
  }

  release(symbol: string): void {
    this.pinned.delete(symbol);
  }
}

/** Moves the market through time: prices, bars, sessions, and what they do to orders. */
export class Engine {
  private readonly broker: Broker;
  private readonly market: SimulatedMarket;
  private readonly clock: MarketClock;
  private readonly listener: MarketListener;
  private reachedMs: number;
  private wasOpen: boolean;
  private nextMarkMs: number;
  private nextCloseMs: number;
  private clockRecordedMs = Number.NEGATIVE_INFINITY;
  private timer: NodeJS.Timeout | null = null;

  constructor(broker: Broker, market: SimulatedMarket, clock: MarketClock, listener: MarketListener) {
    this.broker = broker;
    this.market = market;
    this.clock = clock;
    this.listener = listener;
    this.reachedMs = clock.now();
    this.market.forcedSession = broker.state.forcedSession;
    this.nextMarkMs = (Math.floor(this.reachedMs / MARK_EVERY_MS) + 1) * MARK_EVERY_MS;
    // A close that went by while the simulator was down is caught up with.
    this.nextCloseMs = market.sessions.nextClose(Math.min(broker.state.latestAtMs, this.reachedMs));
    for (const symbol of market.source.symbols) {
      const point = market.source.pointAt(symbol, this.reachedMs);
      if (point !== undefined) market.show(point);
    }
    this.recordClock();
    // Orders left from before a restart wait for the next quote: this one may be one they have already met.
    this.broker.onTime(this.reachedMs);
    this.wasOpen = market.isOpen(this.reachedMs);
    if (this.wasOpen) this.broker.onOpen(this.reachedMs);
  }

  /** Market time, having first done all that was due by then: what a request is handled at. */
  now(): number {
    const atMs = this.clock.now();
    this.advanceTo(atMs);
    return atMs;
  }

  start(): void {
    this.schedule();
  }

  /** Stops the timer and writes the exact time, so that a restart goes on from here. */
  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
    if (this.market.source.kind === 'RECORDED') this.broker.commit({ type: 'clock', at: this.now() });
  }

  /** For tests: the market's time jumps forward, and all that lies between happens. */
  jump(ms: number): void {
    this.clock.advance(ms);
    this.now();
    this.recordClock();
  }

  /** For tests: forces the market open or closed; null gives it its own clock back. */
  forceSession(forced: boolean | null): void {
    const atMs = this.now();
    this.broker.commit({ type: 'session', forced, at: atMs });
    this.market.forcedSession = forced;
    this.sessionAt(atMs);
    for (const symbol of this.market.source.symbols) this.broker.onQuote(symbol, atMs);
  }

  /** For tests: holds a symbol at a price from now on, and matches orders against it. */
  pin(point: PricePoint): void {
    this.market.pin(point);
    this.listener.onPoint(point);
    this.broker.onQuote(point.quote.symbol, point.quote.atMs);
  }

  /** For tests: halts a symbol's trading, or resumes it. */
  setHalted(symbol: string, halted: boolean): void {
    const atMs = this.now();
    this.broker.setHalted(symbol, halted, atMs);
    this.listener.onStatus(symbol, halted, atMs);
  }

  private schedule(): void {
    const next = this.market.source.nextPointMs(this.reachedMs);
    const untilPoint = next === null ? MAX_SLEEP_MS : this.clock.wallUntil(next);
    const sleepMs = Math.min(MAX_SLEEP_MS, Math.max(1, Math.ceil(untilPoint)));
    this.timer = setTimeout(() => {
      this.now();
      this.recordClock();
      this.schedule();
    }, sleepMs);
  }

  private advanceTo(atMs: number): void {
    if (atMs <= this.reachedMs) return;
    for (const point of this.market.source.pointsBetween(this.reachedMs, atMs)) {
      this.passTo(point.quote.atMs);
      // Nothing is quoted while trading is halted.
      if (this.broker.state.halted.has(point.quote.symbol)) continue;
      const shown = this.market.show(point);
      this.listener.onPoint(shown);
      this.broker.onQuote(shown.quote.symbol, shown.quote.atMs);
    }
    this.passTo(atMs);
  }

  /** Lets time pass to an instant: bars that end, sessions that turn, orders that expire. */
  private passTo(atMs: number): void {
    if (atMs <= this.reachedMs) return;
    const fromMs = this.reachedMs;
    this.reachedMs = atMs;
    if (Math.floor(fromMs / MINUTE_MS) !== Math.floor(atMs / MINUTE_MS)) this.closeBars(fromMs, atMs);
    this.sessionAt(atMs);
    if (atMs >= this.nextMarkMs) this.mark(atMs);
  }

  private closeBars(fromMs: number, atMs: number): void {
    const firstStart = Math.max(Math.floor(fromMs / MINUTE_MS) * MINUTE_MS, atMs - MAX_BARS_AT_ONCE * MINUTE_MS);
    for (const symbol of this.market.source.symbols) {
      for (const bar of this.market.source.minuteBars(symbol, firstStart, atMs, MAX_BARS_AT_ONCE))
        this.listener.onBar(bar);
    }
  }

  private sessionAt(atMs: number): void {
    if (atMs >= this.nextCloseMs) this.closeDay(atMs);
    this.broker.onTime(atMs);
    const open = this.market.isOpen(atMs);
    if (open === this.wasOpen) return;
    this.wasOpen = open;
    // What opens waits for the first quote of the session: the one shown still speaks of the last.
    if (open) this.broker.onOpen(atMs);
    else this.broker.onClose(atMs);
  }

  private closeDay(atMs: number): void {
    const prices: Record<string, string> = {};
    for (const symbol of this.market.source.symbols) {
      const displayed = this.market.displayed(symbol);
      if (displayed !== undefined) prices[symbol] = formatUnits(displayed.lastPrice);
    }
    const date = newYorkDate(this.nextCloseMs - 1);
    this.broker.commit({ type: 'day', date, equity: formatMoney(this.broker.equity()), prices, at: atMs });
    this.nextCloseMs = this.market.sessions.nextClose(atMs);
  }

  private mark(atMs: number): void {
    this.broker.commit({ type: 'mark', equity: formatMoney(this.broker.equity()), at: atMs });
    this.nextMarkMs = (Math.floor(atMs / MARK_EVERY_MS) + 1) * MARK_EVERY_MS;
  }

  private recordClock(): void {
    if (this.market.source.kind !== 'RECORDED') return;
    const ahead = CLOCK_AHEAD_WALL_MS * this.clock.speed;
    if (this.reachedMs + ahead / 2 <= this.clockRecordedMs) return;
    this.clockRecordedMs = this.reachedMs + ahead;
    this.broker.commit({ type: 'clock', at: this.clockRecordedMs });
  }
}
