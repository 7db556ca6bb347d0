import { randomUUID } from 'node:crypto';
import { ProblemError, problemResponse } from './rest/problem';
import { readLimited } from './rest/read-body';

/**
 * Reads the body up to its limit before `answer` sees the request, which then has it whole. For libraries that would read
 * whatever a client sends. Answers 413 beyond 64 kB.
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
