import type { Bar } from '@/server/domain/exchange/types';
import { MINUTE_MS, type SessionMinutes } from './minutes';

/** A bar in its place. `CLOCK`: the source has none of the minute, so it repeats the last close with volume 0. */
export interface SequencedBar {
  readonly bar: Bar;
  readonly source: 'SOURCE' | 'CLOCK';
}

/** `held`: its turn will come. `late`: bars after it are out already; it corrects what stands there. */
export type Offered = 'held' | 'duplicate' | 'late';

/** Bars whose figures are remembered, to know a repetition from a correction. */
const REMEMBERED = 30;

const equal = (a: Bar, b: Bar) =>
  a.open === b.open && a.high === b.high && a.low === b.low && a.close === b.close && a.volume === b.volume;

/**
 * Puts the bars of one symbol in order without holes. A minute of a session that the source keeps back holds up what comes
 * after it, until its bar comes or the source, asked, has none: then nothing traded in it, and the clock closes it with the last
 * close, within its session. So what comes out depends on what the source knows, not on when or in which way it answered.
 */
export class BarSequence {
  private readonly held = new Map<number, Bar>();
  private readonly released = new Map<number, Bar>();
  /** Everything before it is out, or will never be. */
  private cursorMs: number;
  /** The source has answered for every minute that begins before it. */
  private answeredUntilMs = Number.NEGATIVE_INFINITY;
  /** Minutes that the source has and that cannot be read: no bar stands for them. */
  private readonly unreadable = new Set<number>();
  /** Every minute before it without a bar may be unreadable. */
  private unreadableUntilMs = Number.NEGATIVE_INFINITY;
  /** Whether the stream was away, so that a later bar does not say that there are none before it. */
  private awaitsAnswer = false;
  /** Whether the last minute's close is known; not after an unreadable minute. */
  private closeIsKnown = true;

  /**
   * @param last the newest bar that is out; null when there is none
   * @param fromMs where to begin without one
   */
  constructor(
    private last: Bar | null,
    fromMs: number,
    private readonly minutes: SessionMinutes,
  ) {
    this.cursorMs = last === null ? Math.ceil(fromMs / MINUTE_MS) * MINUTE_MS : last.startMs + MINUTE_MS;
  }

  /** Begin of the first minute that is not out, epoch ms. */
  get nextMs(): number {
    return this.cursorMs;
  }

  get newest(): Bar | null {
    return this.last;
  }

  offer(bar: Bar): Offered {
    if (bar.startMs >= this.cursorMs) {
      const before = this.held.get(bar.startMs);
      this.held.set(bar.startMs, bar);
      return before !== undefined && equal(before, bar) ? 'duplicate' : 'held';
    }
    const known = this.released.get(bar.startMs);
    if (known !== undefined && equal(known, bar)) return 'duplicate';
    this.remember(bar);
    return 'late';
  }

  /** The stream was away: until the source has answered, no stretch is passed over because a later bar is here. */
  awaitAnswer(): void {
    this.awaitsAnswer = true;
  }

  /** The source was asked, and what was offered is all it has of minutes that begin before `beforeMs`. */
  markAnswered(beforeMs: number): void {
    this.awaitsAnswer = false;
    this.answeredUntilMs = Math.max(this.answeredUntilMs, beforeMs);
  }

  /** The source has a bar of this minute that cannot be read, so the clock must not close the minute. */
  markUnreadable(startMs: number): void {
    const minuteMs = Math.floor(startMs / MINUTE_MS) * MINUTE_MS;
    if (minuteMs >= this.cursorMs) this.unreadable.add(minuteMs);
  }

  /** The source has a bar that cannot be read, and which minute before `beforeMs` it is of is not known. */
  markUnreadableBefore(beforeMs: number): void {
    this.unreadableUntilMs = Math.max(this.unreadableUntilMs, beforeMs);
  }

  /** What can go out now, in order. */
  release(): SequencedBar[] {
    const released: SequencedBar[] = [];
    for (;;) {
      const next = this.step();
      if (next === 'wait') return released;
      if (next !== null) released.push(next);
    }
  }

  /** How many minutes of sessions that ended by `endedMs`, or lie before a bar that is here, are neither here nor answered for. */
  missing(endedMs: number): number {
    const newestHeld = Math.max(Number.NEGATIVE_INFINITY, ...this.held.keys());
    const lastMs = Math.max(endedMs - MINUTE_MS, newestHeld - MINUTE_MS);
    let count = 0;
    let startMs = this.minutes.next(Math.max(this.cursorMs, this.answeredUntilMs));
    while (startMs <= lastMs) {
      if (!this.held.has(startMs)) count += 1;
      startMs = this.minutes.next(startMs + MINUTE_MS);
    }
    return count;
  }

  /** Whether one is missing, in the sense of {@link missing}. */
  lacks(endedMs: number): boolean {
    if (this.held.size > 0) return this.missing(endedMs) > 0;
    return this.minutes.next(Math.max(this.cursorMs, this.answeredUntilMs)) <= endedMs - MINUTE_MS;
  }

  /** Settles the minute at the cursor, or a stretch in which none is due. */
  private step(): SequencedBar | null | 'wait' {
    const startMs = this.cursorMs;
    const bar = this.held.get(startMs);
    if (bar !== undefined) {
      this.held.delete(startMs);
      this.unreadable.delete(startMs);
      this.closeIsKnown = true;
      return this.put({ bar, source: 'SOURCE' });
    }
    const heldMs = Math.min(Number.POSITIVE_INFINITY, ...this.held.keys());
    const dueMs = this.minutes.next(startMs);
    if (dueMs > startMs) {
      // The stream sends bars in order, so a later one says that nothing comes of what lies before, unless the stream was away
      // meanwhile. So does the source once it was asked.
      const passed = heldMs < Number.POSITIVE_INFINITY && !this.awaitsAnswer;
      const toMs = Math.min(heldMs, dueMs, passed ? heldMs : this.answeredUntilMs);
      if (toMs <= startMs) return 'wait';
      this.cursorMs = toMs;
      return null;
    }
    if (startMs >= this.answeredUntilMs) return 'wait';
    return this.close(startMs);
  }

  /** A minute in which nothing traded. Before a session's first trade, and after an unreadable bar, there is no price to repeat. */
  private close(startMs: number): SequencedBar | null {
    const { last } = this;
    if (this.unreadable.delete(startMs) || startMs < this.unreadableUntilMs) this.closeIsKnown = false;
    const session = this.minutes.sessionOf(startMs);
    if (
      last === null ||
      !this.closeIsKnown ||
      session === null ||
      last.startMs < session ||
      this.minutes.sessionOf(last.startMs) !== session
    ) {
      this.cursorMs = startMs + MINUTE_MS;
      return null;
    }
    const { symbol, close } = last;
    const bar = {
      symbol,
      startMs,
      endMs: startMs + MINUTE_MS,
      open: close,
      high: close,
      low: close,
      close,
      volume: 0n,
    };
    return this.put({ bar, source: 'CLOCK' });
  }

  private put(sequenced: SequencedBar): SequencedBar {
    this.last = sequenced.bar;
    this.cursorMs = sequenced.bar.startMs + MINUTE_MS;
    this.remember(sequenced.bar);
    return sequenced;
  }

  private remember(bar: Bar): void {
    this.released.set(bar.startMs, bar);
    for (const oldest of this.released.keys()) {
      if (this.released.size <= REMEMBERED) break;
      this.released.delete(oldest);
    }
  }
}
