/** Limits concurrent calls. Further calls queue in order of arrival, up to a number and a time. */
export class CallSlots {
  #running = 0;
  readonly #waiting: { readonly start: () => void }[] = [];

  constructor(
    private readonly concurrency: number,
    private readonly maxWaiting: number,
  ) {}

  get running(): number {
    return this.#running;
  }

  get waiting(): number {
    return this.#waiting.length;
  }

  /** Resolves with true once a slot is free; release it with `leave`. False after `maxWaitMs` or if the queue is full. */
  enter(maxWaitMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.#running < this.concurrency) {
      this.#running += 1;
      return Promise.resolve(true);
    }
    if (this.#waiting.length >= this.maxWaiting || maxWaitMs <= 0 || signal.aborted) return Promise.resolve(false);
    return new Promise((resolve) => {
      const end = (had: boolean) => {
        clearTimeout(timer);
        signal.removeEventListener('abort', giveUp);
        resolve(had);
      };
      const entry = { start: () => end(true) };
      const giveUp = () => {
        const at = this.#waiting.indexOf(entry);
        if (at >= 0) this.#waiting.splice(at, 1);
        end(false);
      };
      const timer = setTimeout(giveUp, maxWaitMs);
      signal.addEventListener('abort', giveUp, { once: true });
      this.#waiting.push(entry);
    });
  }

  /** Releases a slot to the call that has waited longest. */
  leave(): void {
    const next = this.#waiting.shift();
    if (next === undefined) this.#running -= 1;
    else next.start();
  }
}
