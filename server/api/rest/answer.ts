import type { ProblemCode } from '@/server/contracts/problem';
import type { Refusal } from '@/server/kernel/outcome';
import { ProblemError } from './problem';

/** A JSON answer that must not be cached; etag.ts has the cacheable ones. */
export function jsonAnswer(body: unknown, status = 200, headers: Readonly<Record<string, string>> = {}): Response {
  return textAnswer(JSON.stringify(body), status, headers);
}

/** An answer from text that is JSON already: a stored answer is repeated byte for byte. */
export function textAnswer(body: string, status: number, headers: Readonly<Record<string, string>> = {}): Response {
  const type = status >= 400 ? 'application/problem+json' : 'application/json';
  return new Response(body, { status, headers: { 'content-type': type, 'cache-control': 'no-store', ...headers } });
}

const CODE_OF_REFUSAL: Readonly<Record<Refusal['code'], ProblemCode>> = {
  NOT_FOUND: 'NOT_FOUND',
  CONFLICT: 'CONFLICT',
  EXPIRED: 'CONFLICT',
  POLICY: 'POLICY_REJECTED',
  SHOWN_HASH_CHANGED: 'CONFLICT',
  PRICE_MOVED: 'CONFLICT',
  ALREADY_DECIDED: 'CONFLICT',
  NOT_CANCELLABLE: 'NOT_CANCELLABLE',
  PROTECTIVE_STOP: 'PROTECTIVE_STOP',
  NOT_CLEAN: 'CONFLICT',
  OWN_REQUEST: 'CONFLICT',
  STEP_UP_NEEDED: 'CONFLICT',
  INVALID: 'VALIDATION_FAILED',
  UNAVAILABLE: 'UNAVAILABLE',
};

/** The problem answer for a refused command. */
export function refusalProblem(refusal: Refusal): ProblemError {
  return new ProblemError(CODE_OF_REFUSAL[refusal.code], refusal.message, {
    ...(refusal.fields === undefined ? {} : { errors: refusal.fields }),
    ...(refusal.reasons === undefined ? {} : { extra: { reasons: refusal.reasons } }),
    ...(refusal.code === 'UNAVAILABLE' ? { headers: { 'retry-after': '1' } } : {}),
  });
}
