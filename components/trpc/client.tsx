'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import type { TRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import type { AppRouter } from '@/server/api/root';

/** Of what the library offers for a procedure, the part that this console has. */
type Offered<Procedure> = Procedure extends { readonly queryOptions: infer Options; readonly queryKey: infer Key }
  ? { readonly queryOptions: Options; readonly queryKey: Key }
  : Procedure extends { readonly mutationOptions: infer Options }
    ? { readonly mutationOptions: Options }
    : { readonly [Name in keyof Procedure]: Offered<Procedure[Name]> };

type Api = Offered<TRPCOptionsProxy<AppRouter>>;

type Path = readonly string[];

/** The first paint needs no request: the client is fetched with the first one. */
async function call(kind: 'query' | 'mutation', path: Path, input: unknown): Promise<unknown> {
  const { send } = await import('./http');
  return await send(kind, path.join('.'), input);
}

function queryKey(path: Path, input: unknown) {
  return [path, input === undefined ? { type: 'query' } : { input, type: 'query' }];
}

/** What each name at the end of a path makes. Keys have the form that @trpc/tanstack-react-query gives them. */
const MAKERS: Readonly<Record<string, (path: Path) => unknown>> = {
  queryKey: (path) => (input?: unknown) => queryKey(path, input),
  queryOptions: (path) => (input?: unknown, options?: object) => ({
    ...options,
    queryKey: queryKey(path, input),
    queryFn: () => call('query', path, input),
  }),
  mutationOptions: (path) => (options?: object) => ({
    ...options,
    mutationKey: [path],
    mutationFn: (input: unknown) => call('mutation', path, input),
  }),
};

function proxy(path: Path): unknown {
  return new Proxy(
    {},
    {
      get: (_, name) => {
        if (typeof name !== 'string') return undefined;
        const make = Object.hasOwn(MAKERS, name) ? MAKERS[name] : undefined;
        return make === undefined ? proxy([...path, name]) : make(path);
      },
    },
  );
}

const api = proxy([]) as Api;

/** The router's procedures as options for TanStack Query. */
export function useTRPC(): Api {
  return api;
}

interface AnsweredError extends Error {
  readonly data: { readonly code?: unknown } | null | undefined;
}

/** True for an error that the server answered with, as against one of the way there. */
function isAnswered(error: unknown): error is AnsweredError {
  return (
    error instanceof Error && error.name === 'TRPCClientError' && 'data' in error && typeof error.data === 'object'
  );
}

/** Refused requests are answers: only a failure of the way there is tried again. */
function shouldRetry(failures: number, error: unknown): boolean {
  return failures < 2 && !(isAnswered(error) && error.data !== null);
}

function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The stream says what is stale; a page that is opened asks once more, since its first data is as old as its HTML.
      queries: {
        staleTime: Number.POSITIVE_INFINITY,
        refetchOnMount: 'always',
        refetchOnWindowFocus: false,
        retry: shouldRetry,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  });
}

export function ApiProvider({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  return <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>;
}

/** What went wrong, in words that say what to do. */
export function messageOf(error: unknown): string {
  if (isAnswered(error) && error.data !== null && error.data !== undefined) {
    return error.data.code === 'UNAUTHORIZED' ? 'Your session has ended. Sign in again.' : error.message;
  }
  return 'The server cannot be reached. What is shown may be old; it is asked again by itself.';
}
