import type { Clock } from '@/server/application/ports/clock';

/** Wakes everybody who listens at that moment. */
export class Bell {
  private readonly listening = new Set<() => void>();

  ring(): void {
    for (const wake of this.listening) wake();
  }

  /** Resolves at the next ring, after `ms`, or when the signal aborts. Listen before looking: then nothing is missed. */
  heard(clock: Clock, ms: number, signal: AbortSignal): Promise<void> {
    const woken = new AbortController();
    const wake = () => woken.abort();
    if (signal.aborted) wake();
    this.listening.add(wake);
    signal.addEventListener('abort', wake, { once: true });
    return clock.sleep(ms, woken.signal).finally(() => {
      this.listening.delete(wake);
      signal.removeEventListener('abort', wake);
    });
  }
}
