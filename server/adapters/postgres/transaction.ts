import type { Pool, PoolClient } from 'pg';

/** Runs `work` in a transaction; a connection that broke is thrown away. */
export async function inTransaction<T>(pool: Pool, work: (client: PoolClient) => Promise<T>): Promise<T> {
  const client = await pool.connect();
  let broken: Error | undefined;
  const onError = (error: Error) => {
    broken = error;
  };
  client.on('error', onError);
  try {
    await client.query('BEGIN');
    const result = await work(client);
    await client.query('COMMIT');
    return result;
  } catch (error) {
    await client.query('ROLLBACK').catch((fault: unknown) => {
      broken ??= fault instanceof Error ? fault : new Error(String(fault));
    });
    throw error;
  } finally {
    client.off('error', onError);
    client.release(broken);
  }
}

/** SQLSTATE classes and codes after which the same work may succeed: connection, restart, deadlock, serialisation, locks. */
const TRANSIENT = /^(08|57P|53)|^(40001|40P01|55P03|57014|25P0[0-9])$/;
const SOCKET = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'ETIMEDOUT', 'ENOTFOUND']);

/** Whether a database error is one that passes. */
export function isTransient(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (TRANSIENT.test(code) || SOCKET.has(code)) return true;
  return /connection terminated|connection ended|timeout exceeded when trying to connect|not queryable|client was closed/i.test(
    error.message,
  );
}
