import { createTRPCClient, httpLink } from '@trpc/client';
import { z } from 'zod';
import type { AppRouter } from '@/server/api/root';

export type ConsoleClient = ReturnType<typeof createTRPCClient<AppRouter>>;

const csrfSchema = z.object({ csrfToken: z.string() });

/** The cookies that a browser would keep of this answer, as a Cookie header. */
function cookiesOf(response: Response, before = ''): string {
  const kept = new Map(before.split('; ').map((pair) => [pair.split('=')[0], pair]));
  for (const line of response.headers.getSetCookie()) {
    const pair = line.split(';')[0] ?? '';
    kept.set(pair.split('=')[0], pair);
  }
  return [...kept.values()].filter((pair) => pair !== '').join('; ');
}

/** Signs in over HTTP as a browser does. @returns its cookies, as a Cookie header. @throws Error when the sign-in is refused */
export async function signInCookies(url: string, email: string, password: string): Promise<string> {
  const asked = await fetch(`${url}/api/auth/csrf`);
  const { csrfToken } = csrfSchema.parse(await asked.json());
  const before = cookiesOf(asked);
  const answer = await fetch(`${url}/api/auth/callback/credentials`, {
    method: 'POST',
    redirect: 'manual',
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie: before, origin: url },
    body: new URLSearchParams({ csrfToken, email, password, json: 'true' }),
  });
  const cookie = cookiesOf(answer, before);
  if (!cookie.includes('countersign.session=')) throw new Error(`the sign-in was refused: ${answer.status}`);
  return cookie;
}

/** Signs in, and calls the console's procedures. @throws Error when the sign-in is refused */
export async function signIn(url: string, email: string, password: string): Promise<ConsoleClient> {
  const cookie = await signInCookies(url, email, password);
  const headers = { cookie, origin: url, 'sec-fetch-site': 'same-origin' };
  return createTRPCClient<AppRouter>({ links: [httpLink({ url: `${url}/api/trpc`, headers })] });
}
