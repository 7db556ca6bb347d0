import type { MarketData, MarketRefusal } from '@/server/application/ports/market-data';
import type { MarketStore } from '@/server/application/ports/market-store';
import type { Bar } from '@/server/domain/exchange/types';
import type { Log } from '@/server/kernel/log';
import { BarSequence, type SequencedBar } from './bar-sequence';
import { MINUTE_MS, type SessionMinutes } from './minutes';
import type { MarketTime, QuoteGate } from './quote-gate';
import type { MarketTally } from './tally';

/** The source's bar of a minute is asked for so long after its end, in wall time; what it has not by then did not trade. */
export const GRACE_MS = 5_000;
/** How much of the past is fetched for a symbol that has no bars yet: a session and a bit. */
const FIRST_BARS_MS = 8 * 3_600_000;
/** After a longer time away the rest is a matter of importing history. */
const MOST_BACK_MS = 7 * 86_400_000;
/** What was last stored before a break may have been corrected meanwhile. */
const OVERLAP_MS = 2 * MINUTE_MS;
/** A bar older than this when it is stored is history: not announced. */
const FRESH_BAR_MS = 180_000;
/** Symbols whose next minutes are so close are asked for together. */
const TOGETHER_MS = 3_600_000;
const FIRST_RETRY_MS = 1_000;
const MAX_RETRY_MS = 30_000;

export interface BarAssemblerParts {
  readonly marketData: Pick<MarketData, 'bars'>;
  readonly market: Pick<MarketStore, 'writeBars' | 'correctBars' | 'lastBars'>;
  /** Repeats database work until it is done. */
  readonly persist: <T>(work: () => Promise<T>) => Promise<T>;
  readonly time: MarketTime;
  /**
   * The market's time if the venue has said it within the grace, else null: a market that stood still meanwhile (a recording whose
   * player died) has not had the minutes that our clock has counted.
   */
  readonly confirmedMarketMs: () => number | null;
  readonly gate: QuoteGate;
  readonly tally: MarketTally;
  readonly minutes: SessionMinutes;
  readonly log: Log;
  /** For durations, ms. */
  readonly monotonicMs: () => number;
}

/**
 * Stores every minute of every symbol once, in order: as the stream sends them, else by asking for what is missing. Called from
 * one loop: {@link settle} is never under way twice.
 */
export class BarAssembler {
  private readonly sequences = new Map<string, BarSequence>();
  private readonly early = new Map<string, Bar[]>();
  private readonly late: Bar[] = [];
  private wanted: readonly string[] = [];
  /** Symbols whose bars are asked for although none is known to be missing. */
  private readonly awaitingBackfill = new Set<string>();
  private retryAtMs = Number.NEGATIVE_INFINITY;
  private retryMs = FIRST_RETRY_MS;
  private failing = false;

  constructor(private readonly parts: BarAssemblerParts) {}

  want(symbols: readonly string[]): void {
    this.wanted = symbols;
    for (const symbol of [...this.sequences.keys()]) {
      if (!symbols.includes(symbol)) this.sequences.delete(symbol);
    }
  }

  /** The stream was away: what it would have sent meanwhile is asked for. */
  requestBackfill(): void {
    for (const symbol of this.wanted) {
      this.awaitingBackfill.add(symbol);
      this.sequences.get(symbol)?.awaitAnswer();
    }
    this.retryAtMs = Number.NEGATIVE_INFINITY;
  }

  /** A bar as it comes. */
  onBar(bar: Bar): void {
    if (!this.accept(bar)) return;
    const sequence = this.sequences.get(bar.symbol);
    if (sequence !== undefined) this.offer(sequence, bar, true);
    else this.early.set(bar.symbol, [...(this.early.get(bar.symbol) ?? []), bar].slice(-100));
  }

  /** Minutes that a symbol waits for. */
  missing(symbol: string): number {
    return this.sequences.get(symbol)?.missing(this.endedMs()) ?? 0;
  }

  /** One round: begins symbols that are new, asks for what is missing, stores what can go out. */
  async settle(): Promise<void> {
    const nowMs = this.parts.time.now();
    if (nowMs === null) return;
    await this.begin(nowMs);
    await this.store(nowMs);
    const confirmedMarketMs = this.parts.confirmedMarketMs();
    if (confirmedMarketMs === null) return;
    await this.ask(confirmedMarketMs);
    await this.store(nowMs);
  }

  private endedMs(): number {
    return (this.parts.confirmedMarketMs() ?? Number.NEGATIVE_INFINITY) - GRACE_MS * this.parts.time.speed;
  }

  private accept(bar: Bar): boolean {
    const fault = this.parts.gate.bar(bar);
    if (fault === null) return true;
    this.parts.tally.refuse(bar.symbol, fault);
    return false;
  }

