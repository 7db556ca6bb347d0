'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { TRPCClientError } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import type { AppRouter } from '@/server/api/root';
import { createApiClient } from './http';

const { TRPCProvider, useTRPC } = createTRPCContext<AppRouter>();

/** The router's procedures as options for TanStack Query. */
export { useTRPC };

/** What the server answered with, as against a failure to reach it; null for the latter. */
function answerOf(error: unknown): { readonly code: string; readonly message: string } | null {
  if (!(error instanceof TRPCClientError)) return null;
  const { data, message } = error as TRPCClientError<AppRouter>;
  return data === null || data === undefined ? null : { code: data.code, message };
}

/** Whether a request failed without an answer of the server. */
export const isUnanswered = (error: unknown): boolean => answerOf(error) === null;

/** Only a request that got no answer is repeated. */
function shouldRetry(failures: number, error: unknown): boolean {
  return failures < 2 && isUnanswered(error);
}

function makeQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      // The event stream says what is stale. A page refetches when it opens: its first data is as old as its HTML.
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

/** Makes `useTRPC` and TanStack Query available to the console. */
export function ApiProvider({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [trpcClient] = useState(() => createApiClient());
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}

function isTimeout(error: unknown): boolean {
  return error instanceof TRPCClientError && error.cause?.name === 'TimeoutError';
}

/** What went wrong, in words that say what to do. */
export function messageOf(error: unknown): string {
  const answer = answerOf(error);
  if (answer !== null)
    return answer.code === 'UNAUTHORIZED' ? 'Your session has ended. Sign in again.' : answer.message;
  if (isTimeout(error))
    return 'The server did not answer in time. Before you repeat an action, check whether it took effect.';
  return 'The server cannot be reached. What is shown may be out of date; the console keeps trying.';
}
