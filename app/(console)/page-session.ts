import { TRPCError } from '@trpc/server';
import { headers } from 'next/headers';
import { notFound, redirect } from 'next/navigation';
import { cache } from 'react';
import { createApiContext } from '@/server/api/context';
import { createCaller } from '@/server/api/root';

/** Session and router caller of this request, once however many layouts and pages ask. Without a session: sign in. */
export const requirePage = cache(async () => {
  const context = await createApiContext(await headers());
  if (context.session === null) redirect('/signin');
  return { session: context.session, api: createCaller(context) };
});

/** The data, or the not-found page where there is no such thing or the address is no id. */
export async function orNotFound<T>(load: Promise<T>): Promise<T> {
  try {
    return await load;
  } catch (error) {
    if (error instanceof TRPCError && (error.code === 'NOT_FOUND' || error.code === 'BAD_REQUEST')) notFound();
    throw error;
  }
}

export type Search = Promise<Readonly<Record<string, string | readonly string[] | undefined>>>;

/** The address's parameters that were given once. */
export async function searchParams(search: Search): Promise<URLSearchParams> {
  return new URLSearchParams(
    Object.entries(await search).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  );
}
