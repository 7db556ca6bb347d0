import type { Scope } from '@/server/contracts/access';
import type { Caller, GatewayServices } from './context';

/** A request of a bot: authenticated, allowed, its body read. */
export interface Call {
  readonly caller: Caller;
  readonly query: URLSearchParams;
  /** The variable part of the path; empty for a path without one. */
  readonly name: string;
  /** @throws ApiError 400 for a body that is not JSON */
  readonly body: () => Promise<unknown>;
  readonly services: GatewayServices;
}

export interface Answer {
  readonly status: 200 | 204 | 207;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One operation of the API. */
export interface Route {
  readonly method: 'GET' | 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  /** As Hono writes it; the variable part is `:name`. */
  readonly path: string;
  readonly scope: Scope;
  /** @throws ApiError for every refusal */
  readonly handle: (call: Call) => Promise<Answer>;
}
