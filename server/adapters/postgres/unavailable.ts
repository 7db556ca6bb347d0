import { BrokerError } from '@/server/application/ports/broker';

/** SQLSTATE: connection, resources, shutdown, lock timeout, statement timeout, serialisation, deadlock, session ended in a transaction. */
const SQLSTATE = /^(?:08...|53...|57P..|57014|55P03|40001|40P01|25P0.)$/;
/** Prisma: cannot reach, timed out, connection closed, pool exhausted, too many connections. */
const PRISMA = /^P(?:1001|1002|1008|1017|2024|2037)$/;
const SOCKET = /^(?:ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|EHOSTUNREACH)$/;
/** The drivers' own errors, which carry no code. */
const MESSAGES =
  /connection terminated|connection ended|timeout exceeded when trying to connect|query read timeout|server closed the connection|not queryable|client was closed/i;

function codeOf(error: Error): string {
  if (!('code' in error) || typeof error.code !== 'string') return '';
  // A missing file has the same code as a missing Unix socket.
  if (error.code === 'ENOENT') return 'syscall' in error && error.syscall === 'connect' ? 'ECONNREFUSED' : '';
  return error.code;
}

/**
 * Whether an error, or a cause of it, means that the database is away or overloaded: the same work may succeed when it is tried
 * again. The only place that knows the codes of Postgres, Prisma and sockets. A broker that does not answer is not the database.
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error) || error instanceof BrokerError) return false;
  const code = codeOf(error);
  if (SQLSTATE.test(code) || PRISMA.test(code) || SOCKET.test(code) || MESSAGES.test(error.message)) return true;
  if (error instanceof AggregateError && error.errors.some(isDatabaseUnavailable)) return true;
  return isDatabaseUnavailable(error.cause);
}
