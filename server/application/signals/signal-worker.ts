import type { Commands } from '@/server/application/commands';
import type { MemoService } from '@/server/application/ports/memo-service';
import type { Claimant, ProposedSignal, SignalTask, SignalTasks } from '@/server/application/ports/signal-tasks';
import type { WorkerStore } from '@/server/application/ports/worker-store';
import { isRecent } from '@/server/domain/market/market-clock';
import { type Clock, monotonicMs } from '@/server/kernel/clock';
import { failpoint } from '@/server/kernel/failpoint';
import { Notifier } from '@/server/kernel/notifier';
import { placeSignal, type SignalEnd } from './place-signal';

/** A process that dies gives its tasks up so late; they are kept by renewing. */
const CLAIM_MS = 8_000;
const RENEW_MS = 2_000;
const SWEEP_MS = 1_000;
/** Tasks under way at once: most of them wait for a memo, which costs nothing. */
const MAX_OPEN = 256;
/** How often a task asks whether those before it are done. */
const TURN_MS = 200;
const PLACE_TRIES = 5;
const PLACE_PAUSE_MS = 500;
/** Whether the books are recent enough to place an order is read at most this often. */
const READY_FOR_MS = 500;

export interface SignalWorkerParts {
  readonly tasks: SignalTasks;
  readonly commands: Pick<Commands, 'placeSignal'>;
  /** Without one no memo is asked for. */
  readonly memos?: MemoService | undefined;
  readonly readiness: WorkerStore['readiness'];
  readonly clock: Clock;
  /** Name of this process. */
  readonly holder: string;
  readonly note: (facts: Readonly<Record<string, unknown>>, what: string) => void;
  readonly warn: (facts: Readonly<Record<string, unknown>>, what: string) => void;
  readonly onFault: (what: string, error: unknown) => void;
}

/**
 * Brings stored candidates to their end: memo, size, gate. Candidates go side by side, those of one symbol to the gate in the order
 * in which they were stored. Whatever a process leaves undone, another finishes: the claim lapses, and a sweep finds the task.
 */
export class SignalWorker {
  private readonly open = new Map<string, Promise<void>>();
  private readonly claimant: Claimant;
  private readonly sweeping = new Notifier();
  private readonly turning = new Notifier();
  private readonly ending = new Notifier();
  private ready: Promise<boolean> | null = null;
  private readyMs = 0;
  private readonly stopping = new AbortController();

  constructor(private readonly parts: SignalWorkerParts) {
    this.claimant = { holder: parts.holder, claimMs: CLAIM_MS };
  }

  /** Tasks under way here. */
  get busy(): number {
    return this.open.size;
  }

  /** Stores a candidate; the rest happens here, or wherever there is room. @returns whether it was new */
  async propose(signal: ProposedSignal): Promise<boolean> {
    const here = !this.stopping.signal.aborted && this.open.size < MAX_OPEN;
    const { tasks, memos } = this.parts;
    const task = await tasks.propose(signal, here ? this.claimant : null, memos !== undefined);
    if (task === null) {
      await this.warnOfTaken(signal);
      return false;
    }
    failpoint('signal-stored');
    if (here) this.take(task);
    return true;
  }

  /** A strategy's candidate that is there already is its own, from an earlier delivery; a client's in its place is not. */
  private async warnOfTaken({ id, source, strategy, symbol }: ProposedSignal): Promise<void> {
    if (source !== 'STRATEGY' || (await this.parts.tasks.source(id)) !== 'REST') return;
    this.parts.warn(
      { signalId: id, strategy, symbol },
      'a client has stored a signal under the id of this candidate: it is left out',
    );
  }

  /** There may be something to do. */
  wake(): void {
    this.sweeping.notify();
  }

