/** Lets one loop sleep until it is woken or its time is up. Being woken while awake makes the next wait return at once. */
export class Wake {
  private pending = false;
  private resolve: (() => void) | undefined;

  wake = (): void => {
    this.pending = true;
    this.resolve?.();
  };

  /** Never rejects. @returns whether it was woken */
  async wait(ms: number, signal: AbortSignal): Promise<boolean> {
    if (!this.pending && !signal.aborted) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(done, ms);
        const self = this;
        function done(): void {
          clearTimeout(timer);
          signal.removeEventListener('abort', done);
          self.resolve = undefined;
          resolve();
        }
        this.resolve = done;
        signal.addEventListener('abort', done, { once: true });
      });
    }
    const woken = this.pending;
    this.pending = false;
    return woken;
  }
}
