import type { PoolClient } from 'pg';
import { type Fence, SupersededError } from '@/server/application/ports/lease';

/** Checks in the writer's transaction that it still holds the lease. @throws SupersededError when the lease was lost */
export async function requireLease(client: Pick<PoolClient, 'query'>, fence: Fence): Promise<void> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp()',
    [fence.name, fence.token],
  );
  if (rowCount !== 1) throw new SupersededError(`the ${fence.name} lease has a new holder`);
}
