import type { CallCounts, UrgentBroker } from '@/server/application/ports/broker-gateway';
import { createAlpacaBroker } from './broker';
import type { HttpClient } from './client';

/** The same client, with its calls counted. */
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

/** The same client, with every call at the priority of a cancel: ahead of all others, and not held back by the breaker. */
export function urgent(http: HttpClient): UrgentBroker {
  let requests = 0;
  const first: HttpClient = {
    ...http,
    call(base, path, options) {
      requests += 1;
      return http.call(base, path, { ...options, priority: 'cancel' });
    },
  };
  return {
    broker: createAlpacaBroker(first),
    requests: () => requests,
    requestsPerMinute: () => http.health().requestsPerMinute,
  };
}
