import { TRPCError } from '@trpc/server';

/** Returns the value. @throws TRPCError NOT_FOUND naming `what` if it is null */
export function found<T>(value: T | null, what: string): T {
  if (value === null) throw new TRPCError({ code: 'NOT_FOUND', message: `There is no such ${what}.` });
  return value;
}
