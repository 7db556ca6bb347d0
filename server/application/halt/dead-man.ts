import type { AlertStore } from '@/server/application/ports/alert-store';
import { BrokerError } from '@/server/application/ports/broker';
import type { WatchdogStore, WorkerSigns } from '@/server/application/ports/watchdog-store';
import type { Log } from '@/server/kernel/log';
import { type BreakGlassTools, cancelOpeningOrders, openingOrders } from './break-glass';

export const DEAD_MAN_ACTOR = 'system (watchdog)';
const CANCEL_LIMIT_MS = 20_000;
/** The same fault is reported again after this time. */
const SAY_AGAIN_MS = 60_000;

export interface DeadManTools extends Omit<BreakGlassTools, 'say' | 'suspension'> {
  readonly store: WatchdogStore;
  readonly alerts: AlertStore;
  /** Books what the journal holds; throws when the database is away. */
  readonly book: () => Promise<unknown>;
  readonly log: Log;
  /** Without a heartbeat for this long the worker counts as dead. */
  readonly limitMs: number;
  /** Whether what opens risk is cancelled then (H-9). */
  readonly cancels: boolean;
  /** Monotonic, ms. */
  readonly elapsedMs: () => number;
}

/**
 * The dead-man's switch: knows when a worker was last heard of, and speaks up, or cancels, when orders work and nobody sees
 * to them. A database that does not answer is silence too: what works is then asked of the broker alone.
 */
export class DeadMan {
  private lastHeartbeatMs: number;
  /** Whether an alert may be open: until we know better, one of an earlier watchdog. */
  private alarmed = true;
  private saidMs = Number.NEGATIVE_INFINITY;

  constructor(private readonly tools: DeadManTools) {
    this.lastHeartbeatMs = tools.elapsedMs();
  }

  /** One look. */
  async check(): Promise<void> {
    const { store, elapsedMs, limitMs } = this.tools;
    const signs = await store.signs().catch(() => null);
    const nowMs = elapsedMs();
    if (signs !== null && signs.beatAgeMs !== null)
      this.lastHeartbeatMs = Math.max(this.lastHeartbeatMs, nowMs - signs.beatAgeMs);
    const silentMs = nowMs - this.lastHeartbeatMs;
    if (silentMs < limitMs) await this.calm(signs);
    else await this.silence(signs, silentMs);
  }

  private async calm(signs: WorkerSigns | null): Promise<void> {
    if (!this.alarmed || signs === null) return;
    const { alerts, log } = this.tools;
    try {
      if (await alerts.resolve('DEAD_MAN', 'worker')) log.info({}, 'a worker is heard of again');
      this.alarmed = false;
    } catch (error) {
      log.debug({ err: error }, 'the alert could not be resolved yet');
    }
  }

  /** Orders at the broker, else by our books; null when neither can be asked. */
  private async working(signs: WorkerSigns | null): Promise<{ count: number | null; broker: boolean }> {
    try {
      let unreadable = 0;
      const open = await this.tools.broker.openOrders(() => {
        unreadable += 1;
      });
      return { count: open.length + unreadable, broker: true };
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return { count: signs?.working ?? null, broker: false };
    }
  }

  /** Whether an order that opens risk works at the broker. */
  private async opens(): Promise<boolean> {
    try {
      return (await openingOrders(this.tools.broker)).length > 0;
    } catch (error) {
      if (!(error instanceof BrokerError)) throw error;
      return false;
    }
  }

  private async silence(signs: WorkerSigns | null, silentMs: number): Promise<void> {
    const { cancels } = this.tools;
    const { count, broker } = await this.working(signs);
    if (count === 0) return;
    const seconds = Math.round(silentMs / 1_000);
    const what = count === null ? 'nobody can tell which orders work' : `${count} order(s) work`;
    await this.setAlert(`no worker has been heard of for ${seconds} s while ${what}`, {
      silent_seconds: seconds,
      working: count,
      broker_answers: broker,
      database_answers: signs !== null,
      cancels,
    });
    if (cancels && broker && (await this.opens())) await this.cancel(seconds);
  }

  private async setAlert(message: string, data: Readonly<Record<string, unknown>>): Promise<void> {
    const { alerts, log, elapsedMs } = this.tools;
    if (elapsedMs() - this.saidMs >= SAY_AGAIN_MS) {
      this.saidMs = elapsedMs();
      log.error(data, message);
    }
    this.alarmed = true;
    await alerts.open('DEAD_MAN', 'worker', message, data).catch((error: unknown) => {
      log.debug({ err: error }, 'the alert waits for the database');
    });
  }

  private async cancel(silentSeconds: number): Promise<void> {
    const { log, book } = this.tools;
    const say = (line: string) => log.warn({ deadMan: true }, line);
    const reason = `no worker has been heard of for ${silentSeconds} s`;
    const act = { kind: 'DEAD_MAN', actor: DEAD_MAN_ACTOR, reason, limitMs: CANCEL_LIMIT_MS } as const;
    await cancelOpeningOrders({ ...this.tools, suspension: null, say }, act);
    await book().catch((error: unknown) => log.warn({ err: error }, 'to be audited when the database is back'));
  }
}
