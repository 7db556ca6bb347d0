import type { PoolClient } from 'pg';
import { type Fence, SupersededError } from '@/server/application/ports/lease';

/** Lets only the lease's holder go on, in the transaction of what it writes. @throws SupersededError when the lease has gone */
export async function requireLease(client: Pick<PoolClient, 'query'>, fence: Fence): Promise<void> {
  const { rowCount } = await client.query(
    'SELECT 1 FROM leases WHERE name = $1 AND token = $2::bigint AND expires_at > clock_timestamp()',
    [fence.name, fence.token],
  );
  if (rowCount !== 1) throw new SupersededError(`the ${fence.name} lease has a new holder`);
}
