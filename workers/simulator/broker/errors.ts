/** What explains a refusal beside its message. */
type ErrorDetails = Readonly<Record<string, string | readonly string[]>>;

/** A refusal in Alpaca's form: HTTP status and a body of `{code, message}` with whatever else explains it. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;
  readonly code: number;
  readonly details: ErrorDetails;

  constructor(status: number, code: number, message: string, details: ErrorDetails = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.details = details;
  }

  body(): object {
    return { code: this.code, message: this.message, ...this.details };
  }
}

/** 400: the body is not JSON. */
export const badBody = (): ApiError => new ApiError(400, 40010000, 'request body format is invalid');
/** 422: a field is missing or has an impossible value. */
export const badField = (message: string): ApiError => new ApiError(422, 40010001, message);
/** 422: well formed, but this broker does not take it. */
export const unprocessable = (message: string, details: ErrorDetails = {}): ApiError =>
  new ApiError(422, 42210000, message, details);
/** 403: the account may not do this. */
export const forbidden = (message: string, details: ErrorDetails = {}): ApiError =>
  new ApiError(403, 40310000, message, details);
/** 404: no such order, position, asset or path. */
export const notFound = (message: string): ApiError => new ApiError(404, 40410000, message);
