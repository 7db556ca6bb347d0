import { QuoteGate } from '@/server/application/execution/quote-gate';
import type { Bar, Quote } from '@/server/domain/exchange/types';
import { formatUnits } from '@/server/domain/money/decimal';
import { underLease } from '../runtime/lease-role';
import type { Held, RoleContext } from '../runtime/role';
import { Wake } from '../runtime/wake';
import { keepAssets } from './assets';
import { MarketClockReader } from './market-clock';

/** A symbol's quotes are announced at most this often. */
const ANNOUNCE_MS = 250;
/** How much of the past is fetched when there are no bars yet: a session and a bit. */
const FIRST_BARS_MS = 8 * 3_600_000;
/** A bar older than this when it comes is history: stored, not announced. */
const FRESH_BAR_MS = 180_000;

const payload = ({ symbol, bid, ask, atMs }: Quote, receivedAtMs: number) =>
  JSON.stringify({
    symbol,
    bid: formatUnits(bid),
    ask: formatUnits(ask),
    quotedAt: new Date(atMs).toISOString(),
    receivedAt: new Date(receivedAtMs).toISOString(),
  });

/**
 * Takes quotes and bars in, and writes them as fast as the database takes them, or, where another engine keeps every quote,
 * as often as that one asks for: only the newest of a symbol waits.
 */
class MarketIntake {
  readonly gate = new QuoteGate();
  private readonly role: RoleContext;
  private readonly clock: MarketClockReader;
  private readonly waiting = new Map<string, Quote>();
  private readonly writtenMs = new Map<string, number>();
  private readonly due = new Wake();
  private readonly announcedMs = new Map<string, number>();
  private readonly unannounced = new Map<string, Quote>();
  private writing: Promise<void> | null = null;

  constructor(role: RoleContext, clock: MarketClockReader) {
    this.role = role;
    this.clock = clock;
  }

  quote(quote: Quote): void {
    if (this.gate.admit(quote, this.clock.now(), this.clock.speed) !== null) return;
    this.role.parts.quotes.offer(quote, this.role.parts.clock.nowMs());
    this.waiting.set(quote.symbol, quote);
    if (this.restMs(quote.symbol, performance.now()) <= 0) this.due.wake();
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
  }

  async bars(bars: readonly Bar[]): Promise<void> {
    const { parts, log } = this.role;
    const oldest = (this.clock.now() ?? 0) - FRESH_BAR_MS;
    const fresh = bars.filter(({ endMs }) => endMs >= oldest);
    try {
      await parts.market.writeBars(
        bars.filter(({ endMs }) => endMs < oldest),
        false,
      );
      await parts.market.writeBars(fresh, true);
    } catch (error) {
      log.warn({ err: error }, 'bars could not be stored: they are asked for again at the next connection');
    }
  }

  /** Quotes held back by the throttle. */
  async announceDue(): Promise<void> {
    const nowMs = performance.now();
    const due = [...this.unannounced.values()].filter(
      ({ symbol }) => nowMs - (this.announcedMs.get(symbol) ?? Number.NEGATIVE_INFINITY) >= ANNOUNCE_MS,
    );
    if (due.length === 0) return;
    for (const { symbol } of due) {
      this.announcedMs.set(symbol, nowMs);
      this.unannounced.delete(symbol);
    }
    const receivedAtMs = this.role.parts.clock.nowMs();
    await this.role.parts.market.announceQuotes(due.map((quote) => payload(quote, receivedAtMs)));
  }

  /** What may be written now; else how long until something may, ms. */
  private takeDue(nowMs: number): { batch: Quote[]; restMs: number } {
    const waiting = [...this.waiting.values()];
    const batch = waiting.filter(({ symbol }) => this.restMs(symbol, nowMs) <= 0);
    for (const { symbol } of batch) {
      this.waiting.delete(symbol);
      this.writtenMs.set(symbol, nowMs);
    }
    const rests = waiting.map(({ symbol }) => this.restMs(symbol, nowMs));
    return { batch, restMs: Math.max(1, Math.min(...rests)) };
  }

  /** How long a symbol's next quote is held back, ms; nothing, or less, when it may be written now. */
  private restMs(symbol: string, nowMs: number): number {
    return (this.writtenMs.get(symbol) ?? Number.NEGATIVE_INFINITY) + this.role.parts.quotes.conflateMs - nowMs;
  }

  private async write(): Promise<void> {
    const { parts, log } = this.role;
    while (this.waiting.size > 0 && !this.role.signal.aborted) {
      const { batch, restMs } = this.takeDue(performance.now());
      if (batch.length === 0) {
        await this.due.wait(restMs, this.role.signal);
        continue;
      }
      try {
        await parts.market.writeQuotes(batch);
        for (const quote of batch) this.unannounced.set(quote.symbol, quote);
        await this.announceDue();
      } catch (error) {
        // Lost for good: the next quote of the symbol is better than this one.
        log.debug({ err: error }, 'quotes could not be stored');
        await parts.clock.sleep(ANNOUNCE_MS, this.role.signal);
      }
    }
  }
}

async function wantedSymbols(role: RoleContext): Promise<readonly string[]> {
  const wanted = await role.persist(() => role.parts.market.wantedSymbols());
  return role.venue.symbols ?? wanted;
}

/** What happened before the stream was connected: the newest quotes, and every bar since the last one stored. */
async function catchUp(
  role: RoleContext,
  clock: MarketClockReader,
  intake: MarketIntake,
  symbols: readonly string[],
): Promise<void> {
  const { marketData, market } = role.parts;
  await clock.readVenue();
  await clock.poll();
  for (const quote of await marketData.latestQuotes(symbols)) intake.quote(quote);
  const last = await market.lastBarStartMs();
  const nowMs = clock.now() ?? role.parts.clock.nowMs();
  await intake.bars(
    await marketData.bars(symbols, last === null || last > nowMs ? nowMs - FIRST_BARS_MS : last + 60_000),
  );
}

async function ingest(role: RoleContext, held: Held): Promise<void> {
  const { parts, log, status } = role;
  const clock = new MarketClockReader(role);
  const clockRun = clock.run(held);
  const intake = new MarketIntake(role, clock);
  const symbols = await wantedSymbols(role);
  const assetsRun = keepAssets(role, held, symbols);
  log.info({ symbols }, 'taking in market data');
  const stream = parts.marketData.stream(symbols, {
    quote: (quote) => intake.quote(quote),
    bar: (bar) => {
      intake.bars([bar]).catch((error: unknown) => log.warn({ err: error }, 'a bar was lost'));
    },
    connected() {
      status['marketStream'] = 'connected';
      catchUp(role, clock, intake, symbols).catch((error: unknown) =>
        log.warn({ err: error }, 'market data was not caught up'),
      );
    },
    disconnected(reason) {
      status['marketStream'] = 'disconnected';
      log.warn({ reason }, 'market data disconnected');
    },
    unreadable: (reason) => log.warn({ reason }, 'market data could not be read'),
  });
  try {
    while (!held.signal.aborted) {
      status['quotes'] = { accepted: intake.gate.accepted, refused: { ...intake.gate.refused } };
      await intake.announceDue().catch((error: unknown) => log.debug({ err: error }, 'quotes were not announced'));
      await parts.clock.sleep(ANNOUNCE_MS, held.signal);
    }
  } finally {
    await stream.close();
    await clockRun;
    await assetsRun;
  }
}

/** Market data in: the broker's clock, quotes and bars, under the ingest lease. */
export function runIngest(role: RoleContext): Promise<void> {
  return underLease(role, 'ingest', (held) => ingest(role, held));
}
