import type { Logger } from 'pino';
import type { VenueInfo } from '@/server/application/ports/broker';
import type { Fence } from '@/server/application/ports/lease';
import type { Env } from '@/server/composition/env';
import type { WorkerParts } from '@/server/composition/worker';
import type { Notifier } from '@/server/kernel/notifier';
import type { Persist } from './persist';

export const ROLES = ['ingest', 'pipeline', 'execution', 'portfolio', 'maintenance'] as const;
export type Role = (typeof ROLES)[number];
/** A role that must be named: it watches over the others from a process of its own, and needs no database to act. */
export const WATCHDOG = 'watchdog';

/** Facts for the console, kept by the roles and written with every heartbeat. */
export type WorkerStatus = Record<string, unknown>;

/** What every role gets. */
export interface RoleContext {
  readonly parts: WorkerParts;
  readonly env: Env;
  readonly log: Logger;
  /** Name of this process. */
  readonly holder: string;
  readonly venue: VenueInfo;
  /** Aborts when the process is to stop. */
  readonly signal: AbortSignal;
  readonly status: WorkerStatus;
  readonly persist: Persist;
  /** Notifies at every committed outbox event. @returns the function that unsubscribes */
  onOutbox(notifier: Notifier): () => void;
  /** Passes on every announcement of a quote, as JSON. @returns the function that unsubscribes */
  onQuotes(read: (payload: string) => void): () => void;
}

/** A role while it holds its lease. */
export interface Held {
  readonly fence: Fence;
  /** Aborts when the process stops or the lease is lost. */
  readonly signal: AbortSignal;
  /** When the lease was had, by the monotonic clock. */
  readonly sinceMs: number;
  /** Gives the lease up at once: a defect, or somebody else holds it. */
  abandon(reason: unknown): void;
}
