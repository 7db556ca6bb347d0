import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Clock } from '@/server/kernel/clock';
import { START_MS } from './virtual-time';

/** A sleep may always last longer than asked for: fewer, longer ones make a run short. */
const LEAST_SLEEP_MS = 1_000;

/** Time of a run: moves only when somebody sleeps or the test says so, for code and database alike. */
export class VirtualClock implements Clock {
  private passedMs = 0;
  private waiting: { readonly untilMs: number; readonly resolve: () => void }[] = [];
  /** Tokens of leases whose holder is alive and renews them. */
  private readonly alive = new Set<string>();
  private readonly witness: Pool;

  constructor(witness: Pool) {
    this.witness = witness;
  }

  nowMs = (): number => START_MS + this.passedMs;
  newId = (): string => randomUUID();

  async sleep(ms: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted !== true) await this.advance(Math.max(ms, LEAST_SLEEP_MS));
  }

  /** Resolves once so much more time has passed. */
  later(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.waiting.push({ untilMs: this.passedMs + ms, resolve });
    });
  }

  async advance(ms: number): Promise<void> {
    this.passedMs += ms;
    for (const { untilMs, resolve } of this.waiting) if (untilMs <= this.passedMs) resolve();
    this.waiting = this.waiting.filter(({ untilMs }) => untilMs > this.passedMs);
    await this.witness.query('SELECT model_time.advance($1, $2)', [ms, [...this.alive]]);
  }

  keepAlive(token: string): void {
    this.alive.add(token);
  }

  letDie(token: string): void {
    this.alive.delete(token);
  }
}
