import type { z } from 'zod';
import type { FieldError, Problem, ProblemCode } from '@/server/contracts/problem';

const STATUS: Readonly<Record<ProblemCode, readonly [status: number, title: string]>> = {
  BAD_REQUEST: [400, 'Bad request'],
  BAD_JSON: [400, 'The body is not valid JSON'],
  IDEMPOTENCY_KEY_INVALID: [400, 'Idempotency-Key is missing or invalid'],
  UNAUTHENTICATED: [401, 'A valid bearer token is required'],
  FORBIDDEN: [403, 'Not allowed'],
  NOT_FOUND: [404, 'Not found'],
  METHOD_NOT_ALLOWED: [405, 'Method not allowed'],
  BODY_TOO_LARGE: [413, 'The body is too large'],
  UNSUPPORTED_MEDIA_TYPE: [415, 'The body must be application/json'],
  VALIDATION_FAILED: [422, 'The request is not valid'],
  POLICY_REJECTED: [422, 'Rejected by policy'],
  IDEMPOTENCY_KEY_REUSED: [409, 'The key was used with another payload'],
  IDEMPOTENCY_IN_FLIGHT: [409, 'The first request with this key has not finished'],
  CONFLICT: [409, 'Conflicts with the current state'],
  PRECONDITION_FAILED: [412, 'Changed since it was read'],
  NOT_CANCELLABLE: [409, 'The order can no longer be cancelled'],
  PROTECTIVE_STOP: [409, 'The order protects a position'],
  UNAVAILABLE: [503, 'Temporarily unavailable'],
  INTERNAL: [500, 'Internal error'],
};

const MAX_FIELD_ERRORS = 50;

/** Thrown to answer a request with a problem. */
export class ProblemError extends Error {
  override readonly name = 'ProblemError';

  constructor(
    readonly code: ProblemCode,
    detail: string,
    readonly more: {
      readonly errors?: readonly FieldError[];
      readonly headers?: Readonly<Record<string, string>>;
      readonly extra?: Readonly<Record<string, unknown>>;
    } = {},
  ) {
    super(detail);
  }
}

/** Builds the `application/problem+json` answer for an error. */
export function problemResponse(error: ProblemError, requestId: string): Response {
  const [status, title] = STATUS[error.code];
  const problem: Problem = {
    type: `urn:countersign:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title,
    status,
    detail: error.message,
    code: error.code,
    ...(error.more.errors === undefined ? {} : { errors: [...error.more.errors] }),
    request_id: requestId,
  };
  return new Response(JSON.stringify({ ...problem, ...error.more.extra }), {
    status,
    headers: {
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
      'x-request-id': requestId,
      ...error.more.headers,
    },
  });
}

/** A 422 that names each invalid field by its dotted path; `whole` stands for the input as a whole. */
export function validationProblem(error: z.ZodError, whole = 'body'): ProblemError {
  const errors = error.issues.flatMap((issue) => fieldErrors(issue, whole)).slice(0, MAX_FIELD_ERRORS);
  const first = errors[0];
  const detail = first === undefined ? 'The request is not valid' : `${first.field}: ${first.message}`;
  return new ProblemError('VALIDATION_FAILED', detail, { errors });
}

function fieldErrors(issue: z.core.$ZodIssue, whole: string): FieldError[] {
  const path = issue.path.map((part) => String(part));
  const field = (parts: string[]) => parts.join('.').slice(0, 200) || whole;
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ field: field([...path, key]), message: 'is unknown' }));
  }
  return [{ field: field(path), message: issue.message }];
}
