import type { Clock } from '@/server/kernel/clock';

/** Wakes waiting loops. Between two checks a loop sleeps until it is notified or its time is up. */
export class Notifier {
  private readonly subscribers = new Set<() => void>();
  private notified = false;

  readonly notify = (): void => {
    this.notified = true;
    for (const wake of this.subscribers) wake();
  };

  /** Calls `wake` at every notification. @returns the function that unsubscribes */
  subscribe(wake: () => void): () => void {
    this.subscribers.add(wake);
    return () => void this.subscribers.delete(wake);
  }

  /** Resolves at the next notification, or after `ms`. Call it before checking, so that nothing is missed meanwhile. */
  next(clock: Clock, ms: number): Promise<void> {
    const woken = new AbortController();
    return clock.sleep(ms, woken.signal).finally(this.subscribe(() => woken.abort()));
  }

  /**
   * For a single consumer: sleeps until notified, until `ms` have passed or `signal` aborts. A notification since the last
   * wait makes it return at once. Never rejects. @returns whether it was notified
   */
  async wait(clock: Clock, ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.notified && !signal.aborted) {
      const woken = new AbortController();
      const wake = () => woken.abort();
      const unsubscribe = this.subscribe(wake);
      signal.addEventListener('abort', wake, { once: true });
      await clock.sleep(ms, woken.signal);
      signal.removeEventListener('abort', wake);
      unsubscribe();
    }
    const { notified } = this;
    this.notified = false;
    return notified;
  }
}
