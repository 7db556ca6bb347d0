import type { ContentfulStatusCode } from 'hono/utils/http-status';

/** A refusal in Alpaca's form: HTTP status and a body of `{code, message}` with whatever else explains it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: ContentfulStatusCode,
    readonly code: number,
    message: string,
    /** Members of the body beside code and message. */
    readonly details: Readonly<Record<string, unknown>> = {},
    readonly headers: Readonly<Record<string, string>> = {},
  ) {
    super(message);
  }

  body(): object {
    return { code: this.code, message: this.message, ...this.details };
  }
}

/** 400: the body is not JSON. */
export const badBody = (): ApiError => new ApiError(400, 40010000, 'request body format is invalid');
/** 422: a field is missing or has an impossible value. */
export const badField = (message: string): ApiError => new ApiError(422, 40010001, message);
/** 422: well formed, but Countersign does not do it. */
export const unsupported = (what: string): ApiError =>
  new ApiError(422, 42210000, `${what} not supported by Countersign`);
/** 403: the bot may not do this. */
export const forbidden = (message: string, details: Readonly<Record<string, unknown>> = {}): ApiError =>
  new ApiError(403, 40310000, message, details);
/** 404: no such order, position, asset or path. */
export const notFound = (message: string): ApiError => new ApiError(404, 40410000, message);
/** 503: nothing was stored; the same request may be repeated. */
export const unavailable = (message: string): ApiError =>
  new ApiError(503, 50310000, message, {}, { 'Retry-After': '1' });
