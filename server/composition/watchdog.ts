import { createBreakGlassJournal } from '@/server/adapters/files/break-glass-journal';
import { createAlertStore } from '@/server/adapters/postgres/ops/alert-store';
import { createBreakGlassStore } from '@/server/adapters/postgres/ops/break-glass-store';
import { createWatchdogStore } from '@/server/adapters/postgres/ops/watchdog-store';
import { createWorkerStore } from '@/server/adapters/postgres/ops/worker-store';
import { createPool } from '@/server/adapters/postgres/pool';
import { bookBreakGlass } from '@/server/application/halt/break-glass';
import { openBroker } from './brokers';
import type { Env } from './env';
import { systemClock } from './worker';

/** A database that hangs must not hold the watchdog up. */
const STATEMENT_MS = 3_000;

/** What the watchdog works with: its own two connections, its own way to the broker. */
export function composeWatchdog(env: Env) {
  const pool = createPool(env.DATABASE_URL, { name: 'watchdog', max: 2, statementTimeoutMs: STATEMENT_MS });
  const gateway = openBroker(env);
  const journal = createBreakGlassJournal(env.DATA_DIR);
  const records = createBreakGlassStore(pool);
  return {
    clock: systemClock,
    /** Whether opening orders are cancelled (H-9). Only a simulator has to be asked what it is, and may not answer. */
    cancels: () =>
      env.DEADMAN_CANCEL === undefined
        ? gateway.venue().then(
            ({ environment }) => environment !== 'SIM',
            () => false,
          )
        : Promise.resolve(env.DEADMAN_CANCEL === '1'),
    broker: gateway.urgent.broker,
    journal,
    store: createWatchdogStore(pool),
    alerts: createAlertStore(pool),
    worker: createWorkerStore(pool),
    book: () => bookBreakGlass(journal, records),
    async close() {
      await gateway.close();
      await pool.end();
    },
  };
}
