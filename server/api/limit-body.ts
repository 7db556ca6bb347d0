import { randomUUID } from 'node:crypto';
import { ProblemError, problemResponse } from './rest/problem';
import { readLimited } from './rest/read-body';

/**
 * Reads the whole body, up to the limit, before passing the request on. For libraries that would read a body of any size.
 * Answers 413 beyond 64 kB.
 */
export async function withLimitedBody(
  request: Request,
  answer: (request: Request) => Promise<Response>,
): Promise<Response> {
  if (request.method !== 'POST') return answer(request);
  try {
    const { method, headers, signal } = request;
    const body = await readLimited(request);
    return await answer(new Request(request.url, { method, headers, signal, body }));
  } catch (error) {
    if (error instanceof ProblemError) return problemResponse(error, randomUUID());
    throw error;
  }
}
