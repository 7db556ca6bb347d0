'use client';

import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { createTRPCClient, httpBatchLink, TRPCClientError } from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import { type ReactNode, useState } from 'react';
import type { AppRouter } from '@/server/api/root';

export const { TRPCProvider, useTRPC } = createTRPCContext<AppRouter>();

/** Refused requests are answers: only a failure of the way there is tried again. */
function shouldRetry(failures: number, error: unknown): boolean {
  if (failures >= 2) return false;
  return !(error instanceof TRPCClientError) || error.data === null || error.data === undefined;
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

function makeClient() {
  return createTRPCClient<AppRouter>({ links: [httpBatchLink({ url: '/api/trpc', maxURLLength: 4_000 })] });
}

export function ApiProvider({ children }: { readonly children: ReactNode }) {
  const [queryClient] = useState(makeQueryClient);
  const [client] = useState(makeClient);
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={client} queryClient={queryClient}>
        {children}
      </TRPCProvider>
    </QueryClientProvider>
  );
}

/** What went wrong, and the sign-in page when the session has ended. */
export function messageOf(error: unknown): string {
  if (error instanceof TRPCClientError) {
    if (error.data?.code === 'UNAUTHORIZED') return 'Your session has ended. Sign in again.';
    if (error.data !== null && error.data !== undefined) return error.message;
  }
  return 'The server cannot be reached. What is shown may be old; it is asked again by itself.';
}
