import { TRPCError } from '@trpc/server';
import { DecimalError } from '@/server/kernel/money';

interface DatabaseFault {
  readonly code: string;
}

function hasCode(error: unknown): error is DatabaseFault {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string';
}

/** Codes of pg, Prisma and sockets that mean the database did not answer, and nothing more is known. */
const UNAVAILABLE = /^(08\w{3}|57P0\d|53\d{3}|55P03|57014|P1001|P1002|P1008|P1017|P2024|ECONN\w+|ETIMEDOUT|ENOTFOUND)$/;

/** What the console is told of an unexpected error: what to do, and never what the database said. */
export function toApiError(error: unknown): TRPCError {
  if (error instanceof TRPCError) return error;
  if (error instanceof DecimalError)
    return new TRPCError({ code: 'BAD_REQUEST', message: error.message, cause: error });
  if (hasCode(error) && UNAVAILABLE.test(error.code)) {
    return new TRPCError({
      code: 'SERVICE_UNAVAILABLE',
      message: 'The database does not answer. Nothing was changed that is not shown; try again in a moment.',
      cause: error,
    });
  }
  return new TRPCError({
    code: 'INTERNAL_SERVER_ERROR',
    message: 'Something failed on the server. Its log has the details; try again.',
    cause: error instanceof Error ? error : new Error(String(error)),
  });
}
