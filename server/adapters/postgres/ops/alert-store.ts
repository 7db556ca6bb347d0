import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { AlertStore } from '@/server/application/ports/alert-store';

/** Alerts, told to the console in the transaction that opens or closes them. */
export function createAlertStore(pool: Pick<Pool, 'query'>): AlertStore {
  return {
    async open(kind, subject, message, data = {}) {
      const { rows } = await pool.query<{ opened: boolean }>('SELECT alert_open($1, $2, $3, $4, $5::jsonb) AS opened', [
        randomUUID(),
        kind,
        subject,
        message,
        JSON.stringify(data),
      ]);
      return rows[0]?.opened === true;
    },
    async resolve(kind, subject) {
      const { rows } = await pool.query<{ resolved: boolean }>('SELECT alert_resolve($1, $2) AS resolved', [
        kind,
        subject,
      ]);
      return rows[0]?.resolved === true;
    },
  };
}
