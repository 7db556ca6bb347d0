import { TRPCError } from '@trpc/server';
import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';
import { createApiContext } from '@/server/api/context';
import { createCaller } from '@/server/api/root';

/** Session and router caller of this request, cached across its layouts and pages. Redirects to sign-in without a session. */
export const requirePage = cache(async () => {
  const context = await createApiContext(await headers());
  if (context.session === null) redirect('/signin');
  return { session: context.session, api: createCaller(context) };
});

/** The data; the not-found page if the record does not exist or the address has no valid id. */
export async function orNotFound<T>(load: Promise<T>): Promise<T> {
  try {
    return await load;
  } catch (error) {
    if (error instanceof TRPCError && (error.code === 'NOT_FOUND' || error.code === 'BAD_REQUEST')) notFound();
    throw error;
  }
}

export type Search = Promise<Readonly<Record<string, string | readonly string[] | undefined>>>;

/** Query parameters that occur exactly once. */
export async function searchParams(search: Search): Promise<URLSearchParams> {
  return new URLSearchParams(
    Object.entries(await search).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}