  /** Sweeps until the signal aborts, then lets what is under way come to a halt. */
  async run(signal: AbortSignal): Promise<void> {
    const stop = () => {
      this.stopping.abort();
      for (const notifier of [this.sweeping, this.turning, this.ending]) notifier.notify();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    await Promise.all([this.sweeps(), this.renewals()]);
    await Promise.all(this.open.values());
  }

  private get signal(): AbortSignal {
    return this.stopping.signal;
  }

  private async sweeps(): Promise<void> {
    while (!this.signal.aborted) {
      const woken = this.sweeping.next(this.parts.clock, SWEEP_MS);
      try {
        const room = MAX_OPEN - this.open.size;
        const tasks = room <= 0 ? [] : await this.parts.tasks.claim(this.claimant, room);
        for (const task of tasks) this.take(task);
      } catch (error) {
        this.parts.onFault('signals that wait could not be read', error);
      }
      await woken;
    }
  }

  private async renewals(): Promise<void> {
    while (!this.signal.aborted) {
      await this.parts.clock.sleep(RENEW_MS, this.signal);
      const held = [...this.open.keys()];
      if (held.length === 0) continue;
      // A claim that is lost is no harm: the second to place learns what the first one did.
      await this.parts.tasks
        .renew(this.claimant, held)
        .catch((error: unknown) => this.parts.onFault('claims on signals could not be renewed', error));
    }
  }

  private take(task: SignalTask): void {
    if (this.open.has(task.signalId)) return;
    const work = this.bring(task).catch(async (error: unknown) => {
      this.parts.onFault(`signal ${task.signalId} could not be brought to its end`, error);
      // If not even this goes through, the claim lapses.
      await this.parts.tasks.release(this.parts.holder, task.signalId).catch(() => undefined);
    });
    const done = work.finally(() => {
      this.open.delete(task.signalId);
      this.turning.notify();
    });
    this.open.set(task.signalId, done);
  }

  private async bring(task: SignalTask): Promise<void> {
    const { tasks, note } = this.parts;
    const end = (await this.considered(task)) ? await this.end(task) : null;
    if (end === null) {
      await tasks.release(this.parts.holder, task.signalId);
      return;
    }
    failpoint('signal-placed');
    await tasks.finish(task.signalId, end.outcome, end.detail);
    const { signalId, strategy, symbol, action } = task;
    note({ signalId, strategy, symbol, action, ...end }, 'signal done');
  }

  /** @returns false when the process is to stop: another one asks again, and is given the memo if there is one by then */
  private async considered(task: SignalTask): Promise<boolean> {
    const { memos } = this.parts;
    if (memos === undefined || task.expired) return true;
    if (this.signal.aborted) return false;
    return new Promise((done, fail) => {
      const unsubscribe = this.ending.subscribe(() => done(false));
      memos
        .consider(task)
        .then(() => done(true), fail)
        .finally(unsubscribe);
    });
  }

  /** @returns null when it is for another time, or another process */
  private async end(task: SignalTask): Promise<SignalEnd | null> {
    // What was first stays first. Should it be too late by now, the gate says so.
    const now = task.first ? task : await this.turn(task);
    if (!now.first) return null;
    if (now.expired) return { outcome: 'EXPIRED', detail: null };
    if (!(await this.reconciled())) return null;
    for (let n = 1; ; n++) {
      const end = await placeSignal(this.parts.commands, task);
      if (end !== null || n >= PLACE_TRIES || this.signal.aborted) return end;
      await this.parts.clock.sleep(PLACE_PAUSE_MS, this.signal);
    }
  }

  /** Hardly older than it says: the gate looks again. */
  private reconciled(): Promise<boolean> {
    const nowMs = monotonicMs(this.parts.clock);
    if (this.ready !== null && nowMs - this.readyMs < READY_FOR_MS) return this.ready;
    const ready = this.parts
      .readiness()
      .then(({ reconciledAgeMs, portfolioMaxAgeMs }) => isRecent(reconciledAgeMs, portfolioMaxAgeMs));
    this.ready = ready;
    this.readyMs = nowMs;
    ready.catch(() => {
      if (this.ready === ready) this.ready = null;
    });
    return ready;
  }

  /** Waits until every earlier candidate of the symbol is done. */
  private async turn({ signalId }: SignalTask): Promise<{ first: boolean; expired: boolean }> {
    for (;;) {
      const changed = this.turning.next(this.parts.clock, TURN_MS);
      const now = await this.parts.tasks.look(signalId);
      if (now.first || this.signal.aborted) return now;
      await changed;
    }
  }
}
