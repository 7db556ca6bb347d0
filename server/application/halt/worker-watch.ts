import type { AlertStore } from '@/server/application/ports/alert-store';
import type { WatchdogStore } from '@/server/application/ports/watchdog-store';

/** The console calls a worker dead after the same time. */
const SILENT_MS = 15_000;
/** After the database was away, the worker's next heartbeat may be a look behind. */
const SILENT_LOOKS = 2;

interface WorkerWatchTools {
  readonly store: WatchdogStore;
  readonly alerts: AlertStore;
  /** Monotonic, ms. */
  readonly elapsedMs: () => number;
}

/** Keeps every time that the worker hung or was away in the history of alerts, whether or not orders worked meanwhile. */
export class WorkerWatch {
  private heardMs: number;
  private silentLooks = 0;
  /** Whether an alert may be open: at first, one of an earlier watchdog. */
  private alarmed = true;

  constructor(private readonly tools: WorkerWatchTools) {
    this.heardMs = tools.elapsedMs();
  }

  /** One look. @throws when the database does not answer */
  async check(): Promise<void> {
    const { store, alerts, elapsedMs } = this.tools;
    const { beatAgeMs } = await store.signs();
    const nowMs = elapsedMs();
    if (beatAgeMs !== null) this.heardMs = Math.max(this.heardMs, nowMs - beatAgeMs);
    const silentMs = nowMs - this.heardMs;
    if (silentMs < SILENT_MS) {
      this.silentLooks = 0;
      if (this.alarmed) await alerts.resolve('WORKER', 'worker');
      this.alarmed = false;
      return;
    }
    this.silentLooks += 1;
    if (this.silentLooks < SILENT_LOOKS) return;
    const seconds = Math.round(silentMs / 1_000);
    this.alarmed = true;
    await alerts.open('WORKER', 'worker', `The worker has sent no heartbeat for ${seconds} s.`, {
      silent_seconds: seconds,
    });
  }
}
