import { createTRPCUntypedClient, httpBatchLink } from '@trpc/client';

const client = createTRPCUntypedClient({ links: [httpBatchLink({ url: '/api/trpc', maxURLLength: 4_000 })] });

/** Sends a call to the server; calls of one moment travel together. */
export async function send(kind: 'query' | 'mutation', path: string, input: unknown): Promise<unknown> {
  return kind === 'query' ? await client.query(path, input) : await client.mutation(path, input);
}
