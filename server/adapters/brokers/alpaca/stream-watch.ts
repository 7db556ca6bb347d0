/** A new order is spoken of on the stream within a second; past this the stream keeps something from us. */
const NEWS_WITHIN_MS = 10_000;
const REMEMBERED = 1_000;

/**
 * Finds out whether a stream that answers pings tells anything: an order that the broker took in must be spoken of. News may
 * come before the answer to the order.
 */
export class StreamWatch {
  private readonly nowMs: () => number;
  private readonly heardOf = new Set<string>();
  private readonly due = new Map<string, number>();

  /** @param nowMs monotonic time, ms */
  constructor(nowMs: () => number = () => performance.now()) {
    this.nowMs = nowMs;
  }

  /** The broker took in an order. */
  expect(externalOrderId: string): void {
    if (!this.heardOf.has(externalOrderId)) this.due.set(externalOrderId, this.nowMs() + NEWS_WITHIN_MS);
  }

  heard(externalOrderId: string): void {
    this.due.delete(externalOrderId);
    this.heardOf.delete(externalOrderId);
    this.heardOf.add(externalOrderId);
    for (const oldest of this.heardOf) {
      if (this.heardOf.size <= REMEMBERED) break;
      this.heardOf.delete(oldest);
    }
  }

  /** Whether an update is overdue; if so it is dropped: REST has reported it in the meantime. */
  overdue(): boolean {
    const nowMs = this.nowMs();
    const late = [...this.due].filter(([, dueMs]) => dueMs <= nowMs);
    for (const [id] of late) this.due.delete(id);
    return late.length > 0;
  }

  /** The stream was away: what it could not tell is no sign of silence. */
  forget(): void {
    this.due.clear();
  }
}
