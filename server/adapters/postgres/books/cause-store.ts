import type { Pool } from 'pg';
import { requireLease } from '@/server/adapters/postgres/ops/require-lease';
import { inTransaction } from '@/server/adapters/postgres/transaction';
import type { ReconciliationStore } from '@/server/application/ports/reconciliation-store';
import { type Actor, SYSTEM_PRINCIPAL_ID } from '@/server/kernel/actor';
import { cancelLate, cancelOpening } from './cancel-opening';

const SYSTEM: Actor = {
  kind: 'system',
  principalId: SYSTEM_PRINCIPAL_ID,
  name: 'system (limits)',
  correlationId: 'limits',
};

/** Changes of the causes of the trading state that the day's figures call for, and the cancels that follow. */
export function createCauseStore(
  pool: Pool,
): Pick<ReconciliationStore, 'changeCauses' | 'cancelOpening' | 'cancelLate'> {
  return {
    async changeCauses(fence, changes) {
      await inTransaction(pool, async (client) => {
        await requireLease(client, fence);
        for (const change of changes) {
          const { cause } = change;
          if (change.kind === 'open') {
            const { state, reason, untilNextSession } = change;
            const values = [cause, state, SYSTEM.name, reason, untilNextSession];
            await client.query('SELECT trading_limit_reached($1, $2, $3, $4, $5)', values);
          } else if (change.kind === 'end') {
            await client.query('SELECT trading_cause_end($1, $2, $3)', [cause, SYSTEM.name, change.reason]);
          } else {
            await client.query(
              `UPDATE trading_causes SET rearmed_at = clock_timestamp() WHERE cause = $1 AND ended_at IS NOT NULL AND rearmed_at IS NULL`,
              [cause],
            );
          }
        }
      });
    },
    cancelOpening: (fence) => cancelOpening(pool, SYSTEM, fence),
    cancelLate: (fence, orderId) => cancelLate(pool, SYSTEM, fence, orderId),
  };
}
