import { z } from 'zod';

/** Every way in which this API says no. */
export const problemCodeSchema = z.enum([
  'BAD_REQUEST',
  'BAD_JSON',
  'IDEMPOTENCY_KEY_INVALID',
  'UNAUTHENTICATED',
  'FORBIDDEN',
  'NOT_FOUND',
  'METHOD_NOT_ALLOWED',
  'BODY_TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
  'VALIDATION_FAILED',
  'POLICY_REJECTED',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_IN_FLIGHT',
  'CONFLICT',
  'PRECONDITION_FAILED',
  'NOT_CANCELLABLE',
  'PROTECTIVE_STOP',
  'UNAVAILABLE',
  'INTERNAL',
]);
export type ProblemCode = z.output<typeof problemCodeSchema>;

/** One fault of a request: the field as a dotted path (`market_context.data_age_seconds`), and what is wrong with it. */
export const fieldErrorSchema = z.object({ field: z.string(), message: z.string() });
export type FieldError = z.output<typeof fieldErrorSchema>;

/** Body of every answer of 400 and above: RFC 9457, `application/problem+json`. */
export const problemSchema = z.looseObject({
  type: z.string(),
  title: z.string(),
  status: z.number().int().min(400).max(599),
  detail: z.string(),
  code: z.string(),
  errors: z.array(fieldErrorSchema).optional(),
  request_id: z.string().optional(),
});
export type Problem = z.output<typeof problemSchema>;
