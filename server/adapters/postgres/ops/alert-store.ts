import { randomUUID } from 'node:crypto';
import type { Pool, PoolClient } from 'pg';
import type {
  Acknowledgement,
  AlertAcknowledgements,
  AlertChange,
  AlertStore,
} from '@/server/application/ports/alert-store';
import type { AlertCode } from '@/server/contracts/alerts';

type Queryable = Pick<Pool | PoolClient, 'query'>;

/** Alerts. The event that tells the console is written in the same transaction. */
export function createAlertStore(pool: Pick<Pool, 'query'>): AlertStore {
  return {
    open: (kind, subject, message, data = {}) => openAlert(pool, kind, subject, message, data),
    resolve: (kind, subject) => resolveAlert(pool, kind, subject),
  };
}

/** Acknowledgements of the web process. */
export function createAlertAcknowledgements(pool: Pick<Pool, 'query'>): AlertAcknowledgements {
  return {
    async acknowledge(actor, alertId) {
      const { rows } = await pool.query<{ outcome: Acknowledgement }>(
        'SELECT alert_acknowledge($1, $2, $3) AS outcome',
        [alertId, actor.name, actor.correlationId],
      );
      return rows[0]?.outcome ?? 'NOT_FOUND';
    },
  };
}

/** Applies changes in a fixed order, as part of the caller's transaction. */
export async function writeAlerts(client: Queryable, changes: readonly AlertChange[]): Promise<void> {
  const ordered = [...changes].sort((a, b) => (`${a.kind} ${a.subject}` < `${b.kind} ${b.subject}` ? -1 : 1));
  for (const { kind, subject, open } of ordered) {
    if (open === null) await resolveAlert(client, kind, subject);
    else await openAlert(client, kind, subject, open.message, open.data);
  }
}

/** Opens an alert as part of the caller's transaction, or updates the open one. */
export async function openAlert(
  client: Queryable,
  kind: AlertCode,
  subject: string,
  message: string,
  data: Readonly<Record<string, unknown>>,
): Promise<boolean> {
  const { rows } = await client.query<{ opened: boolean }>('SELECT alert_open($1, $2, $3, $4, $5::jsonb) AS opened', [
    randomUUID(),
    kind,
    subject,
    message,
    JSON.stringify(data),
  ]);
  return rows[0]?.opened === true;
}

/** Resolves an alert as part of the caller's transaction. */
export async function resolveAlert(client: Queryable, kind: AlertCode, subject: string): Promise<boolean> {
  const { rows } = await client.query<{ resolved: boolean }>('SELECT alert_resolve($1, $2) AS resolved', [
    kind,
    subject,
  ]);
  return rows[0]?.resolved === true;
}
