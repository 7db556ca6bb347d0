import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { Clock } from '@/server/application/ports/clock';
import { START_MS } from './virtual-time';

/** A sleep may always last longer than asked for: fewer, longer ones make a run short. */
const LEAST_SLEEP_MS = 1_000;

/** Time of a run: moves only when somebody sleeps or the test says so, for code and database alike. */
export class VirtualClock implements Clock {
  private passedMs = 0;
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

  async advance(ms: number): Promise<void> {
    this.passedMs += ms;
    await this.witness.query('SELECT model_time.advance($1, $2)', [ms, [...this.alive]]);
  }

  keepAlive(token: string): void {
    this.alive.add(token);
  }

  letDie(token: string): void {
    this.alive.delete(token);
  }
}
