import type { Money } from '@/server/kernel/money';
import type { MarketClock } from '@/server/replay/market-clock';

export interface SessionListener {
  /** A session begins; `closingEquity` is the equity at the last close, null where the replay began after it. */
  onOpen(closingEquity: Money | null): void;
  /** A session ends; returns the equity to measure the next day from. */
  onClose(): Money;
  onFlatten(): void;
}

/** Turns of the trading day by the calendar: open, flatten (where the stage wants it), close. */
export class SessionTimer {
  /** When something is due next, epoch ms. */
  nextMs: number;
  private openMs: number;
  private closeMs: number;
  private flattenMs: number;
  private closingEquity: Money | null = null;

  constructor(
    private readonly clock: MarketClock,
    private readonly flatBeforeCloseMs: number | null,
    private readonly listener: SessionListener,
  ) {
    const { openMs, closeMs } = clock.sessionFrom(clock.nowMs);
    this.openMs = openMs;
    this.closeMs = closeMs;
    this.flattenMs = this.flattenOf(closeMs);
    // A replay that starts within a session measures that day from its starting cash.
    if (clock.nowMs >= openMs) this.openMs = Number.POSITIVE_INFINITY;
    this.nextMs = this.next();
  }

  flattenIfDue(): void {
    if (this.flattenMs > this.clock.nowMs) return;
    this.flattenMs = Number.POSITIVE_INFINITY;
    this.nextMs = this.next();
    this.listener.onFlatten();
  }

  turnIfDue(): void {
    const { nowMs } = this.clock;
    if (this.openMs <= nowMs) {
      this.openMs = Number.POSITIVE_INFINITY;
      this.listener.onOpen(this.closingEquity);
    }
    if (this.closeMs <= nowMs) {
      this.closingEquity = this.listener.onClose();
      const { openMs, closeMs } = this.clock.sessionFrom(nowMs);
      this.openMs = openMs;
      this.closeMs = closeMs;
      this.flattenMs = this.flattenOf(closeMs);
    }
    this.nextMs = this.next();
  }

  private flattenOf(closeMs: number): number {
    return this.flatBeforeCloseMs === null ? Number.POSITIVE_INFINITY : closeMs - this.flatBeforeCloseMs;
  }

  private next(): number {
    return Math.min(this.openMs, this.closeMs, this.flattenMs);
  }
}
