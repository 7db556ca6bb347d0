import { TRPCError } from '@trpc/server';
import { CursorError } from '@/server/application/page';
import { isDatabaseUnavailable } from '@/server/composition/database-fault';
import { DecimalError } from '@/server/kernel/money';

/** What the console shows for an unexpected error: what to do, and never the database's own message. */
export function toApiError(error: unknown): TRPCError {
  if (error instanceof TRPCError) return error;
  if (error instanceof DecimalError)
    return new TRPCError({ code: 'BAD_REQUEST', message: error.message, cause: error });
  if (error instanceof CursorError) {
    const message = 'This is not a page of the list. Load the list from its start.';
    return new TRPCError({ code: 'BAD_REQUEST', message, cause: error });
  }
  if (isDatabaseUnavailable(error)) {
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
