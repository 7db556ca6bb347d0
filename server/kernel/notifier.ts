import type { Clock } from '@/server/kernel/clock';

/** Wakes everybody who listens at that moment. */
export class Bell {
  private readonly listening = new Set<() => void>();

  ring(): void {
    for (const wake of this.listening) wake();
  }

  /** Resolves at the next ring, or after `ms`. Listen before looking: then nothing is missed. */
  heard(clock: Clock, ms: number): Promise<void> {
    const woken = new AbortController();
    return clock.sleep(ms, woken.signal).finally(this.listen(() => woken.abort()));
  }

  /** Calls `wake` at every ring. @returns the end of it */
  listen(wake: () => void): () => void {
    this.listening.add(wake);
    return () => void this.listening.delete(wake);
  }
}
