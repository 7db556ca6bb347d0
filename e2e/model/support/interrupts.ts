/** The process is gone: nothing it was doing goes on. */
export class CrashError extends Error {
  override readonly name = 'CrashError';
}

/** What the database's driver throws when the connection breaks: whether the statement was committed is not known. */
export class OutageError extends Error {
  override readonly name = 'OutageError';
  readonly code = '57P01';
}

type Party = 'broker' | 'database';

/** Something that happens in the middle of a worker's step: at its `at`-th call to the broker or the database. */
export interface Interrupt {
  readonly at: number;
  readonly when: 'before' | 'after';
  readonly act: (party: Party) => Promise<void>;
}

/** Stands between a worker and everything it calls: here it is killed, stopped and disturbed. */
export class Lifeline {
  private dead = false;
  private stopped: { readonly wait: Promise<void>; readonly goOn: () => void } | null = null;
  private interrupt: Interrupt | null = null;
  private calls = 0;
  /** How often the process was stopped so far. */
  stops = 0;
  /** Resolves when the process is stopped. */
  private onStop: () => void = () => undefined;

  /** Arms an interrupt for the step that begins. @returns a promise of the process being stopped by it */
  arm(interrupt: Interrupt | null): Promise<void> {
    this.calls = 0;
    this.interrupt = interrupt;
    return new Promise((resolve) => {
      this.onStop = resolve;
    });
  }

  disarm(): void {
    this.interrupt = null;
  }

  get isDead(): boolean {
    return this.dead;
  }

  get isStopped(): boolean {
    return this.stopped !== null;
  }

  kill(): void {
    this.dead = true;
    this.goOn();
  }

  /** As SIGSTOP does: every call waits from now on. */
  stop(): void {
    let goOn: () => void = () => undefined;
    const wait = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    this.stopped = { wait, goOn };
    this.stops += 1;
    this.onStop();
  }

  goOn(): void {
    this.stopped?.goOn();
    this.stopped = null;
  }

  private async alive(): Promise<void> {
    while (this.stopped !== null) await this.stopped.wait;
    if (this.dead) throw new CrashError('the process is gone');
  }

  /** One call of the worker. */
  async through<T>(party: Party, call: () => Promise<T>): Promise<T> {
    await this.alive();
    this.calls += 1;
    const due = this.interrupt?.at === this.calls ? this.interrupt : null;
    if (due?.when === 'before') await due.act(party);
    await this.alive();
    const result = await call();
    if (due?.when === 'after') await due.act(party);
    await this.alive();
    return result;
  }

  /** The object with every method of it going through here. */
  wrap<T extends object>(party: Party, target: T): T {
    return new Proxy(target, {
      get: (object, key, receiver) => {
        const member: unknown = Reflect.get(object, key, receiver);
        if (typeof member !== 'function') return member;
        return (...args: unknown[]) => this.through(party, async () => Reflect.apply(member, object, args));
      },
    });
  }
}
