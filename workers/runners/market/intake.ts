import { BarAssembler, GRACE_MS } from '@/server/application/market/bar-assembler';
import { ALL_MINUTES, EXCHANGE_MINUTES, until } from '@/server/application/market/minutes';
import { QuoteGate } from '@/server/application/market/quote-gate';
import { MarketTally } from '@/server/application/market/tally';
import type { MarketRefusal, MarketStream, Trade } from '@/server/application/ports/market-data';
import type { MarketIntakeInfo } from '@/server/contracts/console/market-health';
import type { Bar, Quote } from '@/server/domain/exchange/types';
import type { Notifier } from '@/server/kernel/notifier';
import type { RoleContext } from '../../runtime/role';
import type { MarketClockReader } from '../market-clock';
import { QuoteWriter } from './quote-writer';

type StreamInfo = MarketIntakeInfo['stream'];

/** Takes in what the market data source tells, judged and counted. */
export class MarketIntake {
  readonly tally = new MarketTally();
  readonly writer: QuoteWriter;
  readonly bars: BarAssembler;
  stream: StreamInfo = { state: 'connecting', since: new Date().toISOString(), reason: '', connections: 0 };
  /** Monotonic time of the newest message of the stream. */
  lastMessageMs = Number.NEGATIVE_INFINITY;
  private readonly gate: QuoteGate;
  private caughtUp = true;

  /** @param due is woken when there is work for `settle` */
  constructor(
    private readonly role: RoleContext,
    private readonly clock: MarketClockReader,
    private readonly due: Notifier,
  ) {
    const { parts, persist, log } = role;
    this.gate = new QuoteGate(clock);
    this.writer = new QuoteWriter(role);
    this.bars = new BarAssembler({
      marketData: parts.marketData,
      market: parts.market,
      persist,
      time: clock,
      confirmedMarketMs: () => clock.confirmedWithin(GRACE_MS - 1_000),
      gate: this.gate,
      tally: this.tally,
      minutes: until({ next: (ms) => this.minutes().next(ms), sessionOf: (ms) => this.minutes().sessionOf(ms) }, () =>
        this.clock.closedFromMs(),
      ),
      log,
      monotonicMs: () => performance.now(),
    });
  }

  /** Exactly these are taken in from now on; the owner of the stream subscribes to them. */
  want(symbols: readonly string[]): void {
    this.gate.want(symbols);
    this.bars.want(symbols);
  }

  /** One connection after another. */
  open(symbols: readonly string[]): MarketStream {
    this.want(symbols);
    return this.role.parts.marketData.stream(symbols, {
      quote: (quote) => {
        this.lastMessageMs = performance.now();
        this.quote(quote);
      },
      trade: (trade) => {
        this.lastMessageMs = performance.now();
        this.trade(trade);
      },
      bar: (bar) => this.bar(bar),
      connected: () => this.turned('connected', ''),
      disconnected: (reason) => this.turned('disconnected', reason),
      refused: (refusal) => this.refused(refusal),
    });
  }

  refused({ symbol, reason, detail }: MarketRefusal): void {
    this.tally.refuse(symbol !== null && this.gate.wants(symbol) ? symbol : null, reason);
    this.role.log.debug({ symbol, reason, detail }, 'market data could not be read');
  }

  quote(quote: Quote): void {
    const fault = this.gate.quote(quote);
    if (fault !== null) {
      this.tally.refuse(quote.symbol, fault);
      return;
    }
    const tally = this.tally.of(quote.symbol);
    tally.quotes += 1;
    tally.lastQuoteMs = quote.atMs;
    this.writer.offer(quote);
  }

  private trade(trade: Trade): void {
    const fault = this.gate.trade(trade);
    if (fault !== null) {
      this.tally.refuse(trade.symbol, fault);
      return;
    }
    const tally = this.tally.of(trade.symbol);
    tally.trades += 1;
    tally.lastTradeMs = trade.atMs;
  }

  /** Once after each connection, and for symbols that are new: the newest quotes; bars see to themselves. */
  async catchUp(symbols: readonly string[]): Promise<void> {
    if (this.caughtUp) return;
    const { marketData } = this.role.parts;
    // A simulator may come back with another market.
    await this.clock.readVenue();
    await this.clock.poll();
    for (const quote of await marketData.latestQuotes(symbols, (refusal) => this.refused(refusal))) {
      // The stream may have been quicker.
      if (
        !this.gate.wants(quote.symbol) ||
        quote.atMs > (this.tally.of(quote.symbol).lastQuoteMs ?? Number.NEGATIVE_INFINITY)
      )
        this.quote(quote);
    }
    this.caughtUp = true;
  }

  /** The newest quotes are asked for again. */
  behind(): void {
    this.caughtUp = false;
    this.due.notify();
  }

  info(symbols: number): MarketIntakeInfo {
    return { stream: this.stream, symbols, ...this.tally.totals() };
  }

  private bar(bar: Bar): void {
    this.lastMessageMs = performance.now();
    this.bars.onBar(bar);
    this.due.notify();
  }

  private turned(state: StreamInfo['state'], reason: string): void {
    const { status, log, parts } = this.role;
    if (state === 'connected') {
      this.lastMessageMs = performance.now();
      this.bars.requestBackfill();
      this.behind();
    } else if (this.stream.state !== state || this.stream.reason !== reason)
      log.warn({ reason }, `market data disconnected: ${reason}`);
    const connections = this.stream.connections + (state === 'connected' ? 1 : 0);
    // The attempts of one outage do not begin it again.
    const since = this.stream.state === state ? this.stream.since : new Date(parts.clock.nowMs()).toISOString();
    this.stream = { state, since, reason, connections };
    status['marketStream'] = state;
  }

  private minutes() {
    return this.clock.roundTheClock ? ALL_MINUTES : EXCHANGE_MINUTES;
  }
}
