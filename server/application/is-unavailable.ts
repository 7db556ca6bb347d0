/** Node's names for a database that cannot be reached, or that went away. */
const NODE_CODES: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ENOENT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ETIMEDOUT',
  'EHOSTUNREACH',
]);
/** Prisma: cannot reach, timed out, connection closed, pool exhausted. */
const PRISMA_CODES: ReadonlySet<string> = new Set(['P1001', 'P1002', 'P1008', 'P1017', 'P2024', 'P2037']);
/** Postgres: connection, resources, operator intervention, lock not available, statement timeout, serialisation, deadlock. */
const SQLSTATE = /^(?:08...|53...|57P..|57014|55P03|40001|40P01)$/;
const MESSAGES =
  /connection terminated|timeout exceeded when trying to connect|query read timeout|server closed the connection/i;

/** True for a failure that is the database's absence or overload, not a fault of this code: worth trying again. */
export function isUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  if (NODE_CODES.has(code) || PRISMA_CODES.has(code) || SQLSTATE.test(code) || MESSAGES.test(error.message))
    return true;
  if (error instanceof AggregateError && error.errors.some(isUnavailable)) return true;
  return error.cause !== undefined && isUnavailable(error.cause);
}