  private async begin(nowMs: number): Promise<void> {
    const { market, persist, minutes, tally } = this.parts;
    const news = this.wanted.filter((symbol) => !this.sequences.has(symbol));
    if (news.length === 0) return;
    // A database may hold bars of another market's time, later than this one's.
    const last = await persist(() => market.lastBars(news, nowMs));
    for (const symbol of news) {
      const bar = last.get(symbol) ?? null;
      const known = bar !== null && bar.startMs > nowMs - MOST_BACK_MS ? bar : null;
      const fromMs = bar === null ? nowMs - FIRST_BARS_MS : nowMs - MOST_BACK_MS;
      const sequence = new BarSequence(known, fromMs, minutes);
      sequence.awaitAnswer();
      this.sequences.set(symbol, sequence);
      this.awaitingBackfill.add(symbol);
      tally.of(symbol).lastBarMs = bar?.startMs ?? null;
      for (const each of this.early.get(symbol) ?? []) this.offer(sequence, each, true);
      this.early.delete(symbol);
    }
  }

  private offer(sequence: BarSequence, bar: Bar, streamed: boolean): boolean {
    const offered = sequence.offer(bar);
    if (offered === 'late') this.late.push(bar);
    else if (offered === 'duplicate' && streamed) this.parts.tally.refuse(bar.symbol, 'duplicate');
    return offered === 'held';
  }

  private async ask(nowMs: number): Promise<void> {
    const { log, monotonicMs } = this.parts;
    if (monotonicMs() < this.retryAtMs) return;
    const lacking = this.lacking();
    for (let group = lacking.splice(0); group.length > 0; ) {
      const fromMs = Math.min(...group.map(([, sequence]) => sequence.nextMs));
      const near = group.filter(([, sequence]) => sequence.nextMs <= fromMs + TOGETHER_MS);
      group = group.filter((each) => !near.includes(each));
      try {
        await this.askFor(near, fromMs, nowMs);
        if (this.failing) log.info({}, 'missing bars are answered again');
        this.failing = false;
        this.retryMs = FIRST_RETRY_MS;
        this.retryAtMs = monotonicMs() + FIRST_RETRY_MS;
      } catch (error) {
        if (!this.failing) log.warn({ err: error }, 'missing bars could not be asked for: bars after them wait');
        this.failing = true;
        this.retryAtMs = monotonicMs() + this.retryMs;
        this.retryMs = Math.min(this.retryMs * 2, MAX_RETRY_MS);
        return;
      }
    }
  }

  private lacking(): [string, BarSequence][] {
    const endedMs = this.endedMs();
    return [...this.sequences].filter(
      ([symbol, sequence]) => this.awaitingBackfill.has(symbol) || sequence.lacks(endedMs),
    );
  }

  private async askFor(symbols: readonly [string, BarSequence][], fromMs: number, nowMs: number): Promise<void> {
    const { marketData, tally, time } = this.parts;
    const names = symbols.map(([symbol]) => symbol);
    const refusals: MarketRefusal[] = [];
    const bars = await marketData.bars(names, { fromMs: fromMs - OVERLAP_MS }, (refusal) => {
      tally.refuse(refusal.symbol, refusal.reason);
      refusals.push(refusal);
    });
    for (const [symbol, sequence] of symbols) {
      // A minute that is not over yet is no bar.
      const over = bars.filter((bar) => bar.symbol === symbol && bar.endMs <= nowMs);
      const own = over.filter((bar) => this.accept(bar));
      for (const bar of over) if (!own.includes(bar)) sequence.markUnreadable(bar.startMs);
      for (const { symbol: of, atMs } of refusals) {
        if (of !== symbol) continue;
        if (atMs === null) sequence.markUnreadableBefore(nowMs);
        else sequence.markUnreadable(atMs);
      }
      const history = sequence.newest === null;
      const filled = own.filter((bar) => this.offer(sequence, bar, false)).length;
      if (!history) tally.of(symbol).gaps += filled;
      // A source that has later minutes has the earlier ones too.
      sequence.markAnswered(Math.max(nowMs - GRACE_MS * time.speed - MINUTE_MS + 1, own.at(-1)?.startMs ?? 0));
      this.awaitingBackfill.delete(symbol);
    }
  }

  private async store(nowMs: number): Promise<void> {
    const { market, persist, tally, time } = this.parts;
    const ready = [...this.sequences.values()].flatMap((sequence) => sequence.release());
    if (ready.length > 0) {
      ready.sort((a, b) => a.bar.startMs - b.bar.startMs);
      const oldest = nowMs - FRESH_BAR_MS - GRACE_MS * time.speed;
      await persist(() =>
        market.writeBars(
          ready.filter(({ bar }) => bar.endMs < oldest),
          false,
        ),
      );
      await persist(() =>
        market.writeBars(
          ready.filter(({ bar }) => bar.endMs >= oldest),
          true,
        ),
      );
      for (const each of ready) this.count(each);
    }
    const late = this.late.splice(0);
    if (late.length === 0) return;
    for (const { symbol } of await persist(() => market.correctBars(late))) tally.of(symbol).corrected += 1;
  }

  private count({ bar, source }: SequencedBar): void {
    const tally = this.parts.tally.of(bar.symbol);
    if (source === 'SOURCE') tally.bars += 1;
    else tally.empty += 1;
    tally.lastBarMs = bar.startMs;
  }
}
