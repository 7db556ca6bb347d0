import { z } from 'zod';
import type { Scope } from '@/server/contracts/access';
import { ALL_SYMBOLS } from '@/server/contracts/strategies';
import { symbolSchema } from '@/server/contracts/symbol';
import type { Actor } from '@/server/kernel/actor';
import { authenticate } from './authenticate';
import type { Input } from './input';
import { ProblemError } from './problem';
import type { RestServices } from './services';

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

/** Names of the variable parts of a path. */
export const pathNames = (path: string): readonly string[] =>
  [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');

/** A successful answer, for the OpenAPI description. */
export interface Described {
  readonly status: number;
  readonly description: string;
  readonly schema: z.ZodType;
}

/** What a handler receives: authenticated and validated. */
export interface Call<T> {
  readonly request: Request;
  readonly actor: Actor;
  readonly input: T;
  /** The `{id}` of the path, a UUID in lower case; empty for paths without one. */
  readonly id: string;
  /** The `{symbol}` of the path, upper-cased; empty for paths without one. */
  readonly symbol: string;
  /** The `{name}` of the path, unchecked; empty for paths without one. */
  readonly name: string;
  readonly services: RestServices;
}

interface Outline {
  readonly method: Method;
  /** As in OpenAPI: `/v1/orders/{id}`. */
  readonly path: string;
  readonly operationId: string;
  readonly summary: string;
  readonly scope: Scope;
  /** Required in addition to `scope`. */
  readonly alsoScope?: Scope;
  /** Requires an Idempotency-Key header. */
  readonly idempotent?: boolean;
  /** Answers with an ETag, and with 304 if the request names it (etag.ts). */
  readonly conditional?: boolean;
  /** `{symbol}` may also be `*`, which stands for all symbols. */
  readonly allSymbols?: boolean;
  readonly answers: readonly Described[];
}

interface Spec<T> extends Outline {
  readonly input: Input<T>;
  /** Problem statuses beyond those that method, path and input imply. */
  readonly problems?: readonly number[];
  /** Checks headers before the body is read. @throws ProblemError 4xx */
  readonly checkHeaders?: (headers: Headers) => void;
  readonly handle: (call: Call<T>) => Promise<Response>;
}

/** An endpoint as the request handler and the OpenAPI description use it. */
export interface Endpoint extends Outline {
  readonly inputKind: Input<unknown>['kind'];
  readonly inputSchema: z.ZodType | null;
  /** Status codes of the problems it may answer with, ascending. */
  readonly problems: readonly number[];
  /** Authenticates, reads, checks, then calls the handler. @throws ProblemError */
  readonly respond: (
    request: Request,
    parameters: Readonly<Record<string, string>>,
    services: RestServices,
    requestId: string,
  ) => Promise<Response>;
}

const uuidSchema = z.uuid().toLowerCase();

/** Defines an endpoint: its description and its handler in one place. */
export function endpoint<T>(spec: Spec<T>): Endpoint {
  const { input, handle, checkHeaders, problems = [], ...outline } = spec;
  return {
    ...outline,
    inputKind: input.kind,
    inputSchema: input.schema,
    problems: impliedProblems(spec, problems),
    respond: async (request, parameters, services, requestId) => {
      const actor = await authenticate(request, neededScopes(spec), services, requestId);
      const id = spec.path.includes('{id}') ? readId(parameters['id']) : '';
      const symbol = spec.path.includes('{symbol}') ? readSymbol(parameters['symbol'], spec.allSymbols === true) : '';
      const { name = '' } = parameters;
      checkHeaders?.(request.headers);
      return handle({ request, actor, input: await input.read(request), id, symbol, name, services });
    },
  };
}

/** All of them are required. */
export const neededScopes = ({ scope, alsoScope }: Pick<Outline, 'scope' | 'alsoScope'>): readonly Scope[] =>
  alsoScope === undefined ? [scope] : [scope, alsoScope];

function impliedProblems(
  spec: { path: string; input: Input<never> | Input<unknown> },
  own: readonly number[],
): readonly number[] {
  const all = new Set([401, 403, 500, 503, ...own]);
  if (spec.input.kind === 'body') for (const status of [400, 413, 415, 422]) all.add(status);
  if (spec.input.kind === 'query') all.add(422);
  if (spec.path.includes('{id}')) all.add(404);
  if (spec.path.includes('{symbol}')) for (const status of [404, 422]) all.add(status);
  return [...all].sort((a, b) => a - b);
}

/** An id that is not a UUID cannot exist: 404, not 422. */
function readId(id: string | undefined): string {
  const parsed = uuidSchema.safeParse(id);
  if (!parsed.success) throw new ProblemError('NOT_FOUND', 'There is nothing with that id');
  return parsed.data;
}

/** An invalid symbol is a 422; an unknown but valid one is the handler's 404. */
function readSymbol(text: string | undefined, all: boolean): string {
  if (all && text === ALL_SYMBOLS) return text;
  const parsed = symbolSchema.safeParse(text);
  if (parsed.success) return parsed.data;
  const message = parsed.error.issues[0]?.message ?? 'is not a symbol';
  throw new ProblemError('VALIDATION_FAILED', `symbol: ${message}`, { errors: [{ field: 'symbol', message }] });
}
