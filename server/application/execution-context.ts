import type { Broker } from '@/server/application/ports/broker';
import type { ExecutionStore } from '@/server/application/ports/execution-store';
import type { Fence } from '@/server/application/ports/lease';
import type { OrderCaps } from '@/server/application/sending/judge-decision';
import type { Clock } from '@/server/kernel/clock';
import type { Log } from '@/server/kernel/log';

/** What the execution use cases work with. */
export interface ExecutionContext {
  readonly broker: Broker;
  readonly store: ExecutionStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly fence: Fence;
  /** Name of this worker, for the timeline. */
  readonly holder: string;
  /** Aborts when the process stops or the lease is lost: finish what is half done, begin nothing. */
  readonly signal: AbortSignal;
  /** Absolute caps of this worker's own settings. */
  readonly caps: OrderCaps;
  /** When the lease was acquired, by the monotonic clock: earlier holders stop sending within one lease's length of it. */
  readonly leaseSinceMs: number;
  /** Repeats database work through outages until it is done, the process stops, or the error is no outage. */
  persist<T>(work: () => Promise<T>): Promise<T>;
}
