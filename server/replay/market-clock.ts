import {
  currentOrNextSession,
  isOpen,
  newYorkDate,
  nextClose,
  nextOpen,
  type Session,
  sessionOn,
} from '@/server/domain/calendar';

/** A `session` line: the market is as it says on [fromMs, untilMs), whatever the calendar says. */
interface Override {
  readonly open: boolean;
  readonly fromMs: number;
  /** The next calendar open or close. */
  readonly untilMs: number;
}

/** The virtual clock and the hours of the market: the NYSE calendar, and what `session` lines say against it. */
export class MarketClock {
  nowMs: number;
  private override: Override | null = null;
  private session: Session | null = null;
  /** `session` is the answer for any instant on [knownFromMs, session.closeMs). */
  private knownFromMs = Number.POSITIVE_INFINITY;

  constructor(startMs: number) {
    this.nowMs = startMs;
  }

  /** Whether the market is open now. */
  isOpen(): boolean {
    const { override, nowMs } = this;
    if (override !== null && nowMs >= override.fromMs && nowMs < override.untilMs) return override.open;
    return isOpen(nowMs);
  }

  /** Opens or closes the market by hand until the calendar's next open or close. */
  setOverride(open: boolean): void {
    const { nowMs } = this;
    this.override = { open, fromMs: nowMs, untilMs: Math.min(nextOpen(nowMs), nextClose(nowMs)) };
  }

  /** Whether the market trades at any time of [startMs, endMs). A session line decides for the time it covers. */
  tradesDuring(startMs: number, endMs: number): boolean {
    const { override } = this;
    if (override !== null && endMs > override.fromMs && startMs < override.untilMs) return override.open;
    return endMs > this.sessionFrom(startMs).openMs;
  }

  /** The session running at an instant, else the next one. */
  sessionFrom(epochMs: number): Session {
    const { session } = this;
    if (session !== null && epochMs >= this.knownFromMs && epochMs < session.closeMs) return session;
    const found = currentOrNextSession(epochMs);
    this.session = found;
    this.knownFromMs = epochMs;
    return found;
  }

  /** Time to the calendar's close, ms; `null` while its session is not running. */
  msToClose(): number | null {
    const session = this.sessionFrom(this.nowMs);
    return this.nowMs >= session.openMs ? session.closeMs - this.nowMs : null;
  }
}

/** When a GTD order ends: the close of its New York date, or of the last session before it. */
export function closeOfDate(goodTill: string): number {
  const date = goodTill.length === 10 ? goodTill : newYorkDate(Date.parse(goodTill));
  for (let day = Date.parse(`${date}T00:00:00.000Z`); ; day -= 86_400_000) {
    const session = sessionOn(new Date(day).toISOString().slice(0, 10));
    if (session !== null) return session.closeMs;
  }
}
