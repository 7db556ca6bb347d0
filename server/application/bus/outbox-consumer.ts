import type { EventHandler, SubscribeOptions } from '@/server/application/ports/bus';
import type { EventLog } from '@/server/application/ports/event-log';
import { PARTITIONS } from '@/server/contracts/event';
import type { Clock } from '@/server/kernel/clock';
import { failpoint } from '@/server/kernel/failpoint';
import { Slots } from '@/server/kernel/semaphore';

/** An idle cursor is moved up when it is this far behind: a replaced stream is filled from the lowest. */
const SLIDE_AFTER = 500n;
/** Events of a partition that are handled in one transaction. After a failure so many are handled one at a time. */
const BATCH = 32;
const FIRST_PAUSE_MS = 100;
const MAX_PAUSE_MS = 10_000;

export type OnFault = (what: string, error: unknown) => void;

/** When the outbox is read without a notification. */
export interface Pace {
  /** Time between looks, ms. */
  readonly everyMs: number;
  /** Events published later than so long ago are left to their deliverer. */
  readonly ageMs: number;
}

export interface ConsumerParts {
  readonly log: EventLog;
  readonly clock: Clock;
  readonly onFault: OnFault;
}

/** Up to where a partition was brought: to the position asked for, or not yet. */
export type Progress = 'there' | 'busy' | 'failed';

/** Handles the events of one durable consumer from the outbox, partition by partition, in their order. */
export class OutboxConsumer {
  private readonly reached = new Array<bigint>(PARTITIONS).fill(-1n);
  private readonly failures = new Array<number>(PARTITIONS).fill(0);
  private readonly careful = new Array<number>(PARTITIONS).fill(0);
  private readonly slots: Slots;
  private readonly stopping = new AbortController();
  private readonly inFlight = new Set<Promise<unknown>>();
  private registered: Promise<void> | null = null;
  private scanned = -1n;
  private rung = false;
  private sleeper: AbortController | null = null;
  private loop: Promise<void> = Promise.resolve();

  constructor(
    private readonly parts: ConsumerParts,
    readonly name: string,
    private readonly topics: readonly string[],
    private readonly handler: EventHandler,
    private readonly options: SubscribeOptions,
  ) {
    this.slots = new Slots(options.maxInFlight ?? PARTITIONS);
  }

  get signal(): AbortSignal {
    return this.stopping.signal;
  }

  /** Looks at the outbox when woken, and at the pace. */
  run(pace: () => Pace): void {
    this.loop = this.rounds(pace);
  }

  wake(): void {
    this.rung = true;
    this.sleeper?.abort();
  }

  async close(): Promise<void> {
    this.stopping.abort();
    this.wake();
    await this.loop;
    await Promise.allSettled(this.inFlight);
  }

  /** Makes the consumer known; from then on nothing is lost to it. */
  register(): Promise<void> {
    this.registered ??= this.parts.log.register(this.name, this.options.from ?? 'now').catch((error: unknown) => {
      this.registered = null;
      throw error;
    });
    return this.registered;
  }

  /** Handles what there is in the partition, at least up to the position; with none, all there is. */
  bring(part: number, position: bigint | null): Promise<Progress> {
    if (position !== null && (this.reached[part] ?? -1n) >= position) return Promise.resolve('there');
    const work = this.slots.use(() => this.drain(part, position));
    this.inFlight.add(work);
    const done = () => this.inFlight.delete(work);
    work.then(done, done);
    return work;
  }

  private async drain(part: number, position: bigint | null): Promise<Progress> {
    try {
      await this.register();
      while (!this.signal.aborted) {
        const careful = this.careful[part] ?? 0;
        const limit = careful > 0 ? 1 : BATCH;
        const outcome = await this.parts.log.handleNext(this.name, part, this.topics, this.handler, limit);
        if (outcome.kind === 'busy') return 'busy';
        if (outcome.events > 0) failpoint('event-committed');
        this.reached[part] = outcome.position;
        this.failures[part] = 0;
        this.careful[part] = Math.max(0, careful - outcome.events);
        if (outcome.done || (position !== null && outcome.position >= position)) return 'there';
      }
      return 'failed';
    } catch (error) {
      const failures = (this.failures[part] ?? 0) + 1;
      this.failures[part] = failures;
      this.careful[part] = BATCH;
      this.parts.onFault(`an event for ${this.name} could not be handled (partition ${part}, try ${failures})`, error);
      return 'failed';
    }
  }

  /** How long the partition waits after a failure before its next try, ms. */
  pauseMs(part: number): number {
    const failures = this.failures[part] ?? 0;
    return failures === 0 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 1), MAX_PAUSE_MS);
  }

  private async rounds(pace: () => Pace): Promise<void> {
    while (!this.signal.aborted) {
      this.rung = false;
      const { everyMs, ageMs } = pace();
      const complete = await this.round(ageMs);
      const pauseMs = complete ? everyMs : Math.min(everyMs, Math.max(FIRST_PAUSE_MS, this.shortestPause()));
      await this.pause(pauseMs, complete);
    }
  }

  private async pause(ms: number, wakeable: boolean): Promise<void> {
    if (this.signal.aborted || (wakeable && this.rung)) return;
    const sleeper = new AbortController();
    if (wakeable) this.sleeper = sleeper;
    const stop = () => sleeper.abort();
    this.signal.addEventListener('abort', stop, { once: true });
    await this.parts.clock.sleep(ms, sleeper.signal);
    this.signal.removeEventListener('abort', stop);
    this.sleeper = null;
  }

  private shortestPause(): number {
    const pauses = this.failures.flatMap((count, part) => (count === 0 ? [] : [this.pauseMs(part)]));
    return pauses.length === 0 ? FIRST_PAUSE_MS : Math.min(...pauses);
  }

  /** @returns whether everything found was handled, by us or by somebody else */
  private async round(ageMs: number): Promise<boolean> {
    const { log, onFault } = this.parts;
    try {
      await this.register();
      if (this.scanned < 0n) this.scanned = await log.floor(this.name);
      const { parts, newest } = await log.waiting(this.topics, this.scanned, ageMs);
      const outcomes = await Promise.all(parts.map((part) => this.bring(part, null)));
      if (outcomes.some((outcome) => outcome !== 'there')) return false;
      // Younger events were not looked for: they stay to be found.
      if (ageMs === 0) this.scanned = newest;
      else this.scanned = await log.floor(this.name);
      await this.slide(newest, parts);
      return true;
    } catch (error) {
      onFault(`the outbox could not be read for ${this.name}`, error);
      return false;
    }
  }

  private async slide(newest: bigint, done: readonly number[]): Promise<void> {
    for (let part = 0; part < PARTITIONS; part++) {
      if (!done.includes(part) && (this.reached[part] ?? -1n) < newest - SLIDE_AFTER) await this.bring(part, null);
    }
  }
}
