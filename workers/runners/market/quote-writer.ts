import type { Quote } from '@/server/domain/exchange/types';
import { formatUnits } from '@/server/kernel/money';
import { Notifier } from '@/server/kernel/notifier';
import type { RoleContext } from '../../runtime/role';

/** A symbol's quotes are announced at most this often. */
export const ANNOUNCE_MS = 250;

const payload = ({ symbol, bid, ask, atMs }: Quote, receivedAtMs: number) =>
  JSON.stringify({
    symbol,
    bid: formatUnits(bid),
    ask: formatUnits(ask),
    quotedAt: new Date(atMs).toISOString(),
    receivedAt: new Date(receivedAtMs).toISOString(),
  });

/**
 * Writes quotes as fast as the database takes them, or, where another engine keeps every quote, as often as that one asks for:
 * only the newest of a symbol waits.
 */
export class QuoteWriter {
  private readonly waiting = new Map<string, Quote>();
  private readonly writtenMs = new Map<string, number>();
  private readonly due = new Notifier();
  private readonly announcedMs = new Map<string, number>();
  private readonly unannounced = new Map<string, Quote>();
  private writing: Promise<void> | null = null;

  constructor(private readonly role: RoleContext) {}

  offer(quote: Quote): void {
    this.role.parts.quotes.offer(quote, this.role.parts.clock.nowMs());
    this.waiting.set(quote.symbol, quote);
    if (this.restMs(quote.symbol, performance.now()) <= 0) this.due.notify();
    this.writing ??= this.write().finally(() => {
      this.writing = null;
    });
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
        await this.due.wait(this.role.parts.clock, restMs, this.role.signal);
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
