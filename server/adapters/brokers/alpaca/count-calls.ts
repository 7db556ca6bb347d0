import type { HttpClient } from './client';

export interface CallCounts {
  /** Requests that were meant to leave. */
  readonly requests: number;
  /** Time that they waited for the broker's rate limit, ms. */
  readonly waitedMs: number;
}

/** The same client, whose calls are counted. */
export function countCalls(http: HttpClient): { readonly http: HttpClient; readonly counts: () => CallCounts } {
  let requests = 0;
  let waitedMs = 0;
  const onWaited = (ms: number) => {
    waitedMs += ms;
  };
  const counting: HttpClient = {
    ...http,
    call(base, path, options) {
      requests += 1;
      return http.call(base, path, { ...options, onWaited });
    },
  };
  return { http: counting, counts: () => ({ requests, waitedMs }) };
}
