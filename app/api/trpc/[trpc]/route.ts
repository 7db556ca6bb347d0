import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import { createApiContext } from '@/server/api/context';
import { withLimitedBody } from '@/server/api/limit-body';
import { appRouter } from '@/server/api/root';

export const dynamic = 'force-dynamic';

/** A page sends a few queries at once; no page needs more. */
const MAX_BATCH = 50;

function answer(request: Request): Promise<Response> {
  return fetchRequestHandler({
    endpoint: '/api/trpc',
    req: request,
    router: appRouter,
    maxBatchSize: MAX_BATCH,
    createContext: () => createApiContext(request.headers),
    responseMeta: () => ({
      headers: new Headers({ 'cache-control': 'no-store', 'x-content-type-options': 'nosniff' }),
    }),
    onError: ({ error, path }) => {
      if (error.code === 'INTERNAL_SERVER_ERROR' || error.code === 'SERVICE_UNAVAILABLE')
        console.error(`tRPC ${JSON.stringify(path ?? '?')}:`, error.cause ?? error);
    },
  });
}

function handler(request: Request): Promise<Response> {
  return withLimitedBody(request, answer);
}

export { handler as GET, handler as POST };
