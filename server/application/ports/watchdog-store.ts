/** What the watchdog reads of the worker that should be sending, cancelling and booking. */
export interface WorkerSigns {
  /** Age of the newest heartbeat of a worker with the execution role, ms; null when there is none. */
  readonly beatAgeMs: number | null;
  /** Orders that may work by our books. */
  readonly working: number;
}

export interface WatchdogStore {
  /** Throws when the database does not answer. */
  signs(): Promise<WorkerSigns>;
}
