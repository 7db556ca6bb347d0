import { createTRPCClient, httpBatchLink } from '@trpc/client';
import type { AppRouter } from '@/server/api/root';

export interface Timeouts {
  readonly queryMs: number;
  /** A halt waits on the server until the worker has acknowledged it. */
  readonly mutationMs: number;
}

const TIMEOUTS: Timeouts = { queryMs: 15_000, mutationMs: 30_000 };

/** `fetch` that gives up after `timeoutMs` with a TimeoutError, including the time to read the body. */
export function fetchWithin(timeoutMs: number, input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const timeout = AbortSignal.timeout(timeoutMs);
  return fetch(input, { ...init, signal: init.signal ? AbortSignal.any([init.signal, timeout]) : timeout });
}

/** The tRPC client of this page. Calls made in the same tick are sent as one request. */
export function createApiClient(url = '/api/trpc', { queryMs, mutationMs }: Timeouts = TIMEOUTS) {
  return createTRPCClient<AppRouter>({
    links: [
      httpBatchLink({
        url,
        maxURLLength: 4_000,
        fetch: (input, init = {}) =>
          fetchWithin(init.method === 'POST' ? mutationMs : queryMs, input, init as RequestInit),
      }),
    ],
  });
}
