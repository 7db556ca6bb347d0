import type { Broker } from '@/server/application/ports/broker';
import { createAlpacaBroker } from './broker';
import type { HttpClient } from './client';

/** The broker for whoever stops trading: every request goes before all others under the rate limit. */
export interface UrgentBroker {
  readonly broker: Broker;
  /** Requests sent so far. */
  readonly requests: () => number;
  /** The broker's rate limit as it is known; 0 is none. */
  readonly requestsPerMinute: () => number;
}

/** The same connection and limits as everybody's, at the priority of a cancel; a broker that did not answer lately is asked all the same. */
export function createUrgentBroker(http: HttpClient): UrgentBroker {
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
