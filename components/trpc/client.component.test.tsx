import { useMutation, useQuery } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import { afterEach, expect, it, vi } from 'vitest';
import { ApiProvider, messageOf, useTRPC } from './client';

afterEach(() => vi.unstubAllGlobals());

function answerWith(body: unknown, status = 200) {
  const calls: { url: string; method: string }[] = [];
  vi.stubGlobal('fetch', async (url: string, init: RequestInit) => {
    calls.push({ url: String(url), method: init.method ?? 'GET' });
    expect(init.signal).toBeInstanceOf(AbortSignal);
    return new Response(JSON.stringify(body), { status, headers: { 'content-type': 'application/json' } });
  });
  return calls;
}

function Strategies() {
  const trpc = useTRPC();
  const query = useQuery(trpc.strategies.list.queryOptions());
  const halt = useMutation(trpc.trading.halt.mutationOptions());
  return (
    <>
      <p>{query.isError ? messageOf(query.error) : `${query.data?.strategies.length ?? 'no'} strategies`}</p>
      <button type="button" onClick={() => halt.mutate({ reason: '' })}>
        halt
      </button>
    </>
  );
}

const show = () =>
  render(
    <ApiProvider>
      <Strategies />
    </ApiProvider>,
  );

it('queries with GET and acts with POST, each with a time limit', async () => {
  const calls = answerWith([{ result: { data: { strategies: [] } } }]);
  show();
  await screen.findByText('0 strategies');
  screen.getByRole('button').click();
  await waitFor(() => expect(calls).toHaveLength(2));
  expect(calls.map(({ method }) => method)).toEqual(['GET', 'POST']);
  expect(calls[0]?.url).toMatch(/^\/api\/trpc\/strategies\.list\?batch=1/);
});

it("does not repeat a request that the server refused, and shows the server's words", async () => {
  const data = { code: 'FORBIDDEN', httpStatus: 403 };
  const calls = answerWith([{ error: { message: 'This needs the role admin.', code: -32_003, data } }], 403);
  show();
  await screen.findByText('This needs the role admin.');
  expect(calls).toHaveLength(1);
});
