import { QueryClient } from '@tanstack/react-query';
import { createTRPCClient, httpLink } from '@trpc/client';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { describe, expect, it } from 'vitest';
import type { AppRouter } from '@/server/api/root';
import { messageOf, useTRPC } from './client';

const library = createTRPCOptionsProxy<AppRouter>({
  client: createTRPCClient<AppRouter>({ links: [httpLink({ url: 'http://127.0.0.1:1' })] }),
  queryClient: new QueryClient(),
});

describe('the router as query options', () => {
  const api = useTRPC();

  it('gives the keys that the library gives', () => {
    expect(api.orders.list.queryKey({ group: 'working' })).toEqual(library.orders.list.queryKey({ group: 'working' }));
    expect(api.system.status.queryKey()).toEqual(library.system.status.queryKey());
    expect(api.orders.get.queryOptions({ id: 'x' }).queryKey).toEqual(
      library.orders.get.queryOptions({ id: 'x' }).queryKey,
    );
    expect(api.trading.halt.mutationOptions().mutationKey).toEqual(library.trading.halt.mutationOptions().mutationKey);
  });

  it('passes options through', () => {
    expect(api.system.detail.queryOptions(undefined, { refetchInterval: 5 })).toMatchObject({ refetchInterval: 5 });
  });
});

describe('messageOf', () => {
  const answered = (code: string) => Object.assign(new Error('words'), { name: 'TRPCClientError', data: { code } });

  it("shows the server's own words", () => {
    expect(messageOf(answered('FORBIDDEN'))).toBe('words');
  });

  it('asks to sign in when the session has ended', () => {
    expect(messageOf(answered('UNAUTHORIZED'))).toMatch(/Sign in again/);
  });

  it('does not show what a failed connection said', () => {
    expect(messageOf(new Error('ECONNREFUSED 10.0.0.7'))).toMatch(/cannot be reached/);
  });
});
